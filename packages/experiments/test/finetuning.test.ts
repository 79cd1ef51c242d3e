import { useBackend } from '@resnet/backend';
import { goldenBytes } from '@resnet/testing';
import { describe, expect, it } from 'vitest';
import { verifyReplay } from '../src/verify/judge';
import { readTrajectory } from '../src/verify/trajectory';

// Recorded by record-trajectory.py --finetune: a pretrained net whose head for 10 classes was replaced by one for 5, stem and first stage
// frozen, AdamW with decoupled decay, a cosine after a linear warm-up.
const recording = goldenBytes('trajectory-finetune.safetensors');

describe('fine-tuning as PyTorch does it', () => {
  it('has the same losses, weights and statistics', async () => {
    await useBackend('simd');
    const verdict = await verifyReplay(recording);
    expect(verdict.steps).toBe(10);
    expect(verdict.maxLossDifference).toBeLessThanOrEqual(1e-4);
    expect(verdict.pass).toBe(true);
  });

  it('leaves frozen weights and statistics as they were, in PyTorch too', () => {
    const { init, final } = readTrajectory(recording);
    const frozen = [...init.keys()].filter((name) => /^(conv1|bn1|layer1)\./.test(name));
    expect(frozen.length).toBeGreaterThan(10);
    for (const name of frozen) expect(final.get(name)?.data).toEqual(init.get(name)?.data);
  });
});
