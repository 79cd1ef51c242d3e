import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileNameOf, kindOf } from './documentation/block-kind';
import { checkCommand } from './documentation/check-command';
import { checkData } from './documentation/check-data';
import { type CodeBlock, codeBlocks, placeOf } from './documentation/code-block';
import { brokenPromise, promisedOutput } from './documentation/expected-output';
import { linksOf } from './documentation/links';
import { shellCommands } from './documentation/shell-command';
import { typeErrors } from './documentation/type-check';
import { createWorkspace, type Workspace } from './documentation/workspace';
import { packAll, publishedFolders } from './publish/pack.js';

import { type Registry, serve } from './publish/registry';
import { writeImages } from './torture/images.js';

const foldersIn = (folder: string): string[] => readdirSync(folder).map((name) => join(folder, name));
const isMarkdown = (path: string): boolean => path.endsWith('.md');

/** Every document for readers; CHANGELOGs, tables that benchmarks write and the like are not. */
const documents = [
  'README.md',
  'CONTRIBUTING.md',
  'bench/README.md',
  'packages/testing/golden/README.md',
  'packages/cli/test/fixtures/README.md',
  ...[...foldersIn('packages'), ...foldersIn('examples')].map((folder) => join(folder, 'README.md')),
  ...foldersIn('docs').filter(isMarkdown),
];

const blocksOf = (file: string): CodeBlock[] => codeBlocks(file, readFileSync(file, 'utf8'));
const everyBlock = documents.flatMap(blocksOf);

describe('blocks that are not run', () => {
  it('are these', () => {
    const count: Record<string, number> = {};
    for (const block of everyBlock.filter((each) => kindOf(each) === 'norun')) {
      count[block.file] = (count[block.file] ?? 0) + 1;
    }
    // Two repositories side by side, photographs and ImageNet's weights; a page with a GPU; Python; an element of a page; programs and commands that mpirun starts.
    expect(count).toEqual({
      'README.md': 2,
      'docs/backends.md': 1,
      'docs/from-pytorch.md': 1,
      'docs/many-machines.md': 1,
      'packages/charts/README.md': 1,
      'packages/distributed/README.md': 2,
    });
  });
});

describe('TypeScript blocks', () => {
  it('have no type errors', { timeout: 120_000 }, () => {
    const blocks = everyBlock.filter((block) => block.language === 'ts' && kindOf(block) === 'script');
    expect([...typeErrors(blocks).values()]).toEqual([]);
  });
});

describe('links', () => {
  it.each(documents)('of %s lead to files', (file) => {
    const targets = linksOf(readFileSync(file, 'utf8')).map((target) => join(dirname(file), target));
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });
});

// Packages of our own as npm will have them: a reader of a package's README has an empty project and nothing else.
let registry: Registry;
const packed = mkdtempSync(join(tmpdir(), 'documentation-packed-'));
beforeAll(async () => {
  registry = await serve(packAll(packed));
  writeImages(join(packed, 'images'), { count: 240, sizes: [32] });
  execFileSync('tar', ['-czf', join(packed, 'images.tar.gz'), '-C', join(packed, 'images'), '.']);
}, 120_000);
afterAll(() => {
  registry.close();
  rmSync(packed, { recursive: true });
});
const isOfPackage = (file: string): boolean => publishedFolders.some((folder) => file === join(folder, 'README.md'));

const testedBlocksOf = (file: string): CodeBlock[] =>
  blocksOf(file).filter((block) => !['text', 'norun'].includes(kindOf(block)));

describe.each(documents.filter((file) => testedBlocksOf(file).length > 0))('%s', (file) => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = createWorkspace(isOfPackage(file) ? { registry: registry.url } : {});
    for (const name of ['cifar10', 'cifar-10-binary'])
      copyFileSync(join(packed, 'images.tar.gz'), join(workspace.folder, `${name}.tar.gz`));
  });
  afterAll(() => workspace.remove());

  const tests: Record<ReturnType<typeof kindOf>, (block: CodeBlock) => void | Promise<void>> = {
    script: (block) => runs(block, workspace),
    shell: (block) => canBeTyped(block, workspace),
    data: (block) => {
      const name = fileNameOf(block) ?? `block-${block.line}.${block.language}`;
      workspace.write(name, block.code);
      checkData(block, workspace.folder, name);
    },
    text: () => {},
    norun: () => {},
  };
  it.each(testedBlocksOf(file).map((block) => ({ block, name: `line ${block.line}: ${block.language}` })))(
    '$name',
    { timeout: 180_000 },
    async ({ block }) => tests[kindOf(block)](block),
  );
});

/** A script ends well and prints what its comments say. */
async function runs(block: CodeBlock, workspace: Workspace): Promise<void> {
  const { code, stdout, stderr } = await workspace.script(block, fileNameOf(block));
  expect(code, `${placeOf(block)} must run, got\n${stderr}`).toBe(0);
  const broken = brokenPromise(promisedOutput(block.code), stdout);
  expect(broken, `${placeOf(block)} printed\n${stdout}`).toBeNull();
}

/** Every command could be typed as it stands; those of READMEs, and those marked `run`, are typed. */
async function canBeTyped(block: CodeBlock, workspace: Workspace): Promise<void> {
  const place = { root: process.cwd(), folder: workspace.folder };
  for (const command of shellCommands(block.code)) await checkCommand(command, place);
  if (basename(block.file) !== 'README.md' && !block.words.includes('run')) return;
  const { code, stdout, stderr } = await workspace.shell(block);
  expect(code, `${placeOf(block)} must run, got\n${stdout}\n${stderr}`).toBe(0);
}
