import { createModel } from '@resnet/models';
import { stepSeconds } from '../bench/step-seconds';
import { comparisonFindings } from '../findings/comparison';
import { type Cost, costOf, costTable } from '../findings/costs';
import { digits } from '../findings/numbers';
import { costsOf } from './costs-of';
import { overSeeds, plan } from './planned-run';
import type { Preset } from './preset';
import type { Study } from './study';

const blocks = ['basic', 'bottleneck'] as const;

/** The depth with three layers in each block where a basic net has two: 20 becomes 29. */
const withBottlenecks = (depth: number): number => ((depth - 2) / 2) * 3 + 2;

/** The deck's open question. */
export const bottleneck: Study = {
  id: 'bottleneck',
  title: 'Bottleneck at 18 and 34 layers',
  question: 'The paper uses the bottleneck from 50 layers up: what does it cost and bring below?',
  protocol: ({ depth, timing }) =>
    `ResNet-18 and 34 with as many basic or bottleneck blocks: counted for 224 × 224 pixels, timed on ${timing.batch} images of ${timing.size} × ${timing.size}, not trained: their error needs ImageNet. ResNet-${depth} and a net with as many bottleneck blocks, ResNet-${withBottlenecks(depth)}, trained.`,
  runs: (preset) =>
    blocks.flatMap((block) =>
      overSeeds(preset.seeds, (seed) => {
        const name = `resnet${preset.depth}`;
        return block === 'basic'
          ? plan(preset, name, { model: { name }, seed })
          : plan(preset, `resnet${withBottlenecks(preset.depth)} bottleneck`, {
              model: { name: `resnet${withBottlenecks(preset.depth)}`, block },
              seed,
            });
      }),
    ),
  analyze: async ({ runs, records, preset }) => {
    const found = comparisonFindings(records, 'As many basic and bottleneck blocks');
    const large = await imagenetCosts(preset);
    return {
      figures: found.figures.map(({ draw }) => ({ name: 'bottleneck-errors', draw })),
      tables: [
        costTable(
          large,
          'ImageNet nets: counted for one image of 224 × 224 pixels; time of the small batch, the faster of two steps.',
        ),
        costTable(await costsOf(runs, records), 'CIFAR nets: for one image; time as trained.'),
        ...found.tables,
      ],
      conclusion: [...large.slice(0, 2).map((basic, i) => against(large[i + 2]!, basic)), ...found.conclusion],
    };
  },
};

async function imagenetCosts({ timing }: Preset): Promise<Cost[]> {
  const costs: Cost[] = [];
  for (const block of blocks) {
    for (const name of ['resnet18', 'resnet34']) {
      const label = `${name} ${block}`;
      const counted = createModel(name, { block, zeros: true });
      const small = createModel(name, { block, seed: 0, inputShape: [timing.size, timing.size, 3] });
      costs.push(costOf(label, counted, await stepSeconds(small, timing.batch, 2)));
      counted.dispose();
      small.dispose();
    }
  }
  return costs;
}

function against(bottle: Cost, basic: Cost): string {
  const times = (of: (cost: Cost) => number) => digits(of(bottle) / of(basic));
  return `${bottle.label} has ${times(({ parameters }) => parameters)} times the parameters, ${times(({ multiplyAdds }) => multiplyAdds)} times the multiply-adds and ${times(({ activationBytes }) => activationBytes)} times the activations of ${basic.label}, and takes ${times(({ secondsPerStep }) => secondsPerStep!)} times as long here.`;
}
