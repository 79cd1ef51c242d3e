import { type Protocol, testBy, testingFindings } from '../analysis/testing';
import { type Output, writeFindings } from '../analysis/write-findings';
import { UsageError } from '../errors';
import { type Subject, type SubjectFlags, subjectOf } from '../testing/subject';
import { scales, singleView, tenCrops } from '../testing/views';
import { openData, representative } from '../training/images';
import type { Preprocessing } from '../training/preprocess';
import { hardware } from '../training/result';

/** What the command line gives. */
export interface TestingFlags extends SubjectFlags, Output {
  data?: string;
  split: string;
  images?: number;
  scales?: number[];
}

/** `resnet analyze testing`. */
export async function analyzeTesting(flags: TestingFlags): Promise<void> {
  const subject = await subjectOf(flags);
  const { preprocessing } = subject;
  if (!preprocessing) throw new UsageError('analyze testing: must know the preprocessing. Name a run by --run DIR.');
  const path = flags.data ?? subject.data;
  if (!path) throw new UsageError('analyze testing: needs a data set. Pass --data PATH.');
  const all = await (await openData(path)).read(flags.split);
  const dataset = flags.images === undefined ? all : representative(all, flags.images);
  const [first, ...rest] = await protocolsOf(subject, preprocessing, flags.scales ?? []);
  const tested = await testBy(first, dataset);
  const others = [];
  for (const protocol of rest) others.push(await testBy(protocol, dataset));
  const section = {
    id: 'testing',
    title: `Testing ${subject.model}`,
    question: 'What do more views of each image bring, and where does the network err?',
    protocol: `${dataset.length} images of the ${flags.split} split; ${hardware()}.`,
    ...(await testingFindings([tested, ...others], dataset, subject.model)),
  };
  await writeFindings(section, [tested, ...others], flags);
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
