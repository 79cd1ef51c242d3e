import { gradientFindings, measureGradients } from '../findings/gradients';
import { jacobianFindings, measureJacobians } from '../findings/jacobians';
import { isResidual } from '../recipe/architecture';
import { plan } from './planned-run';
import type { Preset } from './preset';
import type { Study } from './study';
import { together } from './together';
import { withoutNormalization } from './variants/without-normalization';

const deepest = ({ depths }: Preset): number => depths.at(-1)!;

/** Nets without normalization diverge at the paper's rate: theirs is far lower, and their gradient is kept to norm 1. */
const careful = { schedule: { kind: 'constant', base: 0.001 }, clipNorm: 1 } as const;

/** Name of the recipe without batch normalization. */
const WITHOUT = 'without BN';

/** Images that are measured on. */
const NORMS = 64;
const GAINS = 32;

/** "Vanishing gradients?" */
export const gradientFlow: Study = {
  id: 'gradient-flow',
  title: 'Gradient flow',
  question: 'Do gradients vanish in plain nets? Is the gradient through a residual block at least 1?',
  protocol: () =>
    `The deepest nets of the first study, seed 0, and the same without batch normalization (rate 0.001, gradient kept to norm 1). Norms on ${NORMS} training images in training mode; Jacobians on one of ${GAINS} and gains on all of these, in evaluation mode.`,
  runs: (preset) =>
    ['plain', 'resnet'].flatMap((family) => {
      const model = { name: `${family}${deepest(preset)}` };
      return [
        plan(preset, model.name, { model }),
        plan(preset, `${model.name} without BN`, { model, name: WITHOUT, ...careful }, () => withoutNormalization),
      ];
    }),
  analyze: async ({ runs }) => {
    const residual = runs.filter(({ recipe }) => isResidual(recipe) && recipe.name !== WITHOUT);
    return together(
      gradientFindings(await measureGradients(runs, NORMS)),
      jacobianFindings(await measureJacobians(residual, GAINS)),
    );
  },
};
