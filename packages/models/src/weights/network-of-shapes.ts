import { type Architecture, nameOf, type ShortcutKind } from '../architecture';
import { modelArchitecture } from '../create-model';
import type { ModelOptions } from '../options';
import { WeightFileError } from './errors';
import { torchvisionNames } from './names';
import type { NamedWeights } from './read-weights';

/** A net of the zoo, as far as names and shapes of its weights tell. */
export interface NetworkOfWeights {
  /** Its name in the zoo: `resnet18`. */
  readonly name: string;
  /** Options of `createModel` that differ from the name's defaults. */
  readonly options: Pick<ModelOptions, 'block' | 'shortcut'>;
  /** `cifar` for three stages on small images, `imagenet` for four on photographs. */
  readonly family: Architecture['family'];
  /** Logits per image; null for weights without a last layer. */
  readonly classes: number | null;
}

/**
 * Tells which net weights are of. Shapes do not show where option A puts its zero channels, nor where a bottleneck has its stride; and what
 * may be option A or a plain net is taken for option A.
 *
 * @param weights By any of the names that `loadWeights` understands.
 * @throws WeightFileError for weights of another kind of net.
 */
export function networkOfShapes(weights: NamedWeights): NetworkOfWeights {
  const named = torchvisionNames(weights);
  const stem = named.get('conv1.weight')?.shape ?? [];
  const found = zooNet(named, stem);
  if (found) return { ...found, classes: named.get('fc.weight')?.shape[0] ?? null };
  throw new WeightFileError(
    `networkOfShapes: weights must be of a ResNet of the paper, got a first convolution of [${stem}] and ${stagesOf(named).join(' + ') || 'no'} blocks. Name the model that they are of.`,
  );
}

function zooNet(named: NamedWeights, stem: readonly number[]): Omit<NetworkOfWeights, 'classes'> | null {
  const family = stem.join() === '64,3,7,7' ? 'imagenet' : stem.join() === '16,3,3,3' ? 'cifar' : null;
  const blocksPerStage = stagesOf(named);
  const block = named.has('layer1.0.conv3.weight') ? 'bottleneck' : 'basic';
  const shortcut = shortcutOf(named, block);
  const name = nameOf({ blocksPerStage, block, shortcut });
  const own = ownArchitecture(name);
  if (own?.family !== family || own?.blocksPerStage.join() !== blocksPerStage.join()) return null;
  return {
    name,
    family: own.family,
    options: { ...(block !== own.block && { block }), ...(shortcut !== own.shortcut && { shortcut }) },
  };
}

/** What the name alone stands for; null where no net has it. */
function ownArchitecture(name: string): Architecture | null {
  try {
    return modelArchitecture(name);
  } catch {
    return null;
  }
}

/** Blocks of each stage: one more than the last one's number. */
function stagesOf(named: NamedWeights): number[] {
  const counts = [0, 0, 0, 0];
  for (const name of named.keys()) {
    const [, stage, block] = /^layer([1-4])\.(\d{1,4})\.conv1\.weight$/.exec(name) ?? [];
    if (stage !== undefined) counts[Number(stage) - 1] = Math.max(counts[Number(stage) - 1]!, Number(block) + 1);
  }
  return counts.filter((count) => count > 0);
}

/** C projects in every block, B where shapes change: at the start of stages, the first one's only for bottlenecks. */
function shortcutOf(named: NamedWeights, block: 'basic' | 'bottleneck'): Exclude<ShortcutKind, 'none'> {
  const projects = (place: string) => named.has(`layer${place}.downsample.0.weight`);
  if (projects('1.1') || (block === 'basic' && projects('1.0'))) return 'C';
  return projects('2.0') ? 'B' : 'A';
}
