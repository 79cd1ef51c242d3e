import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kindOf } from './block-kind';
import { checkCommand } from './check-command';
import { type CodeBlock, codeBlocks } from './code-block';
import { brokenPromise, promisedOutput } from './expected-output';
import { linksOf } from './links';
import { shellCommands } from './shell-command';
import { typeErrors } from './type-check';
import { createWorkspace, type Workspace } from './workspace';

const block = (language: string, code: string, words: string[] = []): CodeBlock => ({
  file: 'X.md',
  line: 7,
  language,
  words,
  code,
});

describe('codeBlocks', () => {
  it('finds blocks with their place, language and words', () => {
    const text = 'text\n\n```ts main.ts\nconst x = 1;\n```\n\n- item\n\n  ```sh run\n  ls\n    -l\n  ```\n';
    expect(codeBlocks('A.md', text)).toEqual([
      { file: 'A.md', line: 3, language: 'ts', words: ['main.ts'], code: 'const x = 1;' },
      { file: 'A.md', line: 9, language: 'sh', words: ['run'], code: 'ls\n  -l' },
    ]);
  });

  it('takes a longer fence for one block', () => {
    expect(codeBlocks('A.md', '````text\n```ts\n```\n````\n').map(({ code }) => code)).toEqual(['```ts\n```']);
  });

  it('refuses a block that is never closed', () => {
    expect(() => codeBlocks('A.md', 'a\n```ts\nb')).toThrow('A.md:2');
  });
});

describe('linksOf', () => {
  it('gives relative links, pictures too, and none of code or the web', () => {
    const text =
      '[a](a.md#x) ![b](figures/b.svg) [`c`](../c) [d](https://d.org) [e](#e) `[f](f)`\n```ts\n[g](g)\n```\n';
    expect(linksOf(text)).toEqual(['a.md', 'figures/b.svg', '../c']);
  });
});

describe('kindOf', () => {
  it.each([
    ['ts', [], 'script'],
    ['js', [], 'script'],
    ['sh', ['run'], 'shell'],
    ['yaml', [], 'data'],
    ['python', ['norun'], 'norun'],
    ['ts', ['norun'], 'norun'],
  ])('%s %j is %s', (language, words, kind) => expect(kindOf(block(language, '', words))).toBe(kind));

  it.each(['', 'python', 'bash'])("refuses '%s', which nothing tests", (language) => {
    expect(() => kindOf(block(language, ''))).toThrow('X.md:7');
  });
});

describe('promised output', () => {
  const code =
    "console.log(1); // 1\nfor (const x of [2]) {\n  console.log(\n    x,\n  ); // 2 … end\n}\nconsole.log('c')\n// c\n";

  it('is what stands behind or below a console.log', () => {
    expect(promisedOutput(code).map(({ text }) => text)).toEqual(['1', '2 … end', 'c']);
  });

  it('is kept in order, with other lines between', () => {
    expect(brokenPromise(promisedOutput(code), '0\n1\n2 and the end\n1\nc\n')).toBeNull();
  });

  it.each([
    ['1\nc\n2 and the end', 'c'],
    ['1\nc', '2 … end'],
    ['11\n2 and the end\nc', '1'],
    ['', '1'],
  ])('is broken by %j', (output, text) => {
    expect(brokenPromise(promisedOutput(code), output)?.text).toBe(text);
  });
});

describe('typeErrors', () => {
  it('finds the broken block and its line, and no other', { timeout: 60_000 }, () => {
    const good = block('ts', "import { constant } from '@resnet/schedulers';\nconst x: number = constant(1).rate(0);");
    const bad = { ...block('ts', "import { constant } from '@resnet/schedulers';\nconstant('1');"), line: 40 };
    expect([...typeErrors([good, bad])]).toEqual([['X.md:40', expect.stringContaining('X.md:42: Argument of type')]]);
  });
});

describe('a workspace', () => {
  let workspace: Workspace;
  beforeAll(() => {
    workspace = createWorkspace();
  });
  afterAll(() => workspace.remove());

  it('runs TypeScript that imports our packages', async () => {
    const code =
      "import { constant } from '@resnet/schedulers';\nconst rate: number = constant(3).rate(0);\nconsole.log(rate);";
    expect(await workspace.script(block('ts', code))).toMatchObject({ code: 0, stdout: '3\n' });
  });

  it.each([
    ["import { nothing } from '@resnet/schedulers';\nnothing();", 'does not provide an export'],
    ["throw new Error('broken');", 'broken'],
    ["await Promise.reject(new Error('later'));", 'later'],
  ])('reports a script that fails: %j', async (code, message) => {
    const outcome = await workspace.script(block('ts', code));
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain(message);
  });

  it.each(['false\ntrue', 'resnet summary nonet', 'cat missing | sort'])(
    'reports a shell block that fails: %j',
    async (code) => {
      expect((await workspace.shell(block('sh', code))).code).not.toBe(0);
    },
  );

  it('hands files from block to block', async () => {
    await workspace.script(block('js', "import { writeFileSync } from 'node:fs';\nwriteFileSync('a.txt', 'A');"));
    expect(await workspace.shell(block('sh', 'cat a.txt'))).toMatchObject({ code: 0, stdout: 'A' });
  });
});

describe('shellCommands', () => {
  it('splits lines, resolves quotes, drops comments, redirections and variables', () => {
    const code = "A=1 npm ci && npm test  # both\nresnet compare runs/a-* \\\n  --out 'my folder' > log.txt | sort\n";
    expect(shellCommands(code)).toEqual([
      ['npm', 'ci'],
      ['npm', 'test'],
      ['resnet', 'compare', 'runs/a-*', '--out', 'my folder'],
      ['sort'],
    ]);
  });
});

describe('checkCommand', () => {
  const place = { root: process.cwd(), folder: process.cwd() };
  const check = async (line: string) => {
    for (const command of shellCommands(line)) await checkCommand(command, place);
  };

  it.each([
    'npm ci && npm run quickstart',
    'npm test',
    'npm start -w examples/one-block',
    'npm install @resnet/trainer rxjs @tensorflow/tfjs-node-gpu',
    'npx resnet train cifar10 --model resnet56 --set schedule.base=0.05',
    'resnet --help',
    'npm run studies -- --preset quick --only degradation',
    'npm run reproduce -- --download --models resnet20',
  ])('takes %j', async (line) => {
    await expect(check(line)).resolves.toBeUndefined();
  });

  it.each([
    ['npm run nosuch', 'no such script'],
    ['npm install @resnet/nosuch', 'no such package'],
    ['npm publish', 'has no check'],
    ['rm -rf .', 'has no check'],
    ['npx nosuch', 'no such command'],
    ['resnet nosuch', 'no such command'],
    ['resnet train cifra10', 'cifra10'],
    ['resnet train cifar10 --modle resnet20', '--modle'],
    ['resnet train cifar10 --model resnet21', '21'],
    ['resnet train cifar10 --set shedule.base=1', 'schedule'],
    ['resnet train cifar10 --set model.shortcut=D', 'shortcut'],
    ['resnet export --format pdf', 'Allowed choices'],
    ['resnet predict', "missing required argument 'image'"],
    ['npm run studies -- --nosuch', 'unknown option'],
    ['resnet --hlep', 'no such command'],
    ['npm run reproduce -- --nosuch', 'takes no --nosuch'],
    ['npm run reproduce -- --down', 'takes no --down'],
    ['node nosuch.mjs', 'no such file'],
  ])('refuses %j', async (line, message) => {
    await expect(check(line)).rejects.toThrow(message);
  });
});
