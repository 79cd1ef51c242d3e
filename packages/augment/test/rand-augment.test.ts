import { readFileSync } from 'node:fs';
import { applySteps, drawSteps, type Image, type RandAugmentName, randAugment } from '@resnet/augment';
import { describe, expect, it } from 'vitest';
import { bytesOf, type ChannelsFirst, expectImage, floatsOf, imageFrom, scripted, seeded } from './golden';

interface Case {
  image: string;
  name: RandAugmentName;
  magnitude: number;
  sign: number;
  out: number[];
}

/** Made by make-rand-augment.py with torchvision 0.14: bytes, but floats where torchvision cuts off and we round. */
const { images, cases }: { images: { [name: string]: ChannelsFirst }; cases: Case[] } = JSON.parse(
  readFileSync(new URL('./rand-augment.json', import.meta.url), 'utf8'),
);

const inFloats: readonly string[] = ['brightness', 'color', 'contrast', 'sharpness', 'autoContrast'];
const imageOfBytes = (planes: ChannelsFirst): Image => {
  const image = imageFrom(planes);
  return { ...image, data: Uint8Array.from(image.data) };
};

it.each(cases)('$name at magnitude $magnitude ($sign) is torchvision’s', ({ image, name, magnitude, sign, out }) => {
  const bytes = imageOfBytes(images[image]!);
  const expected = imageFrom({ shape: images[image]!.shape, data: out });
  const steps = [{ name, strength: (sign * magnitude) / 30 }];
  if (inFloats.includes(name)) return expectImage(applySteps(floatsOf(bytes), steps), expected);
  expectImage(applySteps(bytes, steps), expected, 0);
});

describe('randAugment', () => {
  it('draws each of fourteen operations about as often, half of the signed ones in each direction', () => {
    const steps = drawSteps(14_000, 30, seeded(1));
    const counts = new Map<string, number>();
    for (const { name, strength } of steps) {
      const key = strength < 0 ? `-${name}` : name;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const directions = ['shearX', 'shearY', 'translateX', 'translateY', 'rotate'].concat(
      'brightness',
      'color',
      'contrast',
      'sharpness',
    );
    expect(counts.size).toBe(14 + directions.length);
    for (const [name, count] of counts) {
      const expected = directions.includes(name.replace('-', '')) ? 500 : 1000;
      expect(Math.abs(count - expected), name).toBeLessThan(5 * Math.sqrt(expected));
    }
  });

  it('is what it draws, applied', () => {
    const image = bytesOf(imageFrom(images.small!));
    const drawn = drawSteps(3, 12, seeded(8));
    expect(randAugment({ numOps: 3, magnitude: 12 })(image, seeded(8))).toEqual(applySteps(image, drawn));
  });

  it('draws nothing for no operations', () => {
    const image = imageOfBytes(images.small!);
    expect(randAugment({ numOps: 0 })(image, scripted())).toBe(image);
  });
});
