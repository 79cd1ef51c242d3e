import { measureResponses, responseFindings } from '../findings/responses';
import { degradationRuns } from './degradation';
import { ofSeed, type Study } from './study';

/** Fig. 7. */
export const responses: Study = {
  id: 'responses',
  title: 'Layer responses',
  question: 'Do residual functions respond more weakly than the layers of plain nets (Fig. 7)?',
  protocol: ({ images }) =>
    `The nets of the first study, seed 0; standard deviation over ${images} test images, after batch normalization, before ReLU and addition.`,
  runs: (preset) => degradationRuns(preset).filter(({ recipe }) => recipe.seed === 0),
  analyze: async ({ runs, preset }) => responseFindings(await measureResponses(ofSeed(runs, 0), preset.images)),
};
