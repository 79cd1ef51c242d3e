import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<string, { permissions?: unknown; steps: Step[]; strategy?: { matrix: { node: number[] } } }>
  >;
}

const folder = '.github/workflows';
const read = (file: string) => parse(readFileSync(join(folder, file), 'utf8')) as Workflow;
const runs = (steps: readonly Step[]) => steps.flatMap(({ run }) => (run ? [run] : []));

describe.each(readdirSync(folder))('%s', (file) => {
  const { permissions, jobs } = read(file);

  it('pins every action to a commit', () => {
    const actions = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect(actions.length).toBeGreaterThan(0);
    expect(actions.filter((action) => !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(action))).toEqual([]);
  });

  it('may only read, where a job says nothing else', () => {
    expect(permissions).toEqual({ contents: 'read' });
  });
});

it('ci runs the two commands of the README on every Node that is supported', () => {
  const { steps, strategy } = read('ci.yml').jobs.test!;
  expect(strategy?.matrix.node).toEqual([20, 22, 24]);
  expect(runs(steps)).toEqual(['npm ci', 'npm test']);
});

it('a release is asked for, tested, signed, and tagged', () => {
  const { on, jobs } = read('release.yml');
  expect(on).toBe('workflow_dispatch');
  expect(runs(jobs.native!.steps)).toEqual([
    'apk add --no-cache g++',
    'npm ci',
    'npx nx run-many -t build',
    expect.stringMatching(/^npm run test:native -w packages\/backend -- --platform/),
    'npx vitest run packages/backend/test/simd',
  ]);
  expect(jobs.publish!.permissions).toEqual({ contents: 'write', 'id-token': 'write' });
  expect(runs(jobs.publish!.steps)).toEqual(['npm ci', 'npm test', 'npm run release', 'git push --tags']);
});

it('a release may tag where git knows nobody, as on a fresh runner', () => {
  const { env } = read('release.yml').jobs.publish!.steps.find(({ run }) => run === 'npm run release')!;
  const nobody = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  // Who the tag is by; git must take nothing from the machine's own names.
  const ask = ['-c', 'user.useConfigOnly=true', 'var', 'GIT_COMMITTER_IDENT'];
  const isKnown = (who: NodeJS.ProcessEnv) => spawnSync('git', ask, { cwd: tmpdir(), env: who }).status === 0;
  expect([isKnown(nobody), isKnown({ ...nobody, ...env })]).toEqual([false, true]);
});
