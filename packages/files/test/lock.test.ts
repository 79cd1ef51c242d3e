import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import fs, {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, FileError, LockedError, lockHolder } from '@resnet/files';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

/** What a lock file of this host and PID namespace says, the process apart. */
const here = { host: hostname(), namespace: readlinkSync('/proc/self/ns/pid'), started: 'x' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const import_ = "import { acquireLock } from '@resnet/files';";

/** A process that takes the lock, says so, and waits. */
async function holder(then = 'setInterval(() => {}, 1000)'): Promise<ChildProcess> {
  const script = `${import_} try { acquireLock(${JSON.stringify(join(folder, 'lock'))}); console.log('held'); ${then} } catch (e) { console.log(e.name); }`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
}

const firstLine = (child: ChildProcess) =>
  new Promise<string>((resolve) => child.stdout?.once('data', (data) => resolve(String(data).trim())));
const exit = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

describe('acquireLock', () => {
  it('refuses a second writer and names the first', async () => {
    const child = await holder();
    expect(await firstLine(child)).toBe('held');
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(LockedError);
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(`process ${child.pid} `);
    expect(lockHolder(join(folder, 'lock'))?.pid).toBe(child.pid);
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
    expect(lockHolder(join(folder, 'lock'))).toBeNull();
    const lock = acquireLock(join(folder, 'lock'));
    expect(lockHolder(join(folder, 'lock'))?.pid).toBe(process.pid);
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
    const lock = acquireLock(join(folder, 'lock'));
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(`process ${process.pid} `);
    lock.release();
    acquireLock(join(folder, 'lock')).release();
  });

  it('knows a process id that was given again', () => {
    const pid = process.pid;
    writeFileSync(join(folder, 'lock.7'), JSON.stringify({ ...here, pid, started: 'long ago' }));
    const lock = acquireLock(join(folder, 'lock'));
    expect(readdirSync(folder)).toEqual(['lock.8']);
    lock.release();
  });

  it('does not judge a process on another host, or in another PID namespace', () => {
    writeFileSync(join(folder, 'lock.1'), JSON.stringify({ pid: 1, host: 'elsewhere', started: null }));
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(/lock\.1 must be free.*process 1 on host elsewhere/);
    const inContainer = { pid: 2 ** 22 + 1, host: hostname(), namespace: 'pid:[1]', started: null };
    writeFileSync(join(folder, 'lock.1'), JSON.stringify(inContainer));
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(/in the namespace pid:\[1\]/);
  });

  it('waits for an empty file to be filled, but not for ever', () => {
    const path = join(folder, 'lock.1');
    writeFileSync(path, '');
    expect(() => acquireLock(join(folder, 'lock'))).toThrow('a process that is just starting');
    utimesSync(path, new Date(0), new Date(0));
    acquireLock(join(folder, 'lock')).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes an empty file of the future for a stale one: the clock was set back', () => {
    const path = join(folder, 'lock.1');
    writeFileSync(path, '');
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(path, tomorrow, tomorrow);
    acquireLock(join(folder, 'lock')).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['9007199254740991', '9007199254740992', '9'.repeat(200)])('says that no number comes after %s', (number) => {
    const dead = { ...here, pid: 2 ** 22 + 1 };
    writeFileSync(join(folder, `lock.${number}`), JSON.stringify(dead));
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(
      /lock\.9+.* must have a number that can be raised.*Delete it if no process writes there/,
    );
  });

  it.each([
    ['a folder', (path: string) => mkdirSync(path), 'a folder'],
    ['a link', (path: string) => symlinkSync('nowhere', path), 'a link'],
    ['a pipe', (path: string) => execFileSync('mkfifo', [path]), 'a pipe'],
  ])('says what to do about a lock that is %s', (_, make, reason) => {
    make(join(folder, 'lock.1'));
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(FileError);
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(
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
    expect(() => acquireLock(join(folder, 'lock'))).toThrow(/must be writable, got EIO/);
    disk.restore();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('fails nothing when it cannot be removed, and tries again', () => {
    const lock = acquireLock(join(folder, 'lock'));
    const disk = failing('rmSync');
    lock.release();
    disk.restore();
    expect(readdirSync(folder)).toEqual(['lock.1']);
    lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  // Two containers of one machine may have one host name, and each a process 1. Needs the right to make a namespace.
  it.skipIf(spawnSync('unshare', ['--pid', '--fork', 'true']).status !== 0)(
    'keeps out a process of another PID namespace, and is kept out by one',
    async () => {
      const script = `${import_} try { acquireLock(${JSON.stringify(join(folder, 'lock'))}); console.log('held'); setInterval(() => {}, 1000); } catch (e) { console.log(e.name); }`;
      const inside = ['--pid', '--fork', '--kill-child', process.execPath, '--input-type=module', '-e', script];
      const mine = acquireLock(join(folder, 'lock'));
      const refused = spawn('unshare', inside, { stdio: ['ignore', 'pipe', 'inherit'] });
      expect(await firstLine(refused)).toBe('LockedError');
      mine.release();
      const other = spawn('unshare', inside, { stdio: ['ignore', 'pipe', 'inherit'] });
      expect(await firstLine(other)).toBe('held');
      expect(() => acquireLock(join(folder, 'lock'))).toThrow(LockedError);
      const gone = exit(other);
      other.kill('SIGKILL');
      await gone;
    },
  );

  it('has one winner among processes that start together, fresh and over a dead one’s file', async () => {
    for (const stale of [false, true]) {
      if (stale) writeFileSync(join(folder, 'lock.3'), JSON.stringify({ ...here, pid: 2 ** 22 + 1 }));
      const children = await Promise.all(Array.from({ length: 4 }, () => holder()));
      const said = await Promise.all(children.map(firstLine));
      expect(said.sort()).toEqual(['LockedError', 'LockedError', 'LockedError', 'held']);
      const gone = Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? exit(child)));
      for (const child of children) child.kill('SIGKILL');
      await gone;
    }
  });

  it('says what to do about a folder that cannot be written', () => {
    if (process.getuid?.() !== 0) {
      execFileSync('chmod', ['a-w', folder]);
      expect(() => acquireLock(join(folder, 'lock'))).toThrow('must be writable');
      execFileSync('chmod', ['u+w', folder]);
    } else {
      // Root may write anywhere but here.
      expect(() => acquireLock('/proc/self/lock')).toThrow('must be writable');
    }
  });
});
