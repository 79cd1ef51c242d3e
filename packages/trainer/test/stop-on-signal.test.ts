import { spawn } from 'node:child_process';
import { SignalError, stopOnSignal } from '@resnet/trainer/node';
import { describe, expect, it } from 'vitest';

/** Runs a script that says "ready" and then sends itself what the test is about. */
async function run(script: string): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { stopOnSignal } from '@resnet/trainer/node';\n${script}`],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  return new Promise((resolve) =>
    child.once('close', (code, signal) => resolve({ code, signal, output: output.trim() })),
  );
}

describe('stopOnSignal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129], // a closed terminal
  ])('lets the process finish after a first %s, and tells the exit code %i', async (name, exitCode) => {
    const script = `
      const alive = setInterval(() => {}, 1000);
      const stop = stopOnSignal();
      stop.signal.addEventListener('abort', () => {
        console.log(stop.signal.reason.name, stop.signal.reason.signal);
        clearInterval(alive);
        process.exitCode = stop.exitCode;
        stop.release();
      });
      process.kill(process.pid, '${name}');`;
    expect(await run(script)).toEqual({ code: exitCode, signal: null, output: `SignalError ${name}` });
  });

  it.each([
    ['SIGINT', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGHUP', 'SIGTERM', 143],
  ])('leaves at once after %s and %s, with what is done at exit', async (first, second, exitCode) => {
    const script = `
      setInterval(() => {}, 1000);
      process.on('exit', () => console.log('restored'));
      const stop = stopOnSignal();
      stop.signal.addEventListener('abort', () => process.kill(process.pid, '${second}'));
      process.kill(process.pid, '${first}');`;
    expect(await run(script)).toEqual({ code: exitCode, signal: null, output: 'restored' });
  });

  it('is not hurried by the SIGHUP of a terminal that is closed after Ctrl-C', async () => {
    const script = `
      const alive = setInterval(() => {}, 1000);
      const stop = stopOnSignal();
      process.on('SIGHUP', () => {
        console.log('saved');
        clearInterval(alive);
        process.exitCode = stop.exitCode;
      });
      stop.signal.addEventListener('abort', () => process.kill(process.pid, 'SIGHUP'));
      process.kill(process.pid, 'SIGINT');`;
    expect(await run(script)).toEqual({ code: 130, signal: null, output: 'saved' });
  });

  it('after release leaves signals to what they did before', async () => {
    const script = `
      setInterval(() => {}, 1000);
      stopOnSignal().release();
      process.kill(process.pid, 'SIGTERM');`;
    expect(await run(script)).toMatchObject({ signal: 'SIGTERM' });
  });

  it('says nothing before a signal', () => {
    const stop = stopOnSignal({ on: () => {}, off: () => {}, exit: () => {} });
    expect(stop.signal.aborted).toBe(false);
    expect(stop.exitCode).toBeNull();
  });

  it('tells what to do next', () => {
    expect(new SignalError('SIGINT', 130).message).toMatch(/SIGINT.*Resume/);
  });
});
