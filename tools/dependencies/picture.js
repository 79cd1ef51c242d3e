import { Graphviz } from '@hpcc-js/wasm-graphviz';

/** @typedef {import('./read-packages.js').PackageFacts} PackageFacts */

/** From top to bottom. */
const layers = ['app', 'experiments', 'model', 'leaf'];

/** The picture of who imports whom, as an SVG that is readable in light and dark. @param {PackageFacts[]} packages */
export async function packagePicture(packages) {
  const graphviz = await Graphviz.load();
  return styled(graphviz.dot(graphOf(packages.filter(({ published }) => published)), 'svg'));
}

/** In the language of Graphviz. @param {PackageFacts[]} packages */
export function graphOf(packages) {
  const rows = layers.map((layer) => {
    const names = packages.filter((each) => each.layer === layer).map(({ name }) => `"${name}"`);
    return `{ rank=same; ${names.join('; ')} }`;
  });
  const edges = packages.flatMap(({ name, layer, imports }) =>
    imports.map((other) => `"${name}" -> "${other}" [class="${layer}"]`),
  );
  return `digraph {
    rankdir=TB; nodesep=0.25; ranksep=0.9; bgcolor=transparent;
    node [shape=box, style=rounded, fontname="system-ui,sans-serif", fontsize=15, height=0.45, margin="0.24,0.06"];
    edge [arrowsize=0.7];
    ${packages.map(({ name, layer }) => `"${name}" [class="${layer}"]`).join(';\n    ')};
    ${rows.join('\n    ')}
    ${edges.join(';\n    ')};
  }`;
}

const title = '<title>Who imports whom among the packages</title>';

const style = `<style>
text { fill: #1f2328; } path { stroke: #57606a; } polygon { stroke: #57606a; fill: #57606a; }
.app path { stroke: #8250df; } .app polygon { stroke: #8250df; fill: #8250df; }
.model path { stroke: #0969da; } .model polygon { stroke: #0969da; fill: #0969da; }
.edge.app path, .edge.app polygon { opacity: 0.6; }
.leaf path { stroke: #1a7f37; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.app path { stroke: #d2a8ff; } .app polygon { stroke: #d2a8ff; fill: #d2a8ff; }
.model path { stroke: #79c0ff; } .model polygon { stroke: #79c0ff; fill: #79c0ff; }
.leaf path { stroke: #7ee787; }
}
</style>`;

/** Graphviz writes colors into every element, where no style sheet could change them for the dark. @param {string} svg */
const styled = (svg) =>
  `${svg
    .slice(svg.indexOf('<svg'))
    .replaceAll(/ (?:fill="(?!none)[^"]*"|stroke="[^"]*")/g, '')
    .replace(/<svg[^>]*>/, (tag) => `${tag.replaceAll('\n', ' ').replace('>', ' role="img">')}\n${title}\n${style}`)
    .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
    .trim()}\n`;
