import { trainOnWebGpu } from './train-on-webgpu';

addEventListener('message', async () =>
  postMessage(await trainOnWebGpu().catch((error) => ({ error: String(error) }))),
);
