import {
  type ClassifiedImage,
  confusionOf,
  curveData,
  htmlReport,
  lineFigure,
  type ReportSection,
  type RunRecord,
  surestMistakes,
} from '@resnet/analysis';
import { writeDurably } from '@resnet/files';
import { classCounts } from '../evaluation/answers';
import { formatDuration } from '../recipe/explain';
import type { Recipe } from '../recipe/schema';
import type { RunImages } from '../run/images';
import type { RunResult } from '../run/result';
import { runFiles } from '../run/run-files';
import { classTable, confusedPairs, confusionFigure, imbalanceWarning, resultsByClass } from './by-class';
import { settingsOf, valueInWords } from './label';
import { mistakesFigure } from './mistakes';
import { digits, percent } from './numbers';
import type { RunEvaluation } from './run-evaluation';
import { runRecord } from './run-record';

/** What the report of a run is made of. */
export interface RunReportParts {
  /** The run folder; the run has finished. */
  directory: string;
  recipe: Recipe;
  result: RunResult;
  images: Pick<RunImages, 'classes' | 'train' | 'test'>;
  /** What the network calls the test images, in their order. */
  answers: readonly ClassifiedImage[];
}

/** Matrices of more classes are not written: a thousand classes have a million cells. */
const mostClasses = 200;

/**
 * Writes `report.html`, one file that holds everything and runs no script but its own, and `evaluation.json` with the numbers by class.
 *
 * @returns The path of the report.
 */
export async function writeRunReport(parts: RunReportParts): Promise<string> {
  const { directory, recipe, images, answers } = parts;
  const { classes } = images;
  const matrix = confusionOf(answers, classes.length);
  const trained = classCounts(images.train);
  const results = resultsByClass(matrix, classes);
  const evaluation: RunEvaluation = {
    images: answers.length,
    classes: results.map((result, i) => ({ ...result, trained: trained[i]! })),
    confusion: classes.length <= mostClasses ? matrix : null,
  };
  const files = runFiles(directory);
  await writeDurably(files.evaluation, `${JSON.stringify(evaluation)}\n`);
  const record = runRecord(directory, recipe.model.name);
  const sections = [
    resultSection(parts, record),
    curvesSection(record),
    await classesSection(parts, { matrix, trained, results }),
    recipeSection(recipe),
  ];
  const title = `${recipe.model.name} on ${recipe.name}`;
  await writeDurably(files.report, htmlReport({ title, about: [`Run folder: ${directory}`], sections }));
  return files.report;
}

function resultSection({ recipe, result, images, answers }: RunReportParts, { train }: RunRecord): ReportSection {
  const share = (value: number | null) => (value === null ? 'not measured' : `${percent(value)} %`);
  const number = (value: number | null, unit: string) => (value === null ? 'not measured' : `${digits(value)} ${unit}`);
  const time = train.at(-1)?.time;
  const facts: [string, string][] = [
    ['test error', share(result.testError)],
    ...(images.classes.length > 5 ? [['test error, top 5', share(result.testTop5Error)] as [string, string]] : []),
    ['validation error', share(result.validationError)],
    ['training error', share(result.trainError)],
    ['training loss', number(result.trainLoss, 'nats')],
    ['test images', answers.length.toLocaleString('en-US')],
    ['training images', images.train.length.toLocaleString('en-US')],
    ['parameters', result.parameters.toLocaleString('en-US')],
    ['iterations', `${result.steps.toLocaleString('en-US')} of ${recipe.batchSize} images`],
    ['time', typeof time === 'number' ? formatDuration(time) : 'not measured'],
    ['speed', `${number(result.imagesPerSecond, 'images/s')}, ${number(result.secondsPerStep, 's/iteration')}`],
    ['computed by', result.backend],
    ['machine', result.hardware],
  ];
  return {
    id: 'result',
    title: 'Result',
    question: '',
    protocol: '',
    figures: [],
    tables: [{ columns: ['measure', 'value'], rows: facts }],
    conclusion: ['Test errors are those of the weights that the run ended with; nothing was chosen by them.'],
  };
}

const curvesSection = (record: RunRecord): ReportSection => ({
  id: 'curves',
  title: 'Along training',
  question: '',
  protocol:
    'Training: each batch before its update, with augmentation, averaged over windows. Validation: held-out images.',
  figures: [
    lineFigure('error', curveData([record], 'error', { title: 'Error', points: 500 }), 300),
    lineFigure('loss', curveData([record], 'loss', { title: 'Loss', points: 500 }), 300),
    lineFigure('rate', curveData([record], 'rate', { title: 'Learning rate', points: 500 }), 180),
  ].filter(({ chart }) => chart!.lines.length > 0),
  tables: [],
  conclusion: [],
});

interface ByClass {
  matrix: number[][];
  trained: number[];
  results: ReturnType<typeof resultsByClass>;
}

async function classesSection(
  { recipe, images, answers }: RunReportParts,
  { matrix, trained, results }: ByClass,
): Promise<ReportSection> {
  const { classes, test } = images;
  const warning = imbalanceWarning(trained, classes);
  // Where broken images were left out, places of answers are not places of images.
  const mistakes = answers.length === test.length ? surestMistakes(answers, 18) : [];
  return {
    id: 'classes',
    title: 'By class',
    question: '',
    protocol: `${answers.length.toLocaleString('en-US')} test images, a single view of each.`,
    figures: [
      ...confusionFigure(matrix, classes, 'test images'),
      ...(await mistakesFigure(mistakes, test, recipe.model.name)),
    ],
    tables: [classTable(results, trained), confusedPairs(matrix, classes)].filter(({ rows }) => rows.length > 0),
    conclusion: warning === null ? [] : [warning],
  };
}

const recipeSection = (recipe: Recipe): ReportSection => ({
  id: 'recipe',
  title: 'Recipe',
  question: '',
  protocol: '',
  figures: [],
  tables: [
    { columns: ['setting', 'value'], rows: settingsOf(recipe).map(([key, value]) => [key, valueInWords(value)]) },
  ],
  conclusion: [],
});
