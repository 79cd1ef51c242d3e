import { barPlot, summarizeSample, toPng } from '@resnet/analysis';

/** Mean and deviation of the numbers 1, 2, 3, and a picture of them. */
export const example = async () => {
  const { mean, std } = summarizeSample([1, 2, 3]);
  const bars = [1, 2, 3].map((value) => ({ name: `${value}`, value }));
  const png = await toPng(barPlot({ title: 'Numbers', value: { label: 'value' }, bars }));
  return [mean, std, Buffer.from(png.subarray(1, 4)).toString()];
};
