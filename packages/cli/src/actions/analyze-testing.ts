import {
  checkClasses,
  fitted,
  hardware,
  openData,
  type Preprocessing,
  representative,
  type Subject,
  scales,
  singleView,
  subjectOf,
  tenCrops,
  testSplit,
} from '@resnet/experiments';
import { type Protocol, type Tested, testBy, testingFindings } from '@resnet/experiments/studies';
import { type Output, writeFindings } from '../analysis/write-findings';
import { UsageError } from '../errors';
import { note } from '../output';

/** What the command line gives. */
export interface TestingFlags extends Output {
  run: string;
  data?: string;
  split?: string;
  images?: number;
  scales?: number[];
  backend?: string;
  threads?: number;
}

/** `resnet analyze testing`. */
export async function analyzeTesting(flags: TestingFlags): Promise<void> {
  const subject = await subjectOf(flags);
  const path = flags.data ?? subject.data;
  if (!path) throw new UsageError('analyze testing: needs a data set. Pass --data PATH.');
  const source = await openData(path, note);
  const split = flags.split ?? testSplit(path, source.splits);
  const all = await source.read(split);
  const dataset = flags.images === undefined ? all : representative(all, flags.images);
  const [first, ...rest] = await protocolsOf(subject, fitted(subject.preprocessing!, dataset), flags.scales ?? []);
  checkClasses('analyze testing', first.model, dataset);
  const tested: [Tested, ...Tested[]] = [await testBy(first, dataset)];
  for (const protocol of rest) tested.push(await testBy(protocol, dataset));
  const section = {
    id: 'testing',
    title: `Testing ${subject.model}`,
    question: 'What do more views of each image bring, and where does the network err?',
    protocol: `${dataset.length} images of the ${split} split; ${hardware()}.`,
    ...(await testingFindings(tested, dataset, subject.model)),
  };
  await writeFindings(section, tested, flags);
}

async function protocolsOf(
  subject: Subject,
  preprocessing: Preprocessing,
  sides: readonly number[],
): Promise<[Protocol, ...Protocol[]]> {
  const model = await subject.network(preprocessing.imageSize);
  const free = sides.length > 0 ? await subject.network(null) : model;
  return [
    { name: 'single view', views: singleView(preprocessing), model },
    { name: '10 crops', views: tenCrops(preprocessing), model },
    ...(sides.length > 0
      ? [{ name: `scales ${sides.join(', ')}`, views: scales(preprocessing, sides), model: free }]
      : []),
  ];
}
