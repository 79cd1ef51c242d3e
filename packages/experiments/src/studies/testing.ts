import { subjectOfRun } from '../evaluation/subject';
import { scales, singleView, tenCrops } from '../evaluation/views';
import { testBy, testingFindings } from '../findings/evaluation';
import { preprocessingOf } from '../findings/sample';
import { openImages, representative } from '../run/images';
import { plan } from './planned-run';
import type { Study } from './study';

/** Sides at which a net trained on 32 pixels is tested. */
const sides = [32, 40, 48];

/** §3.4's ways to test. */
export const testing: Study = {
  id: 'testing',
  title: 'Testing',
  question: 'What do ten crops and several scales bring, and where does the network err?',
  protocol: ({ depths, images }) =>
    `ResNet-${depths.at(-1)}, seed 0, on ${images} test images: a single view; 10 crops of the image at 37 pixels; fully convolutionally at ${sides.join(', ')} pixels, probabilities averaged.`,
  runs: (preset) => {
    const model = `resnet${preset.depths.at(-1)}`;
    return [plan(preset, model, { model })];
  },
  analyse: async ({ runs: [run], preset }) => {
    const subject = subjectOfRun(run!.directory);
    const preprocessing = preprocessingOf(run!);
    const [model, free] = [await subject.network(preprocessing.imageSize), await subject.network(null)];
    const dataset = representative((await openImages(run!.recipe)).test, preset.images);
    const single = await testBy({ name: 'single view', views: singleView(preprocessing), model }, dataset);
    const crops = await testBy({ name: '10 crops', views: tenCrops(preprocessing), model }, dataset);
    const scaled = await testBy(
      { name: `scales ${sides.join(', ')}`, views: scales(preprocessing, sides), model: free },
      dataset,
    );
    return testingFindings([single, crops, scaled], dataset, run!.label);
  },
};
