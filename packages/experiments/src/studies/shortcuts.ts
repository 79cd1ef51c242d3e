import { SHORTCUT_KINDS } from '@resnet/models';
import { comparisonFindings } from '../findings/comparison';
import { costTable } from '../findings/costs';
import { costsOf } from './costs-of';
import { overSeeds, plan } from './planned-run';
import type { Study } from './study';

/** Options A, B and C: the kinds of shortcut but none at all. */
const shortcutKinds = SHORTCUT_KINDS.filter((kind) => kind !== 'none');

/** Table 3. */
export const shortcuts: Study = {
  id: 'shortcuts',
  title: 'Shortcut types',
  question: 'What do options A, B and C cost, and what do they bring over no shortcut (Table 3)?',
  protocol: ({ depth }) => `Plain-${depth} and ResNet-${depth} with shortcut A, B and C.`,
  runs: (preset) =>
    [
      { label: `plain${preset.depth}`, model: { name: `plain${preset.depth}` } },
      ...shortcutKinds.map((shortcut) => ({
        // The label of the other studies, which share this net.
        label: shortcut === 'A' ? `resnet${preset.depth}` : `resnet${preset.depth} shortcut ${shortcut}`,
        model: { name: `resnet${preset.depth}`, ...(shortcut !== 'A' && { shortcut }) },
      })),
    ].flatMap(({ label, model }) => overSeeds(preset.seeds, (seed) => plan(preset, label, { model, seed }))),
  analyze: async ({ runs, records }) => {
    const found = comparisonFindings(records, 'Shortcut types', 'Training error thin, validation error bold');
    const costs = await costsOf(runs, records);
    const [plain, padded] = costs;
    const same = plain!.parameters === padded!.parameters && plain!.multiplyAdds === padded!.multiplyAdds;
    return {
      figures: found.figures.map(({ draw }) => ({ name: 'shortcut-errors', draw })),
      tables: [costTable(costs, 'For one image; time as trained.'), ...found.tables],
      conclusion: [
        `${padded!.label} (shortcut A) and ${plain!.label} have ${same ? 'the same' : 'different'} parameters and multiply-adds: ${padded!.parameters.toLocaleString('en-US')} and ${padded!.multiplyAdds.toLocaleString('en-US')}.`,
        ...found.conclusion,
      ],
    };
  },
};
