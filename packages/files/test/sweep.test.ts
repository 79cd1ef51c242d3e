import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isTemporary, sweepAbandoned, sweeper, temporaryName } from '@resnet/files';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './support';

/** A temporary name of a process that has ended, made in another PID namespace if asked. */
function abandonedName(path: string, ...launcher: string[]): string {
  const script = `import { temporaryName } from '@resnet/files'; console.log(temporaryName(${JSON.stringify(path)}))`;
  const [program, ...args] = [...launcher, process.execPath, '--input-type=module', '-e', script];
  return execFileSync(program!, args, { encoding: 'utf8' }).trim();
}

const unshare = ['unshare', '--pid', '--fork'];
const canUnshare = spawnSync(unshare[0]!, [...unshare.slice(1), 'true']).status === 0;

describe('temporaryName', () => {
  it('is never the same twice, and known as one', () => {
    const names = Array.from({ length: 100 }, () => temporaryName('/a/b'));
    expect(new Set(names).size).toBe(100);
    expect(names.every((name) => name.startsWith('/a/b.') && isTemporary(name))).toBe(true);
    expect(['b.tmp', 'b.1-2-3-4.tmp', 'b.12345678.tmp', 'notes.txt'].some(isTemporary)).toBe(false);
  });
});

describe('sweepAbandoned', () => {
  it('removes what ended processes left, files and folders, and nothing else', async () => {
    const folder = temporaryFolder();
    const mine = temporaryName(join(folder, 'a'));
    writeFileSync(mine, '');
    writeFileSync(join(folder, 'notes.tmp'), '');
    const left = abandonedName(join(folder, 'b'));
    mkdirSync(left);
    writeFileSync(join(left, 'half'), '');
    writeFileSync(abandonedName(join(folder, 'c')), '');
    sweepAbandoned(folder);
    expect(
      readdirSync(folder)
        .map((name) => join(folder, name))
        .sort(),
    ).toEqual([mine, join(folder, 'notes.tmp')].sort());
  });

  it.skipIf(!canUnshare)('leaves what a process of another PID namespace writes, until it is a day old', async () => {
    const folder = temporaryFolder();
    const theirs = abandonedName(join(folder, 'a'), ...unshare);
    writeFileSync(theirs, '');
    sweepAbandoned(folder);
    expect(readdirSync(folder)).toHaveLength(1);
    const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(theirs, twoDaysAgo, twoDaysAgo);
    sweepAbandoned(folder);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('does not follow a folder that is a link, and never fails', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'theirs'));
    writeFileSync(abandonedName(join(folder, 'theirs', 'a')), '');
    symlinkSync('theirs', join(folder, 'link'));
    sweepAbandoned(join(folder, 'link'));
    expect(readdirSync(join(folder, 'theirs'))).toHaveLength(1);
    sweepAbandoned(join(folder, 'none'));
    sweepAbandoned('/proc/self/mem');
  });

  // The cache of several users: what is another's, in a folder with the sticky bit, cannot be removed. Needs root to play two users.
  it.skipIf(process.getuid?.() !== 0)('fails nothing where it may not remove', async () => {
    const folder = mkdtempSync('/var/tmp/resnet-files-');
    execFileSync('chmod', ['1777', folder]);
    writeFileSync(abandonedName(join(folder, 'a')), '');
    const script = `import { sweepAbandoned } from '@resnet/files'; process.setuid(65534); sweepAbandoned(${JSON.stringify(folder)}); console.log('fine');`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    expect(stdout).toBe('fine\n');
    expect(readdirSync(folder)).toHaveLength(1);
    execFileSync('rm', ['-r', folder]);
  });
});

describe('sweeper', () => {
  it('removes what is chosen, and tells once of what stays', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old'), '');
    mkdirSync(join(folder, 'older'));
    const said: string[] = [];
    const sweep = sweeper(folder, { who: 'test' });
    for (let i = 0; i < 2; i++)
      await sweep(
        (names) => names.filter((name) => name.startsWith('old')),
        (line) => said.push(line),
      );
    expect(readdirSync(folder)).toEqual(['older']);
    expect(said).toEqual([
      expect.stringMatching(/^test: .*older must be removable, got E.* Nothing else is affected\.$/),
    ]);
  });

  it('leaves what a linked folder holds', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'theirs'));
    writeFileSync(join(folder, 'theirs', 'precious'), '');
    symlinkSync('theirs', join(folder, 'link'));
    const said: string[] = [];
    await sweeper(join(folder, 'link'))(
      (names) => names,
      (line) => said.push(line),
    );
    expect(readdirSync(join(folder, 'theirs'))).toEqual(['precious']);
    expect(said).toEqual([
      expect.stringContaining(
        'link must be a folder and no link, got a link. Move it away, or name its target. Nothing else is affected.',
      ),
    ]);
  });
});
