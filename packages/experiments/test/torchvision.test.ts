import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { loadClassifier } from '../src/classifier';
import { emptyFolder } from './empty-folder';

// Real photographs, which lie beside the repository or where RESNET_TEST_DATA says, and a Python with torchvision.
const data = process.env.RESNET_TEST_DATA ?? resolve(import.meta.dirname, '../../../../shared/data');
const archive = join(data, 'photos-ants-bees.tar.gz');
const script = resolve(import.meta.dirname, '../../testing/scripts/torchvision-classify.py');
const python = process.env.PYTHON ?? '/usr/bin/python3';
const present = spawnSync(python, ['-c', 'import torchvision']).status === 0 && existsSync(archive);

it.skipIf(!present)(
  "classify gives torchvision's logits for its file of a ResNet-18, resize and crop included",
  async () => {
    const folder = emptyFolder();
    execFileSync('tar', ['xzf', archive, '-C', folder, 'val']);
    const names = ['ants', 'bees'].flatMap((name) =>
      readdirSync(join(folder, 'val', name))
        .filter((file) => file.endsWith('.jpg'))
        .sort()
        .slice(0, 5)
        .map((file) => join('val', name, file)),
    );
    expect(names).toHaveLength(10);
    const weights = join(folder, 'resnet18.pth');
    const said = execFileSync(python, [script, 'resnet18', weights, ...names], { cwd: folder, encoding: 'utf8' });
    const expected: Record<string, number[]> = JSON.parse(said);

    const classifier = await loadClassifier(weights, { backend: 'simd' });
    expect(classifier.labels?.[340]).toBe('zebra');
    for (const name of names) {
      const own = await classifier.logits(join(folder, name));
      const difference = Math.max(...expected[name]!.map((logit, i) => Math.abs(logit - own[i]!)));
      expect(difference, name).toBeLessThan(1e-4);
    }
    classifier.dispose();
  },
  120_000,
);
