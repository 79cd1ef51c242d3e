import {
  architectureOf,
  cifarResNet,
  createModel,
  imagenetResNet,
  ModelOptionError,
  modelArchitecture,
  modelNames,
  SHORTCUT_KINDS,
  UnknownModelError,
} from '@resnet/models';
import { loadGolden, torchVariables } from '@resnet/testing';
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';

describe('createModel', () => {
  it.each([
    ['trajectory-resnet8-A-split', 'A'],
    ['trajectory-resnet8-B', 'B'],
  ] as const)("has the names and shapes of PyTorch's net in %s", (file, shortcut) => {
    const golden = loadGolden(file);
    const recorded = golden.names.filter((name) => name.startsWith('init.')).map((name) => name.slice(5));
    const variables = torchVariables(createModel('resnet8', { shortcut, zeros: true }));
    expect([...variables.keys()].sort()).toEqual(recorded.sort());
    for (const name of recorded) expect(variables.get(name)!.shape, name).toEqual(golden.tensor(`init.${name}`).shape);
  });

  it.each(modelNames)('knows %s', (name) => {
    expect(modelArchitecture(name).classes).toBe(/(18|34|50|101|152)$/.test(name) ? 1000 : 10);
  });

  it.each([
    ['resnt20', 'resnet20'],
    ['ResNet50', 'resnet50'],
    ['resnet-101', 'resnet101'],
    ['plane32', 'plain32'],
  ])("'%s' suggests %s", (wrong, right) => {
    expect(() => createModel(wrong)).toThrow(UnknownModelError);
    expect(() => createModel(wrong)).toThrow(`no model is called '${wrong}'. Did you mean '${right}'?`);
  });

  it.each([
    [() => createModel('resnet21'), 'depth must be 6n + 2 for basic blocks, got 21. Try 20 or 26.'],
    [() => createModel('resnet3'), 'depth must be 6n + 2 for basic blocks, got 3. Try 8 or 14.'],
    [
      () => cifarResNet(32, { block: 'bottleneck' }),
      'depth must be 9n + 2 for bottleneck blocks, got 32. Try 29 or 38.',
    ],
    [() => imagenetResNet(51), 'depth must be one of 18, 34, 50, 101, 152, got 51.'],
    [() => createModel('plain20', { shortcut: 'A' }), "plain20 has no shortcut, got 'A'. Use resnet20."],
    [() => createModel('plain20', { shortcut: 'C' }), "plain20 has no shortcut, got 'C'. Use resnet20."],
    [
      () => createModel('resnet8', { block: 'preact', zeroLastScale: true }),
      'zeroLastScale must go with blocks that end in a normalization, got preact-basic.',
    ],
    [
      () => modelArchitecture('resnet50', { block: 'preact', zeroLastScale: true }),
      'zeroLastScale must go with blocks that end in a normalization, got preact-bottleneck.',
    ],
    [() => createModel('plain20', { zeroLastScale: true }), 'zeroLastScale must go with shortcuts,'],
    [() => createModel('resnet20', { strideIn: '1x1' }), 'must go with bottleneck blocks, got basic blocks'],
    [
      () => createModel('resnet18', { pad: 'split' }),
      "pad must go with shortcut A, which pads, got 'split' with shortcut B.",
    ],
    [
      () => createModel('resnet20', { zeroGamma: true } as object),
      "there is no option 'zeroGamma'. Did you mean 'zeros'?",
    ],
    [() => createModel('resnet20', { classes: 0 }), 'classes must be a whole number from 1, got 0.'],
    [
      () => createModel('resnet20', { inputShape: [32, 0, 3] }),
      'inputShape must be [height, width, channels], such as [32, 32, 3], got [32,0,3].',
    ],
  ])('refuses what cannot be (%#)', (make, message) => {
    expect(make).toThrow(ModelOptionError);
    expect(make).toThrow(message);
  });

  it.each(['shortcut', 'block', 'pad', 'strideIn'])('names the option %s when it is unknown', (option) => {
    // As from a command line or a recipe, which types do not check.
    const options: object = { [option]: 'D' };
    expect(() => createModel('resnet20', options)).toThrow(ModelOptionError);
    expect(() => createModel('resnet20', options)).toThrow(`${option} must be one of`);
  });

  it.each(SHORTCUT_KINDS)('gives every 6n + 2 net of §4.2 shortcut A, and takes %s', (shortcut) => {
    // 134 = 6 · 22 + 2 has the digits of Table 1's 34.
    expect(modelArchitecture('resnet134')).toMatchObject({
      family: 'cifar',
      shortcut: 'A',
      blocksPerStage: [22, 22, 22],
    });
    expect(modelArchitecture('resnet134', { shortcut }).shortcut).toBe(shortcut);
  });

  it('gives the same weights for the same seed, 0 included', () => {
    const weights = (seed: number) =>
      [...torchVariables(createModel('resnet8', { seed })).values()].map((w) => w.read().arraySync());
    expect(weights(0)).toEqual(weights(0));
    expect(weights(0)).not.toEqual(weights(1));
  });

  it('keeps its architecture through saving and loading', async () => {
    const model = createModel('resnet8', { shortcut: 'B', classes: 4, seed: 1 });
    let saved: tf.io.ModelArtifacts | undefined;
    await model.save(
      tf.io.withSaveHandler(async (artifacts) => {
        saved = artifacts;
        return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
      }),
    );
    const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
    expect(architectureOf(loaded)).toEqual(architectureOf(model));
    expect(() => architectureOf(tf.sequential())).toThrow(ModelOptionError);
    // As versions before 1.0 saved a net with its stride in the 1×1.
    const { strideIn: _, ...rest } = architectureOf(model);
    model.setUserDefinedMetadata({ resnet: { ...rest, variant: 'paper' } });
    expect(architectureOf(model)).toEqual({ ...rest, strideIn: '1x1' });
  });

  it('disposes of all it made', () => {
    createModel('resnet8').dispose();
    const before = tf.memory().numTensors;
    createModel('resnet8', { seed: 3 }).dispose();
    createModel('resnet18', { seed: 3, classes: 2 }).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('every family, block and shortcut', () => {
  const shortcuts = ['A', 'B', 'C', 'none'] as const;
  const kinds = ['basic', 'bottleneck', 'preact', 'preact-basic', 'preact-bottleneck'] as const;
  const all = shortcuts.flatMap((shortcut) => kinds.map((block) => [block, shortcut] as const));

  it.each(all)('%s with shortcut %s gives logits and passes gradients to its first layer', (block, shortcut) => {
    const pad = shortcut === 'A' ? 'split' : undefined;
    const model = cifarResNet(20, { block, shortcut, pad, inputShape: [8, 8, 3], seed: 2 });
    tf.tidy(() => {
      const x = tf.randomNormal([2, 8, 8, 3], 0, 1, 'float32', 1);
      const first = model.getLayer('conv1').weights[0]!.read() as tf.Variable;
      const loss = () => tf.sum(tf.square(model.apply(x, { training: true }) as tf.Tensor)) as tf.Scalar;
      const { value, grads } = tf.variableGrads(loss, [first]);
      expect(Number.isFinite(value.arraySync())).toBe(true);
      expect(tf.max(tf.abs(grads[first.name]!)).arraySync()).toBeGreaterThan(0);
    });
    model.dispose();
  });

  it.each(all)('%s with shortcut %s can be made at ImageNet depths, for images of any size', (block, shortcut) => {
    const model = imagenetResNet(18, { block, shortcut, inputShape: [null, null, 3], classes: 7, zeros: true });
    expect(model.outputs[0]!.shape).toEqual([null, 7]);
    model.dispose();
  });

  it('pre-activation nets activate once after the stem and once before the head', () => {
    const names = cifarResNet(20, { block: 'preact', zeros: true }).layers.map(({ name }) => name);
    expect(names.slice(0, 9)).toEqual([
      ...['input', 'conv1', 'bn1', 'relu1'],
      ...['layer1.0.conv1', 'layer1.0.bn1', 'layer1.0.relu1', 'layer1.0.conv2', 'layer1.0.add'],
    ]);
    expect(names.slice(-4)).toEqual(['bn2', 'relu2', 'avgpool', 'fc']);
  });
});
