/** A fenced code block of a Markdown file. */
export interface CodeBlock {
  /** Path of the Markdown file, relative to the repository. */
  readonly file: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  /** First word after the fence, as `ts`; empty where there is none. */
  readonly language: string;
  /** What follows the language: a file name, `run`, `norun`. */
  readonly words: readonly string[];
  readonly code: string;
}

const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;

/** All fenced code blocks of a Markdown text, in order. */
export function codeBlocks(file: string, markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = markdown.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const [, indent, fence, info] = FENCE.exec(lines[i]!) ?? [];
    if (indent === undefined || fence === undefined || info === undefined) continue;
    const end = lines.findIndex((text, j) => j > i && text.trim() === fence);
    if (end < 0) throw new Error(`codeBlocks: every fence must be closed, got an open one in ${file}:${i + 1}.`);
    const [language = '', ...words] = info.trim().split(/\s+/);
    const code = lines.slice(i + 1, end).map((text) => text.slice(Math.min(indent.length, text.search(/\S|$/))));
    blocks.push({ file, line: i + 1, language, words, code: code.join('\n') });
    i = end;
  }
  return blocks;
}

/** Where a block stands, as an editor understands it. */
export const placeOf = ({ file, line }: CodeBlock): string => `${file}:${line}`;
