import {
  augmentInto,
  changeColors,
  cifar,
  colorShift,
  crop,
  drawColorChanges,
  drawColorShift,
  type Image,
  imagenet,
  imagenetColors,
  normalize,
  normalizer,
  randomColorJitter,
  resize,
  shiftColors,
  toFloats,
} from '@resnet/augment';
import { describe, expect, it } from 'vitest';
import { expectImage, scripted, seeded } from './golden';

const random = seeded(11);
const photo: Image = {
  data: Uint8Array.from({ length: 300 * 400 * 3 }, () => random() * 256),
  height: 300,
  width: 400,
  channels: 3,
};

describe('imagenet (§3.4)', () => {
  it('resizes, crops, mirrors and shifts colors', () => {
    // Shorter side 256 + ⌊0.5 · 225⌋ = 368, so 368×490; top ⌊0.25 · 145⌋, left ⌊0.5 · 267⌋; no mirror; no colors.
    const augment = imagenet({ colors: null });
    const expected = crop(resize(photo, { height: 368, width: 490 }), { top: 36, left: 133, height: 224, width: 224 });
    expectImage(augment(photo, scripted(0.5, 0.25, 0.5, 0.5)), toFloats(expected));
    const mirrored = crop(resize(photo, { height: 256, width: 341 }), {
      top: 32,
      left: 117,
      height: 224,
      width: 224,
      mirrored: true,
    });
    expectImage(augment(photo, scripted(0, 0.9999, 0.9999, 0.4999)), toFloats(mirrored));
  });

  it('shifts colors before it normalizes', () => {
    const statistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const draw = () => scripted(0.5, 0.25, 0.5, 0.5, 0.3, 0.1, 0.6, 0.2, 0.9, 0.7);
    const plain = imagenet({ colors: null })(photo, scripted(0.5, 0.25, 0.5, 0.5));
    const shift = drawColorShift(imagenetColors, 0.1, scripted(0.3, 0.1, 0.6, 0.2, 0.9, 0.7));
    expectImage(imagenet({ statistics })(photo, draw()), normalize(shiftColors(plain, shift), statistics), 1e-5);
  });

  it('takes a per-pixel mean of the crop', () => {
    const mean = new Float32Array(224 * 224 * 3).fill(0.25);
    const [plain, centered] = [imagenet(), imagenet({ statistics: { mean } })].map((augment) =>
      augment(photo, seeded(4)),
    );
    expectImage(centered!, { ...plain!, data: plain!.data.map((value) => value - 0.25) });
  });
});

describe('PCA colors', () => {
  it('are shifted by normally distributed amounts', () => {
    const only = { values: [1], vectors: [[1]] };
    const draw = seeded(9);
    const drawn = Array.from({ length: 20_000 }, () => drawColorShift(only, 0.1, draw)[0]!);
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + value ** 2, 0) / drawn.length);
    expect(Math.abs(mean)).toBeLessThan(0.003);
    expect(Math.abs(deviation - 0.1)).toBeLessThan(0.003);
    // 68.27 % of a normal distribution lies within one deviation.
    expect(drawn.filter((value) => Math.abs(value) < 0.1).length / drawn.length).toBeCloseTo(0.6827, 1);
  });

  it('clamp bytes but not floats', () => {
    const pixel: Image = { data: Uint8Array.of(250, 10, 100), height: 1, width: 1, channels: 3 };
    expect([...shiftColors(pixel, [0.1, -0.1, 0.1]).data]).toEqual([255, 0, 126]);
    expect(shiftColors(toFloats(pixel), [0.1, -0.1, 0]).data[0]).toBeCloseTo(250 / 255 + 0.1, 6);
  });

  it('in cifar come before the mean is subtracted and the padding made', () => {
    const colors = imagenetColors;
    const small: Image = { data: photo.data.slice(0, 3072), height: 32, width: 32, channels: 3 };
    const statistics = { mean: Float32Array.from({ length: 3072 }, (_, i) => (i % 7) / 7) };
    const out = new Float32Array(3072);
    augmentInto(small, seeded(2), { augment: cifar({ colors }), normalizer: normalizer(statistics) }, out, 0);
    const same = seeded(2);
    const shifted = shiftColors(toFloats(small), drawColorShift(colors, 0.1, same));
    expectImage({ ...small, data: out }, cifar()(normalize(shifted, statistics), same));
    expect(colorShift(colors, [0, 0, 0])).toEqual([0, 0, 0]);
  });
});

describe('color jitter', () => {
  const options = { brightness: 0.4, contrast: 0.3, saturation: 2, hue: 0.1 };

  it('draws factors in range, in all orders', () => {
    const draw = seeded(6);
    const orders = new Set<string>();
    for (let i = 0; i < 2000; i++) {
      const changes = drawColorChanges(options, draw);
      orders.add(changes.map(({ kind }) => kind[0]).join(''));
      for (const { kind, amount } of changes) {
        const [low, high] = { brightness: [0.6, 1.4], contrast: [0.7, 1.3], saturation: [0, 3], hue: [-0.1, 0.1] }[
          kind
        ];
        expect(amount >= low! && amount <= high!).toBe(true);
      }
    }
    expect(orders.size).toBe(24);
  });

  it('is what it draws, applied; nothing for no options', () => {
    const small: Image = { data: photo.data.slice(0, 300), height: 10, width: 10, channels: 3 };
    const changes = drawColorChanges(options, seeded(5));
    expect(randomColorJitter(options)(small, seeded(5))).toEqual(changeColors(small, changes));
    expect(randomColorJitter({})(small, scripted())).toBe(small);
  });
});
