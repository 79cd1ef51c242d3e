import ts from 'typescript';

/** A line that a script promises to print: the comment behind, or right below, a `console.log`. */
export interface Promised {
  readonly text: string;
  /** Within the script, from 1. */
  readonly line: number;
}

/** What the comments of `code` say will be printed. `…` stands for anything. */
export function promisedOutput(code: string): Promised[] {
  const source = ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.ES2022, true);
  const found: Promised[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isExpressionStatement(node) && isLog(node.expression)) {
      const text = commentAfter(code, node.end);
      if (text) found.push({ text, line: source.getLineAndCharacterOfPosition(node.end).line + 1 });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const isLog = (node: ts.Node): boolean =>
  ts.isCallExpression(node) && node.expression.getText().replace(/\s/g, '') === 'console.log';

/** The comment on the same line, else the one that is alone on the next. */
const commentAfter = (code: string, end: number): string | undefined =>
  /^[ \t]*(?:\n[ \t]*)?\/\/ (.*)/.exec(code.slice(end))?.[1]?.trim();

/**
 * The first promise that `output` does not keep, in order; null where all are kept.
 * Where the script prints in a loop, lines may stand between.
 */
export function brokenPromise(promised: readonly Promised[], output: string): Promised | null {
  const lines = output.split('\n').map((line) => line.trim());
  let from = 0;
  for (const promise of promised) {
    const pattern = asPattern(promise.text);
    const at = lines.findIndex((line, i) => i >= from && pattern.test(line));
    if (at < 0) return promise;
    from = at + 1;
  }
  return null;
}

const asPattern = (text: string): RegExp =>
  new RegExp(`^${text.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`); // biome-ignore format: one line
