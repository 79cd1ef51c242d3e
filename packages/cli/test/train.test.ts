import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createModel } from '@resnet/models';
import { saveWeights } from '@resnet/models/node';
import { createRun } from '@resnet/trainer/node';
import { describe, expect, it } from 'vitest';
import { shapesFolder } from '../../experiments/test/shapes-folder';
import { emptyFolder, resnet } from './command';

const small = ['shapes10', '--model', 'resnet8', '--batch-size', '32', '--set', 'validateEvery=0', '--hold-out', '0'];

describe('resnet train', () => {
  it('trains, prints one JSON object on stdout, and leaves a run that can be evaluated', async () => {
    const out = join(emptyFolder(), 'run');
    const { code, stdout, stderr } = await resnet([
      'train',
      ...small,
      '--steps',
      '6',
      '--milestones',
      '3',
      '--out',
      out,
      '--json',
    ]);
    expect(stderr).toContain('backend:');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    // The CIFAR net of one block a stage: 3·3·3·16 + 2·9·16² + 9·16·32 + 9·32² + 9·32·64 + 9·64² + 650, and 2·(3·16 + 2·32 + 2·64) for BN.
    expect(result).toMatchObject({
      model: 'resnet8',
      shortcut: 'A',
      parameters: 75_290,
      steps: 6,
      seed: 0,
      validationError: null,
    });
    expect(result.testError).toBeGreaterThan(0);
    expect(result.testError).toBeLessThanOrEqual(1);
    expect(JSON.parse(readFileSync(join(out, 'result.json'), 'utf8'))).toMatchObject({ steps: 6 });

    const evaluated = await resnet(['evaluate', '--run', out, '--json']);
    const { top1, images } = JSON.parse(evaluated.stdout);
    expect(images).toBe(2000);
    expect(1 - top1).toBeCloseTo(result.testError, 9);
  }, 120_000);

  it('says what to do where no images are left to measure the result on', async () => {
    const pictures = join(await shapesFolder({ train: 20, test: 10 }), 'train');
    const weights = join(emptyFolder(), 'net.safetensors');
    await saveWeights(createModel('resnet8', { seed: 1 }), weights);
    const { code, stderr } = await resnet(['evaluate', '--weights', weights, '--image-size', '32', '--data', pictures]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('got train alone. Move some of each class to test/CLASS/'),
    ]);
  }, 120_000);

  it('goes on with the images that it began with, and with no others', async () => {
    const [pictures, out] = [await shapesFolder({ train: 40, test: 10 }), join(emptyFolder(), 'run')];
    const args = ['train', ...small, '--data', pictures, '--steps', '2', '--milestones', '1', '--out', out];
    expect((await resnet(args)).code).toBe(0);
    rmSync(join(out, 'result.json'));
    const before = readFileSync(join(out, 'preprocessing.json'));

    const [removed] = readdirSync(join(pictures, 'train/circle'));
    renameSync(join(pictures, 'train/circle', removed!), `${pictures}-${removed}`);
    const changed = await resnet(['train', '--resume', out]);
    expect([changed.code, changed.stderr]).toEqual([
      2,
      expect.stringContaining('must hold the images that the run began with'),
    ]);
    expect(readFileSync(join(out, 'preprocessing.json'))).toEqual(before);

    renameSync(`${pictures}-${removed}`, join(pictures, 'train/circle', removed!));
    expect((await resnet(['train', '--resume', out])).code).toBe(0);
  }, 120_000);

  it('goes on where its images have moved, and from another working directory, to the weights it would have had', async () => {
    const [home, out] = [emptyFolder(), join(emptyFolder(), 'run')];
    renameSync(await shapesFolder({ train: 40, test: 10 }), join(home, 'pictures'));
    const args = ['--data', 'pictures', '--steps', '4', '--milestones', '2', '--checkpoint-every', '2', '--out', out];
    const trained = await resnet(['train', ...small, ...args], undefined, home);
    expect(trained.stderr).toContain('finished at step 4');
    const weights = readFileSync(join(out, 'weights.safetensors'));
    const stop = () => {
      for (const name of ['result.json', 'weights.safetensors', 'checkpoints/step-00000004.safetensors'])
        rmSync(join(out, name), { force: true });
    };

    stop();
    const lost = await resnet(['train', '--resume', out]);
    expect([lost.code, lost.stderr]).toEqual([
      2,
      expect.stringMatching(/pictures: must be a folder.*\n.*Flag: --data <path>/),
    ]);
    const fromElsewhere = await resnet(['train', '--resume', out, '--data', join(home, 'pictures')]);
    expect(fromElsewhere.stderr).toContain('resumed at step 2');
    expect(readFileSync(join(out, 'weights.safetensors')).equals(weights)).toBe(true);

    stop();
    renameSync(join(home, 'pictures'), join(home, 'moved'));
    writeFileSync(join(home, 'moved', 'notes.txt'), 'nothing that is trained on');
    const moved = await resnet(['train', '--resume', out, '--data', join(home, 'moved')]);
    expect(moved.stderr).toContain('resumed at step 2');
    expect(readFileSync(join(out, 'weights.safetensors')).equals(weights)).toBe(true);

    stop();
    const others = await resnet(['train', '--resume', out, '--data', await shapesFolder({ train: 30, test: 10 })]);
    expect([others.code, others.stderr]).toEqual([
      2,
      expect.stringContaining('must hold the images that the run began with'),
    ]);
  }, 240_000);

  it('overfits a few images: the whole chain can learn', async () => {
    const out = join(emptyFolder(), 'run');
    const { code, stdout } = await resnet([
      'train', 'shapes10', '--model', 'resnet8', '--overfit', '20', '--steps', '60', '--rate', '0.05', '--milestones', '50', '--out', out, '--json',
    ]); // biome-ignore format: a command line
    expect(code).toBe(0);
    expect(JSON.parse(stdout).trainLoss).toBeLessThan(1.5);
    expect(JSON.parse(stdout).testError).toBe(0);
  }, 120_000);

  it('stops early with the best weights, and shows TensorBoard what it was trained on', async () => {
    const out = join(emptyFolder(), 'run');
    const { code, stdout } = await resnet([
      'train', 'shapes10', '--model', 'resnet8', '--batch-size', '16', '--hold-out', '200', '--validate-every', '1',
      '--patience', '1', '--rate', '1e-9', '--steps', '200', '--milestones', '150', '--out', out, '--json',
    ]); // biome-ignore format: a command line
    expect(code).toBe(0);
    const { steps, validationError, testError } = JSON.parse(stdout);
    const errors = readFileSync(join(out, 'metrics.csv'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('validation,'))
      .map((line) => Number(line.split(',')[4]));
    expect([steps, errors]).toEqual([errors.length, expect.arrayContaining([validationError])]);
    expect(steps).toBeLessThan(200);
    expect(validationError).toBe(Math.min(...errors));
    expect(errors.at(-1)).toBeGreaterThanOrEqual(validationError);
    const evaluated = JSON.parse((await resnet(['evaluate', '--run', out, '--json'])).stdout);
    expect(1 - evaluated.top1).toBeCloseTo(testError, 9);

    const log = readFileSync(join(out, 'events.out.tfevents.0.resnet'));
    const png = Buffer.from([0x89, 0x50, 0x4e, 0x47]);
    expect([log.includes('training images'), log.includes(png)]).toEqual([true, true]);
  }, 60_000);

  it('begins a run without a stored step anew, and leaves a finished one alone', async () => {
    const out = join(emptyFolder(), 'run');
    (await createRun(out, { recipe: 'of a run that ran out of memory in its first step' })).release();
    const args = ['train', ...small, '--steps', '2', '--milestones', '1', '--out', out];
    expect((await resnet(args)).code).toBe(0);

    const files = ['result.json', 'events.jsonl', 'metrics.csv', 'weights.safetensors'];
    const contents = () => files.map((name) => readFileSync(join(out, name)));
    const before = contents();
    const resumed = await resnet(['train', '--resume', out, '--json']);
    expect([resumed.code, resumed.stderr]).toEqual([0, expect.stringContaining('the run is finished')]);
    expect(JSON.parse(resumed.stdout)).toMatchObject(JSON.parse(before[0]!.toString()));
    expect(contents()).toEqual(before);
    expect(await resnet(args)).toMatchObject({ code: 2, stderr: expect.stringContaining('already holds a run') });
  }, 120_000);

  it('writes nothing where the recipe cannot be trained', async () => {
    const out = join(emptyFolder(), 'run');
    const { code, stderr } = await resnet(['train', ...small, '--set', 'patience=3', '--out', out]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('patience must have validations to count, got validateEvery 0'),
    ]);
    expect(existsSync(out)).toBe(false);
    const plateau = { kind: 'plateau', base: 0.1, factor: 0.1, patience: 2, metric: 'validationLoss' };
    const unheard = ['--set', `schedule=${JSON.stringify(plateau)}`];
    const refused = await resnet(['train', ...small, ...unheard, '--out', out]);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('a plateau schedule must have validations to count, got validateEvery 0'),
    ]);
    expect(existsSync(out)).toBe(false);
  });

  it('stops at Ctrl-C with a checkpoint and exit code 130; a resume takes no other recipe', async () => {
    const out = join(emptyFolder(), 'run');
    let asked = false;
    const stopped = await resnet(
      ['train', ...small, '--steps', '400', '--milestones', '200', '--out', out],
      (stderr, child) => {
        if (!asked && stderr.includes('1/400')) asked = child.kill('SIGINT');
      },
    );
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toContain(`resnet train --resume ${out}`);
    expect(readdirSync(join(out, 'checkpoints'))).not.toHaveLength(0);
    expect(existsSync(join(out, 'result.json'))).toBe(false);

    const refused = await resnet(['train', '--resume', out, '--steps', '500']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--steps');
    const shown = await resnet(['train', '--resume', out, '--dry-run']);
    expect([shown.code, JSON.parse(shown.stdout).recipe.steps]).toEqual([0, 400]);
  }, 120_000);

  it('prints the resolved recipe and writes nothing with --dry-run', async () => {
    const out = join(emptyFolder(), 'run');
    const { code, stdout } = await resnet([
      'train',
      'cifar10',
      '--model',
      'plain56',
      '--rate',
      '0.05',
      '--out',
      out,
      '--dry-run',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).recipe).toMatchObject({
      model: { name: 'plain56' },
      schedule: { base: 0.05, milestones: [32_000, 48_000] },
    });
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [['train'], /name a recipe/],
    [['train', 'cifar11'], /Did you mean 'cifar10'/],
    [['train', 'cifar10', '--steps', '0'], /whole number from 1 up/],
    [['train', 'cifar10', '--shortcut', 'D'], /expected one of "A"\|"B"\|"C"\|"none"/],
    [['train', 'cifar10', '--set', 'momentumm=0.5'], /Did you mean 'momentum'/],
    [['train', 'cifar10', '--model', 'resnte20', '--dry-run'], /Did you mean 'resnet20'/],
    [['train', 'cifar10', '--set', 'model=resnte20', '--dry-run'], /Did you mean 'resnet20'/],
    [['train', 'cifar10', '--threads', '100000'], /must be at most \d+ on this machine/],
    [['train', 'shapes10', '--model', 'plain20', '--shortcut', 'C'], /plain20 has no shortcut, got 'C'/],
    [['train', 'shapes10', '--block', 'preact', '--zero-last-scale'], /zeroLastScale/],
    [['train', 'cifar10', '--set', 'shortcut="B"'], /It is 'model.shortcut' now/],
    [['train', 'cifar10', '--milestones', '10,8'], /milestones: must rise/],
    [['train', 'imagenet', '--milestones', '10,20'], /--milestones needs a multistep schedule, got plateau/],
    [['train', '--resume', 'any', '--hold-out', '5'], /got --hold-out as well/],
    [['lr-find', 'shapes10', '--from', '1', '--to', '0.1'], /--from must be below --to/],
    [['train', 'cifar10', '--backend', 'cpu'], /needs a data set.*\n.*--data <path>/],
    [
      ['train', 'shapes10', '--backend', 'cpu', '--set', 'imageSize=64', '--out', join(emptyFolder(), 'run')],
      /needs images of imageSize, 64 × 64, got 32 × 32.*\n.*--set imageSize=/,
    ],
    [
      ['train', 'shapes10', '--backend', 'cpu', '--hold-out', '10000'],
      /must leave images to train on, got 10000 of 10000.*\n.*--hold-out <images>/,
    ],
    [['evaluate', '--model', 'resnet20'], /--run DIR, or --weights with a file or a name/],
    [['trian'], /train/],
  ])('%j is a usage error, exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await resnet(args);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it('refuses a folder that holds a run already, and resuming what is none', async () => {
    const taken = emptyFolder();
    for (const name of ['recipe.json', 'result.json']) writeFileSync(join(taken, name), '{}');
    const again = await resnet(['train', 'shapes10', '--out', taken]);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('already holds a run')]);
    const nothing = emptyFolder();
    const resumed = await resnet(['train', '--resume', nothing]);
    expect([resumed.code, resumed.stderr]).toEqual([2, expect.stringContaining('must be a run folder')]);
  });
});

it('every command has an example in its help', async () => {
  const { stdout } = await resnet(['--help']);
  const names = [...stdout.matchAll(/^ {2}([a-z-]+) /gm)]
    .map(([, name]) => name!)
    .filter((name) => !['help', 'complete'].includes(name));
  expect(names.length).toBeGreaterThan(8);
  for (const name of names) expect((await resnet([name, '--help'])).stdout, name).toContain('Example');
});
