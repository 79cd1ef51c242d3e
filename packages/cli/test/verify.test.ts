import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSafetensors, type SafeTensor, serializeSafetensors } from '@resnet/safetensors';
import { afterAll, describe, expect, it } from 'vitest';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`./fixtures/trajectory-${name}.safetensors`, import.meta.url));
const program = fileURLToPath(new URL('../bin/resnet.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const verify = (...args: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'verify', ...args], { encoding: 'utf8' });
  return { status, stdout, stderr, verdicts: args.includes('--json') && stdout ? JSON.parse(stdout) : undefined };
};

/** The recorded run with something changed in it. */
const changed = (change: (tensors: Map<string, SafeTensor>, metadata: Record<string, string>) => void): string => {
  const { tensors, metadata } = parseSafetensors(readFileSync(fixture('basic-C-decay-skips-1d')).slice());
  change(tensors, metadata);
  const path = join(folder, `${Math.random()}.safetensors`);
  writeFileSync(path, serializeSafetensors(tensors, metadata));
  return path;
};

const scale = (tensor: SafeTensor | undefined, factor: number) => {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('no such tensor');
  tensor.data.forEach((value, i, data) => {
    data[i] = value * factor;
  });
};

describe('resnet verify', () => {
  it('replays runs it has never seen: bottlenecks, A and C, Nesterov, decay on kernels only', () => {
    const files = [fixture('bottleneck-A-end-nesterov'), fixture('basic-C-decay-skips-1d')];
    const { status, verdicts } = verify(...files, '--backend', 'cpu', '--json');
    expect(verdicts).toHaveLength(2);
    for (const [i, verdict] of verdicts.entries()) {
      expect(verdict).toMatchObject({ file: files[i], backend: 'cpu', steps: 3, pass: true });
      expect(verdict.losses).toHaveLength(3);
      expect(verdict.maxLossDifference).toBeLessThan(1e-5);
      expect(verdict.maxWeightDifference).toBeLessThan(1e-5);
      expect(verdict.maxStatisticsDifference).toBeLessThan(1e-5);
      expect(verdict.maxLogitsDifference).toBeLessThan(1e-5);
    }
    expect(status).toBe(0);
  });

  it('passes the runs that come with it, in words', () => {
    const { status, stdout } = verify('--backend', 'simd');
    expect(stdout.match(/^pass {2}trajectory-resnet8-\S+ on simd: 6 steps/gm)).toHaveLength(2);
    expect(status).toBe(0);
  });

  it('fails on a wrong loss, weight, statistic, logit, rate, momentum rule or decay', () => {
    const wrong = [
      changed((tensors) => scale(tensors.get('losses'), 1.0002)),
      changed((tensors) => scale(tensors.get('final.layer1.0.conv1.weight'), 1.01)),
      changed((tensors) => scale(tensors.get('final.layer3.0.bn2.running_var'), 1.001)),
      changed((tensors) => scale(tensors.get('logits_eval'), 1.02)),
      changed((_, metadata) => Object.assign(metadata, { lr: '0.006' })),
      changed((_, metadata) => Object.assign(metadata, { nesterov: 'True' })),
      changed((_, metadata) => Object.assign(metadata, { weight_decay: '0.02' })),
      changed((_, metadata) => Object.assign(metadata, { decay_skips_1d: 'False' })),
    ];
    const { status, verdicts } = verify(...wrong, '--backend', 'simd', '--json');
    expect(verdicts.map(({ pass }: { pass: boolean }) => pass)).toEqual(wrong.map(() => false));
    expect(status).toBe(1);
  });

  it('says what a file lacks', () => {
    const noRate = changed((_, metadata) => delete metadata.lr);
    expect(verify(noRate, '--backend', 'cpu')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('must have lr'),
    });
    const noWeight = changed((tensors) => tensors.delete('init.fc.bias'));
    expect(verify(noWeight, '--backend', 'cpu').stderr).toContain('missing: fc.bias');
  });

  it.each([
    ['an unknown file', ['nowhere.safetensors'], 'nowhere.safetensors'],
    ['an unknown backend', ['--backend', 'sim'], "Did you mean 'simd'?"],
    ['an unknown option', ['--fast'], '--fast'],
  ])('exits with 2 for %s', (_, args, message) => {
    expect(verify(...args)).toMatchObject({ status: 2, stderr: expect.stringContaining(message) });
  });
});
