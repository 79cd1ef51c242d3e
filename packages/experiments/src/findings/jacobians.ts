import {
  type BlockJacobian,
  blockJacobians,
  type Findings,
  type GradientGain,
  gradientGains,
  linePlot,
  type PlotLine,
} from '@resnet/analysis';
import { momentsOf } from './moments';
import { digits, mean } from './numbers';
import { sampleOf } from './sample';
import type { TrainedRun } from './trained-run';

/** The identity blocks in the network of one run at one moment. */
export interface RunJacobians {
  /** Name of the run. */
  label: string;
  /** Iterations done. */
  step: number;
  /** Singular values on one image; they are not averaged, since they belong to one point. */
  jacobians: BlockJacobian[];
  /** Gain of the gradient through each block, from the input. */
  gains: GradientGain[];
}

/** Measures identity blocks at the start and at the end of some runs; gains of the gradient on `images` training images. */
export async function measureJacobians(runs: readonly TrainedRun[], images: number): Promise<RunJacobians[]> {
  const measured: RunJacobians[] = [];
  for (const run of runs) {
    const sample = await sampleOf(run, 'train', images);
    const one = sample.images.slice([0], [1]);
    const [start, ...rest] = await momentsOf(run);
    for (const moment of [start, ...rest.slice(-1)]) {
      const found = await moment.with(async (model) => ({
        jacobians: await blockJacobians(model, one),
        gains: await gradientGains(model, sample.images, sample.labels),
      }));
      measured.push({ label: run.label, step: moment.step, ...found });
    }
    one.dispose();
    sample.images.dispose();
  }
  return measured;
}

/** Figures, table and conclusion of {@link measureJacobians}. */
export const jacobianFindings = (measured: readonly RunJacobians[]): Findings => ({
  figures: [
    figure(
      'gradient-gains',
      "Gain of the loss's gradient through each residual block",
      'Norm at the input over norm at the output, before the ReLU; the identity has 1',
      'gain (ratio of norms)',
      measured.flatMap((one) => [line(nameOf(one), one.gains, ({ gain }) => gain)]),
    ),
    figure(
      'singular-values',
      "Extreme singular values of each block's Jacobian",
      'On the center of one real feature map: a gradient is scaled by no less than the dashed, no more than the solid line',
      'singular value',
      measured.flatMap((one) => [
        { ...line(`${nameOf(one)}, largest`, one.jacobians, ({ largestGain }) => largestGain), group: nameOf(one) },
        {
          ...line(`${nameOf(one)}, smallest`, one.jacobians, ({ smallestGain }) => smallestGain),
          group: nameOf(one),
          dashed: true,
        },
      ]),
    ),
  ],
  tables: [
    {
      caption: 'Residual blocks with an identity shortcut, x + branch(x), measured before the ReLU.',
      columns: ['net', 'iteration', 'block', 'gradient gain', 'smallest σ', 'largest σ', '‖J − I‖ / ‖I‖', 'matrix'],
      rows: measured.flatMap(({ label, step, jacobians, gains }) =>
        jacobians.map(({ block, smallestGain, largestGain, distanceToIdentity, size }, i) => [
          label,
          step,
          block.replace(/\.add$/, ''),
          ...[gains[i]!.gain, smallestGain, largestGain, distanceToIdentity].map(digits),
          `${size} × ${size}`,
        ]),
      ),
    },
  ],
  conclusion: measured.filter(({ jacobians }) => jacobians.length > 0).map(sentence),
});

function sentence(one: RunJacobians): string {
  const below = one.gains.filter(({ gain }) => gain < 1).length;
  const smallest = Math.min(...one.jacobians.map(({ smallestGain }) => smallestGain));
  const verdict =
    smallest < 1
      ? 'so the shortcut alone does not keep every gradient at 1 or more'
      : 'so at this one point no gradient can shrink, which says nothing of others';
  return `${nameOf(one)}: ${below} of ${one.gains.length} blocks shrink the loss's gradient (mean gain ${digits(mean(one.gains.map(({ gain }) => gain)))}); the smallest singular value, measured on the center of one image's feature maps, is ${digits(smallest)}, ${verdict}.`;
}

const nameOf = ({ label, step }: RunJacobians): string => `${label}, iteration ${step}`;

const line = <T>(name: string, values: readonly T[], of: (value: T) => number): PlotLine => ({
  name,
  points: values.map((value, i) => ({ x: i + 1, y: of(value) })),
  dots: true,
});

const figure = (name: string, title: string, subtitle: string, y: string, lines: readonly PlotLine[]) => ({
  name,
  draw: (width: number) =>
    linePlot({
      title,
      subtitle,
      width,
      height: 320,
      x: { label: 'block with an identity shortcut, from the input', whole: true },
      y: { label: y, scale: 'log' },
      lines,
      rules: [{ name: 'identity', y: 1 }],
    }),
});
