/** Seconds a training step of ResNet-20, batch 128, spends in each kernel that takes over 2 % of it, as JSON. */
import { profileSimd, useBackend } from '@resnet/backend';
import { createModel } from '@resnet/models';
import { sgd, train } from '@resnet/trainer';
import { lastValueFrom } from 'rxjs';

const batch = 128;
const steps = 8;

await useBackend('simd');
const model = createModel('resnet20', { seed: 0 });
const images = { data: new Float32Array(batch * 32 * 32 * 3), shape: [batch, 32, 32, 3] };
for (let i = 0; i < images.data.length; i++) images.data[i] = Math.sin(i);
const labels = Int32Array.from({ length: batch }, (_, i) => i % 10);
async function* batches() {
  for (;;) yield { images, labels };
}
const run = (count) => lastValueFrom(train({ model, batches, optimizer: sgd(), schedule: () => 0.01, steps: count }));

await run(3);
const times = await profileSimd(() => run(steps));
const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
const large = times.filter(({ seconds }) => seconds > 0.02 * total);
console.log(
  JSON.stringify(Object.fromEntries(large.map(({ kernel, seconds }) => [`kernel: ${kernel}`, seconds / steps]))),
);
process.exit();
