import { type Classification, loadClassifier } from '@resnet/experiments/classifier/browser';

/** Loads the exported model beside this page and classifies a picture in each form that a page may have it in. */
async function classifyHere(url: string): Promise<Record<string, Classification[]>> {
  const classifier = await loadClassifier(new URL('./model/', location.href));
  const blob = await (await fetch(url)).blob();
  const bitmap = await createImageBitmap(blob);
  const element = new Image();
  element.src = url;
  await element.decode();
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const data = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return {
    url: await classifier.classify(url),
    blob: await classifier.classify(blob),
    bitmap: await classifier.classify(bitmap),
    element: await classifier.classify(element),
    data: await classifier.classify(data),
  };
}

Object.assign(window, { classifyHere });
