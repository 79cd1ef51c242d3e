import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { shapes10 } from '@resnet/data';
import sharp from 'sharp';
import { emptyFolder } from './empty-folder';

/** A folder of a few generated images in class folders, `train` and `test`: a data set that is measured in a moment. */
export async function shapesFolder({ train, test }: { train: number; test: number }): Promise<string> {
  const root = emptyFolder();
  for (const [split, length] of [
    ['train', train],
    ['test', test],
  ] as const) {
    const dataset = shapes10({ split, length });
    for (let i = 0; i < length; i++) {
      const { image, label } = await dataset.read(i);
      const folder = join(root, split, dataset.classes[label]!);
      mkdirSync(folder, { recursive: true });
      const raw = { height: image.height, width: image.width, channels: 3 } as const;
      await sharp(image.data, { raw })
        .png()
        .toFile(join(folder, `${i}.png`));
    }
  }
  return root;
}
