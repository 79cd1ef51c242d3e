import { type EvaluateNetworkOptions, evaluateNetwork, type NetworkEvaluation } from '@resnet/experiments';
import { classTable } from '@resnet/experiments/studies';
import { note, print, printJson } from '../output';
import { printTable } from '../print-table';
import { type NetworkFlags, openNetwork } from './network';

/** Flags of `resnet evaluate`. */
export interface EvaluateFlags extends NetworkFlags, Omit<EvaluateNetworkOptions, 'crops'> {
  crops?: '1' | '10';
  json?: boolean;
}

/** `resnet evaluate`. */
export async function evaluate({ crops, json, ...flags }: EvaluateFlags): Promise<void> {
  const network = await openNetwork(flags);
  const views = crops === undefined ? {} : { crops: crops === '10' ? (10 as const) : (1 as const) };
  const measured = await evaluateNetwork(network, { ...flags, ...views, onNote: note });
  if (json) return printJson(measured);
  const percent = (value: number) => `${(100 * value).toFixed(2)} %`;
  print(`top-1 ${percent(measured.top1)}, top-5 ${percent(measured.top5)}, loss ${measured.loss.toFixed(4)}`);
  print(`${measured.images} images, ${measured.imagesPerSecond.toFixed(0)} a second`);
  printClasses(measured);
}

/** Classes whose scores are printed; of more, those that do worst. `--json` has all. */
const mostPrinted = 30;

function printClasses({ classes }: NetworkEvaluation): void {
  const worstFirst = classes.toSorted((a, b) => (a.f1 ?? 0) - (b.f1 ?? 0));
  const isLong = classes.length > mostPrinted;
  printTable(classTable(isLong ? worstFirst.slice(0, mostPrinted) : classes));
  if (isLong) print(`The ${mostPrinted} of ${classes.length} classes with the lowest F1; --json has all.`);
}
