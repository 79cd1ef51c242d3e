import { buffer } from 'node:stream/consumers';
import { decodeImage } from '@resnet/data';
import {
  type FilePrediction,
  findImageFiles,
  type ImagePredictor,
  type ImagePredictorOptions,
  imagePredictor,
  predictFiles,
} from '@resnet/experiments';
import { printable, writeDurably } from '@resnet/files';
import { UsageError } from '../errors';
import { note, print, printJson } from '../output';
import { type NetworkFlags, openNetwork } from './network';

/** Flags of `resnet predict`. */
export interface PredictFlags extends NetworkFlags, ImagePredictorOptions {
  top: number;
  csv?: string;
  json?: boolean;
}

/** `resnet predict`. Exit code 1 if there was no answer for some image, 2 if there was none at all. */
export async function predict(paths: string[], flags: PredictFlags): Promise<void> {
  const input = paths.includes('-') ? await buffer(process.stdin) : null;
  const image = input && isImage(input) ? input : null;
  const named = paths.flatMap((path) => (path !== '-' ? [path] : input && !image ? linesOf(input) : []));
  const { files, others } = await findImageFiles(named);
  if (others > 0) note(`passed over ${others} files that are no PNG, JPEG or WebP`);
  if (files.length === 0 && !image)
    throw new UsageError(`predict: must be given images, got none in ${paths.join(', ')}.`);
  const predictor = await imagePredictor(await openNetwork(flags), flags);
  const answered: FilePrediction[] = [];
  for await (const one of answers(predictor, image, files, flags.top)) {
    answered.push(one);
    report(one, flags);
    progress(answered.length, files.length);
  }
  predictor.dispose();
  if (flags.csv !== undefined) {
    await writeDurably(flags.csv, csvOf(answered, flags.top), { links: 'follow' });
    print(flags.csv);
  }
  const broken = answered.filter((one) => 'error' in one).length;
  if (broken === 0) return;
  note(`no answer for ${broken} of ${answered.length} images`);
  // Nothing at all: what was named is wrong.
  process.exitCode = broken === answered.length ? 2 : 1;
}

async function* answers(
  predictor: ImagePredictor,
  input: Buffer | null,
  files: readonly string[],
  top: number,
): AsyncGenerator<FilePrediction> {
  if (input) {
    yield { image: '-', predictions: await predictor.predict(await decodeImage(input, 'standard input'), top) };
  }
  yield* predictFiles(predictor, files, { top });
}

/** PNG, JPEG and WebP by their first bytes; else standard input is a list of names. */
const isImage = (bytes: Buffer): boolean =>
  bytes[0] === 0xff || bytes[0] === 0x89 || bytes.subarray(0, 4).toString('latin1') === 'RIFF';

/** A name a line, or ended by NUL as `find -print0` has them. */
const linesOf = (bytes: Buffer): string[] => {
  const text = bytes.toString();
  return text.split(text.includes('\0') ? '\0' : /\r?\n/).filter((name) => name !== '');
};

function report(one: FilePrediction, { csv, json }: PredictFlags): void {
  if (json) printJson(one);
  else if ('error' in one) note(one.error);
  else if (csv === undefined) {
    print(printable(one.image));
    for (const each of one.predictions)
      print(`  ${(100 * each.probability).toFixed(1).padStart(5)} %  ${printable(each.class)}`);
  }
}

/** Says how far it is, every hundred images of many. */
function progress(done: number, total: number): void {
  if (total >= 200 && done % 100 === 0)
    note(`predict: ${done.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} images`);
}

/** `image,class,probability,class2,probability2,…,error`, a line per image, as RFC 4180 has it. */
function csvOf(answered: readonly FilePrediction[], top: number): string {
  const most = Math.max(1, ...answered.map((one) => ('predictions' in one ? one.predictions.length : 0)));
  const ranks = Array.from({ length: Math.min(top, most) }, (_, i) => (i === 0 ? '' : String(i + 1)));
  const header = ['image', ...ranks.flatMap((rank) => [`class${rank}`, `probability${rank}`]), 'error'];
  const rows = answered.map((one) => {
    const predictions = 'predictions' in one ? one.predictions : [];
    const cells = ranks.flatMap((_, i) => [predictions[i]?.class ?? '', predictions[i]?.probability.toFixed(6) ?? '']);
    return [one.image, ...cells, 'error' in one ? one.error : ''];
  });
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
