import { createModel, modelArchitecture, summarizeModel } from '@resnet/models';
import { describe, expect, it } from 'vitest';

// Weights are left at zero: only shapes are counted.
const count = (name: string, shortcut?: 'A' | 'B' | 'C') => {
  const model = createModel(name, { shortcut, zeros: true });
  const { parameters } = summarizeModel(model);
  model.dispose();
  return parameters;
};

describe('CIFAR nets have as many parameters as the paper says (Table 6 in millions)', () => {
  const depths = [20, 32, 44, 56, 110, 1202];

  it.each([
    ['A', [269_722, 464_154, 658_586, 853_018, 1_727_962, 19_421_274]],
    ['B', [272_474, 466_906, 661_338, 855_770, 1_730_714, 19_424_026]],
  ] as const)('with shortcut %s', (shortcut, counts) => {
    expect(depths.map((depth) => count(`resnet${depth}`, shortcut))).toEqual(counts);
  });

  it('plain as with shortcut A', () => {
    expect([20, 32, 44, 56, 110].map((depth) => count(`plain${depth}`))).toEqual([
      269_722, 464_154, 658_586, 853_018, 1_727_962,
    ]);
  });
});

describe("ImageNet nets have torchvision's parameters", () => {
  const depths = [18, 34, 50, 101, 152];

  it.each([
    ['A', [11_515_688, 21_623_848, 22_780_456, 41_772_584, 57_416_232]],
    ['B', [11_689_512, 21_797_672, 25_557_032, 44_549_160, 60_192_808]],
    ['C', [12_043_816, 22_716_840, 40_128_552, 76_981_288, 107_335_720]],
  ] as const)('with shortcut %s', (shortcut, counts) => {
    expect(depths.map((depth) => count(`resnet${depth}`, shortcut))).toEqual(counts);
  });

  it('plain as with shortcut A', () => {
    expect([18, 34].map((depth) => count(`plain${depth}`))).toEqual([11_515_688, 21_623_848]);
  });
});

describe('multiply-adds', () => {
  // Table 1's last row. With the stride in the 1×1, as the paper has it.
  it.each([
    ['resnet18', 1.8e9],
    ['resnet34', 3.6e9],
    ['resnet50', 3.8e9],
    ['resnet101', 7.6e9],
    ['resnet152', 11.3e9],
  ])('of %s are within 3 %% of %d', (name, paper) => {
    const own = modelArchitecture(name).block;
    const model = createModel(name, { ...(own === 'bottleneck' && { strideIn: '1x1' }), zeros: true });
    expect(Math.abs(summarizeModel(model).multiplyAdds / paper - 1)).toBeLessThan(0.03);
    model.dispose();
  });

  it('of a small net, by hand', () => {
    const { layers, multiplyAdds, activationBytes } = summarizeModel(
      createModel('resnet8', { inputShape: [8, 8, 3], classes: 5, zeros: true }),
    );
    const of = (name: string) => layers.find((layer) => layer.name === name)!;
    expect(of('conv1')).toEqual({
      name: 'conv1',
      type: 'ResNetConv2D',
      outputShape: [8, 8, 16],
      parameters: 9 * 3 * 16,
      multiplyAdds: 9 * 3 * 16 * 64,
      activationBytes: 4 * 64 * 16,
    });
    expect(of('layer2.0.conv1')).toMatchObject({ outputShape: [4, 4, 32], multiplyAdds: 9 * 16 * 32 * 16 });
    expect(of('bn1')).toMatchObject({ parameters: 32, multiplyAdds: 0 });
    expect(of('layer3.0.shortcut')).toMatchObject({
      type: 'ResNetPadShortcut',
      outputShape: [2, 2, 64],
      parameters: 0,
    });
    expect(of('fc')).toMatchObject({ parameters: 65 * 5, multiplyAdds: 64 * 5, activationBytes: 20 });
    const convolutions = 9 * (3 * 16 * 64 + 2 * 16 * 16 * 64 + (16 + 32) * 32 * 16 + (32 + 64) * 64 * 4);
    expect(multiplyAdds).toBe(convolutions + 320);
    expect(activationBytes).toBe(layers.reduce((sum, layer) => sum + layer.activationBytes, 0));
  });

  it('of a fully convolutional net need a size', () => {
    const model = createModel('resnet18', { inputShape: [null, null, 3], zeros: true });
    expect(() => summarizeModel(model)).toThrow('all sizes must be known, got [,,3]. Give inputShape');
    expect(summarizeModel(model, { inputShape: [224, 224, 3] }).multiplyAdds).toBe(
      summarizeModel(createModel('resnet18', { zeros: true })).multiplyAdds,
    );
  });
});
