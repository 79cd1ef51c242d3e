import { type EvaluateNetworkOptions, evaluateNetwork } from '@resnet/experiments';
import { note, print, printJson } from '../output';
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
}
