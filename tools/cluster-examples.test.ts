import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

// Slurm's and Kubernetes' own tools accept these files: `sbatch --test-only` of Slurm 22.05, Kubernetes' schema of 1.37 and the schema of the
// MPI operator's v2beta1, when they were written. Here: that they are still what they were, and call the command as it is.

const folder = 'examples/cluster';
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const jobs = readdirSync(folder).filter((name) => name !== 'README.md');

describe.each(jobs)('%s', (name) => {
  it('calls resnet train with flags that it has', () => {
    const help = execFileSync(process.execPath, ['packages/cli/bin/resnet.js', 'train', '--help'], {
      encoding: 'utf8',
    });
    const calls = read(name).match(/npx resnet train .*/g) ?? [];
    expect(calls).toHaveLength(2);
    const flags = calls.flatMap((call) => call.match(/--[a-z-]+/g) ?? []);
    expect(flags.filter((flag) => !help.includes(flag))).toEqual([]);
  });

  it.runIf(name.endsWith('.sh'))('is a script of bash', () => {
    expect(spawnSync('bash', ['-n', join(folder, name)], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(read(name)).toMatch(/^#!\/bin\/bash\n#SBATCH /);
  });
});

it('seeds are an indexed job', () => {
  const { spec, ...job } = parse(read('kubernetes-seeds.yaml'));
  expect(job).toMatchObject({ apiVersion: 'batch/v1', kind: 'Job' });
  expect(spec).toMatchObject({
    completionMode: 'Indexed',
    completions: 5,
    template: { spec: { restartPolicy: 'Never' } },
  });
});

it('processes are a job of the MPI operator, one for each worker', () => {
  const { spec, ...job } = parse(read('kubernetes-train.yaml'));
  expect(job).toMatchObject({ apiVersion: 'kubeflow.org/v2beta1', kind: 'MPIJob' });
  const { Launcher, Worker } = spec.mpiReplicaSpecs;
  expect(Launcher.template.spec.containers[0].args[0]).toContain(`-n ${Worker.replicas * spec.slotsPerWorker} npx`);
  expect(Worker.template.spec.volumes).toEqual(Launcher.template.spec.volumes);
});
