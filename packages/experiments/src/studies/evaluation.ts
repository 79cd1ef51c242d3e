import { networkOfRun } from '../evaluation/trained-network';
import { evaluationFindings, evaluationProtocols, scoreByEach } from '../findings/evaluation';
import { openRunImages, representativeImages } from '../run/images';
import { loadRun, preparedOf } from '../run/saved-run';
import { plan } from './planned-run';
import type { Study } from './study';

/** Sides at which a net trained on 32 pixels is evaluated. */
const sides = [32, 40, 48];

/** §3.4's ways to evaluate. */
export const evaluation: Study = {
  id: 'evaluation',
  title: 'Evaluation',
  question: 'What do ten crops and several scales bring, and where does the network err?',
  protocol: ({ depths, images }) =>
    `ResNet-${depths.at(-1)}, seed 0, on ${images} test images: a single view; 10 crops of the image at 37 pixels; fully convolutionally at ${sides.join(', ')} pixels, probabilities averaged.`,
  runs: (preset) => {
    const name = `resnet${preset.depths.at(-1)}`;
    return [plan(preset, name, { model: { name } })];
  },
  analyze: async ({ runs: [trained], preset }) => {
    const run = loadRun(trained!.directory);
    const protocols = await evaluationProtocols(networkOfRun(run), preparedOf(run).preprocessing, sides);
    const dataset = representativeImages((await openRunImages(run.recipe)).test, preset.images);
    return evaluationFindings(await scoreByEach(protocols, dataset), dataset, trained!.label);
  },
};
