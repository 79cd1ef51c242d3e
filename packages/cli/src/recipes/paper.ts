import { cifar10, cifar10Deep } from './cifar10';
import type { Recipe } from './recipe';

/** Test errors on CIFAR-10 as Table 6 has them, for shortcut A; ResNet-110's is the best of five, 6.61 ± 0.16. */
const table6: Readonly<Record<string, number>> = {
  resnet20: 0.0875,
  resnet32: 0.0751,
  resnet44: 0.0717,
  resnet56: 0.0697,
  resnet110: 0.0643,
  resnet1202: 0.0793,
};

/** What makes a run comparable with the paper's. */
const protocol = ({ shortcut, steps, batch, schedule, momentum, nesterov, weightDecay, augment, normalise }: Recipe) =>
  JSON.stringify({ shortcut, steps, batch, schedule, momentum, nesterov, weightDecay, augment, normalise });

/** The paper's error for this net, as a fraction; null unless the recipe follows the paper's protocol. */
export function paperError(recipe: Recipe): number | null {
  const deep = recipe.model === 'resnet110' ? cifar10Deep : cifar10;
  const sameWarmUp = JSON.stringify(recipe.warmUp) === JSON.stringify(deep.warmUp);
  return sameWarmUp && protocol(recipe) === protocol(cifar10) ? (table6[recipe.model] ?? null) : null;
}
