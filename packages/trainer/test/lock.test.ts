import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import fs, { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { TrainError } from '@resnet/trainer';
import { lockHolder, lockRun, RunLockedError } from '@resnet/trainer/node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const import_ = "import { lockRun } from '@resnet/trainer/node';";

/** A process that takes the lock, says so, and waits. */
async function holder(then = 'setInterval(() => {}, 1000)'): Promise<ChildProcess> {
  const script = `${import_} try { lockRun(${JSON.stringify(folder)}); console.log('held'); ${then} } catch (e) { console.log(e.name); }`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data).trim())));
const exit = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

describe('lockRun', () => {
  it('refuses a second writer and names the first', async () => {
    const child = await holder();
    expect(await firstLine(child)).toBe('held');
    expect(() => lockRun(folder)).toThrow(RunLockedError);
    expect(() => lockRun(folder)).toThrow(`process ${child.pid} `);
    expect(lockHolder(folder)?.pid).toBe(child.pid);
    const gone = exit(child);
    child.kill('SIGKILL');
    await gone;
  });

  it('takes over from a killed process and leaves only its own file', async () => {
    const child = await holder();
    await firstLine(child);
    const gone = exit(child);
    child.kill('SIGKILL');
    await gone;
    expect(lockHolder(folder)).toBeNull();
    const lock = lockRun(folder);
    expect(lockHolder(folder)?.pid).toBe(process.pid);
    expect(readdirSync(folder)).toHaveLength(1);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['', 'process.exit(3)', 'throw new Error("on purpose")'])(
    'is released when the process ends by %j',
    async (how) => {
      const child = await holder(how);
      await exit(child);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('refuses a second lock within the process', () => {
    const lock = lockRun(folder);
    expect(() => lockRun(folder)).toThrow(`process ${process.pid} `);
    lock.release();
    lockRun(folder).release();
  });

  it('knows a process id that was given again', () => {
    const pid = process.pid;
    writeFileSync(join(folder, 'lock.7'), JSON.stringify({ pid, host: hostname(), started: 'long ago' }));
    const lock = lockRun(folder);
    expect(readdirSync(folder)).toEqual(['lock.8']);
    lock.release();
  });

  it('does not judge a process on another host', () => {
    writeFileSync(join(folder, 'lock.1'), JSON.stringify({ pid: 1, host: 'elsewhere', started: null }));
    expect(() => lockRun(folder)).toThrow(/process 1 on host elsewhere.*lock\.1/);
  });

  it('waits for an empty file to be filled, but not for ever', () => {
    const path = join(folder, 'lock.1');
    writeFileSync(path, '');
    expect(() => lockRun(folder)).toThrow('a process that is just starting');
    utimesSync(path, new Date(0), new Date(0));
    lockRun(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes an empty file of the future for a stale one: the clock was set back', () => {
    const path = join(folder, 'lock.1');
    writeFileSync(path, '');
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(path, tomorrow, tomorrow);
    lockRun(folder).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['9007199254740991', '9007199254740992', '9'.repeat(200)])('says that no number comes after %s', (number) => {
    const dead = { pid: 2 ** 22 + 1, host: hostname(), started: 'x' };
    writeFileSync(join(folder, `lock.${number}`), JSON.stringify(dead));
    expect(() => lockRun(folder)).toThrow(
      /must have one after it, got .*lock\.9.*Delete it if no process writes the run/,
    );
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'something else'],
    ['a link to nothing', (path: string) => symlinkSync('nowhere', path), 'ENOENT'],
  ])('says what to do about a lock that is %s', (_, make, reason) => {
    make(join(folder, 'lock.1'));
    expect(() => lockRun(folder)).toThrow(TrainError);
    expect(() => lockRun(folder)).toThrow(
      new RegExp(`lock.1 must be a file that can be read, got ${reason}.*Delete it`),
    );
  });

  /** Lets a call of Node's file system fail until `restore` is called. */
  function failing(call: 'rmSync' | 'writeFileSync'): { restore: () => void } {
    vi.spyOn(fs, call).mockImplementation(() => {
      throw new Error('EIO: i/o error');
    });
    syncBuiltinESMExports();
    const restore = () => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    };
    return { restore };
  }

  it('leaves no lock that it could not fill', () => {
    const disk = failing('writeFileSync');
    expect(() => lockRun(folder)).toThrow(/must be writable, got Error: EIO/);
    disk.restore();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('fails nothing when it cannot be removed, and tries again', () => {
    const lock = lockRun(folder);
    const disk = failing('rmSync');
    lock.release();
    disk.restore();
    expect(readdirSync(folder)).toEqual(['lock.1']);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('has one winner among processes that start together, fresh and over a dead one’s file', async () => {
    for (const stale of [false, true]) {
      if (stale)
        writeFileSync(join(folder, 'lock.3'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), started: 'x' }));
      const children = await Promise.all(Array.from({ length: 4 }, () => holder()));
      const said = await Promise.all(children.map(firstLine));
      expect(said.sort()).toEqual(['RunLockedError', 'RunLockedError', 'RunLockedError', 'held']);
      const gone = Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? exit(child)));
      for (const child of children) child.kill('SIGKILL');
      await gone;
    }
  });

  it('says what to do about a folder that cannot be written', () => {
    if (process.getuid?.() !== 0) {
      execFileSync('chmod', ['a-w', folder]);
      expect(() => lockRun(folder)).toThrow('must be writable');
      execFileSync('chmod', ['u+w', folder]);
    } else {
      // Root may write anywhere but here.
      expect(() => lockRun('/proc/self')).toThrow('must be writable');
    }
  });
});
