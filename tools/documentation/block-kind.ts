import type { CodeBlock } from './code-block';

/** What is done with a block: see each kind's check. */
export type BlockKind = 'script' | 'shell' | 'data' | 'text' | 'norun';

const kinds: Readonly<Record<string, BlockKind>> = {
  ts: 'script',
  js: 'script',
  sh: 'shell',
  yaml: 'data',
  json: 'data',
  text: 'text',
};

/**
 * How a block is tested. `norun` in its info string spares it, in sight of whoever reads the source.
 *
 * @throws Error for a language that has no test, so that nothing is passed over in silence.
 */
export function kindOf({ file, line, language, words }: CodeBlock): BlockKind {
  if (words.includes('norun')) return 'norun';
  const kind = kinds[language];
  if (kind) return kind;
  throw new Error(
    `${file}:${line}: a block must be one of ${Object.keys(kinds).join(', ')}, got '${language}'. ` +
      'Mark what is no code as text, and code that cannot run here with norun.',
  );
}

/** The file name that a block is given in its info string, if any. */
export const fileNameOf = ({ words }: CodeBlock): string | undefined => words.find((word) => word.includes('.'));
