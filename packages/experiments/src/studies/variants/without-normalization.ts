import { add, type Block, chain, conv, head, identity, network, padded, relu, repeat, scope } from '@resnet/blocks';
import type * as tf from '@tensorflow/tfjs';
import { recipeArchitecture } from '../../recipe/architecture';
import type { NetworkBuilder } from '../../run/network';

/** The network of §4.2 of the recipe's depth, without batch normalization. */
export const withoutNormalization: NetworkBuilder = (recipe, classes, imageSize) => {
  const { blocksPerStage, shortcut } = recipeArchitecture(recipe);
  return bareNet(blocksPerStage[0]!, shortcut === 'none', recipe.seed, classes, imageSize);
};

function bareNet(
  blocks: number,
  plain: boolean,
  seed: number,
  classes: number,
  imageSize: number | null,
): tf.LayersModel {
  const stages = [16, 32, 64].map((filters, stage) =>
    scope(
      `layer${stage + 1}`,
      repeat(blocks, (i) => scope(String(i), bareBlock(filters, stage > 0 && i === 0 ? 2 : 1, plain))),
    ),
  );
  return network(
    { inputShape: [imageSize, imageSize, 3], name: 'bare', seed },
    chain(conv(16, 3), relu, ...stages, head(classes)),
  );
}

const bareBlock = (filters: number, stride: number, plain: boolean): Block => {
  const branch = chain(conv(filters, 3, stride), relu, conv(filters, 3));
  const shortcut = padded()(filters, stride) ?? identity;
  return (x) => relu(plain ? branch(x) : add(branch(x), shortcut(x)));
};
