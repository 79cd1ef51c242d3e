import { trainOnWebGpu } from './train-on-webgpu';

/** Called by the test: trains in a Web Worker of this page. */
const trainInWorker = () =>
  new Promise((resolve, reject) => {
    const worker = new Worker('webgpu-worker.js', { type: 'module' });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
    worker.postMessage('train');
  });

Object.assign(globalThis, { trainHere: trainOnWebGpu, trainInWorker });
