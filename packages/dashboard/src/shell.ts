/** The page that follows a server; everything on it is made by its script. */
export const liveShell = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>resnet dashboard</title><link rel="icon" href="data:,"><link rel="stylesheet" href="app.css"></head>
<body><noscript>The dashboard needs scripts. \`resnet runs\` and each run's report.html do not.</noscript><main id="dashboard"></main><script src="app.js"></script></body></html>
`;
