import { galleryPlot, type Misclassification, type ReportFigure } from '@resnet/analysis';
import { toBytes } from '@resnet/augment';
import type { Dataset } from '@resnet/data';

/** The surest mistakes with their pictures; none where there is no mistake. */
export async function mistakesFigure(
  mistakes: readonly Misclassification[],
  dataset: Dataset,
  model: string,
): Promise<ReportFigure[]> {
  if (mistakes.length === 0) return [];
  const draw = await galleryPlot(
    await Promise.all(
      mistakes.map(async ({ index, label, predicted, confidence }) => {
        const { data, height, width, channels } = toBytes((await dataset.read(index)).image);
        return {
          image: { data: Uint8Array.from(data), height, width, channels },
          caption: `${dataset.classes[label]} → ${dataset.classes[predicted]} ${(100 * confidence).toFixed(0)}\u00a0%`,
        };
      }),
    ),
  );
  return [
    {
      name: 'most-wrong',
      draw: (width) =>
        draw({ title: `Surest mistakes, ${model}`, subtitle: 'true class → predicted class, probability', width }),
    },
  ];
}
