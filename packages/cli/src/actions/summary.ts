import type { ReportTable } from '@resnet/analysis';
import { architectureOf, createModel, type ModelOptions, type ModelSummary, summarizeModel } from '@resnet/models';
import * as tf from '@tensorflow/tfjs';
import { printJson, terminalWidth } from '../output';
import { printTable } from '../print-table';

/** Options of `resnet summary`, as its command parses them. */
export interface SummaryOptions {
  readonly shortcut?: string;
  readonly pad?: string;
  readonly block?: string;
  readonly strideIn?: string;
  readonly zeroLastScale?: boolean;
  readonly classes?: string;
  readonly inputShape?: string;
  readonly json?: boolean;
}

/** Prints layers, parameters and cost of a model. Weights are not drawn, and nothing is computed. */
export async function printSummary(name: string, { json, ...options }: SummaryOptions): Promise<void> {
  tf.enableProdMode(); // Otherwise TensorFlow.js prints advice to install its native backend.
  await tf.setBackend('cpu');
  const model = build(name, options);
  const counts = summarizeModel(model);
  const { shortcut, block } = architectureOf(model);
  if (json) printJson({ model: name, shortcut, block, ...counts });
  else printTable(fitting(tableOf(name, counts)));
}

function build(name: string, { classes, inputShape, ...choices }: SummaryOptions): tf.LayersModel {
  const sizes = {
    ...(classes === undefined ? {} : { classes: Number(classes) }),
    ...(inputShape === undefined ? {} : { inputShape: inputShape.split(',').map(Number) }),
  };
  // Strings from the command line; createModel checks each.
  return createModel(name, { ...choices, ...sizes, zeros: true } as ModelOptions);
}

function tableOf(name: string, summary: ModelSummary): ReportTable {
  const { layers, parameters, multiplyAdds, activationBytes, inputShape } = summary;
  return {
    columns: ['layer', 'type', 'output', 'parameters', 'multiply-adds', 'activation bytes'],
    rows: [
      ...layers.map((layer) => [
        layer.name,
        layer.type,
        layer.outputShape.join('×'),
        ...[layer.parameters, layer.multiplyAdds, layer.activationBytes].map(grouped),
      ]),
      [name, '', inputShape.join('×'), ...[parameters, multiplyAdds, activationBytes].map(grouped)],
    ],
  };
}

/** Layer, type, shape and counts of the deepest nets take so many columns. */
const WIDE = 100;

/** Names say the type of a layer: that column is the first to go. */
const fitting = ({ columns, rows }: ReportTable): ReportTable =>
  terminalWidth() >= WIDE
    ? { columns, rows }
    : { columns: columns.toSpliced(1, 1), rows: rows.map((row) => row.toSpliced(1, 1)) };

const grouped = (count: number): string => count.toLocaleString('en-US');
