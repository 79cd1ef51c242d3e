import type { AnalysisKind } from '@resnet/experiments/studies';
import { Command, Option } from 'commander';
import { collected, naturals, positive, shared } from './options';

/** `resnet analyze`: measurements of trained networks. */
export const analyze = (): Command =>
  new Command('analyze')
    .description(
      'Analyze runs: layer responses (Fig. 7), gradients, Jacobians, residual branches, errors of the network.',
    )
    .addCommand(ofRuns('responses', "Fig. 7: standard deviation of each 3×3 layer's response.", 500))
    .addCommand(
      ofRuns('gradients', 'Norm of the gradient by layer, at initialization and at every kept checkpoint.', 64),
    )
    .addCommand(
      ofRuns(
        'jacobian',
        'Jacobian of each residual block compared with the identity, at the start and at the end.',
        32,
      ),
    )
    .addCommand(ofRuns('residuals', 'Norm of each residual branch over that of its input, during training.', 200))
    .addCommand(evaluation())
    .addHelpText('after', '\nExample:\n  $ resnet analyze responses --run runs/cifar10-resnet20-0');

const ofRuns = (name: AnalysisKind, description: string, images: number) =>
  new Command(name)
    .description(description)
    .option('--run <dir>', 'run folder; repeatable', collected, [])
    .option('--images <n>', 'images to measure on', positive, images)
    .option('--out <dir>', 'folder for figures (SVG, PNG), data and a report')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addOption(shared.json())
    .addHelpText('after', `\nExample:\n  $ resnet analyze ${name} --run runs/plain20 --run runs/resnet20 --out ${name}`)
    .action(async (options) => (await import('../actions/analyze')).analyze(name, options));

const evaluation = () =>
  new Command('evaluation')
    .alias('testing') // Its name until this release.
    .description('Single view, 10 crops and several scales; confusion matrix, calibration, most confident mistakes.')
    .requiredOption('--run <dir>', 'folder of a finished run')
    .option('--data <path>', "archive or folder of images (default: the run's)")
    .option('--split <name>', 'train, test or val (default: test, or val where there is no test)')
    .option('--images <n>', 'images to evaluate on, classes in proportion (default: all)', positive)
    .addOption(new Option('--scales <list>', 'shorter sides to evaluate at, for example 32,40,48').argParser(naturals))
    .option('--out <dir>', 'folder for figures (SVG, PNG), data and a report')
    .addOption(shared.backend())
    .addOption(shared.software())
    .addOption(shared.threads())
    .addOption(shared.json())
    .addHelpText(
      'after',
      '\nExample:\n  $ resnet analyze evaluation --run runs/resnet20 --scales 32,40,48 --out evaluation',
    )
    .action(async (options) => (await import('../actions/analyze-evaluation')).analyzeEvaluation(options));
