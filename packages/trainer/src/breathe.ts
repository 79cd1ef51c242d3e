let last = 0;

/** Lets timers, signals and messages of workers through, if they had to wait: a loop of promises alone starves them. */
export async function breathe(): Promise<void> {
  if (performance.now() - last < 20) return;
  await new Promise<void>((resume) => {
    if (typeof setImmediate === 'function') setImmediate(resume);
    else setTimeout(resume, 0);
  });
  last = performance.now();
}
