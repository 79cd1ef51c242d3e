import { simdInfo, useBackend } from '@resnet/backend';
import { smallTraining } from './small-training';

/** Called by the test: trains in this page and tells on what. */
const trainHere = async (threads?: number) => {
  const backend = await useBackend('auto', { threads });
  return { backend, isolated: crossOriginIsolated, losses: smallTraining(), info: simdInfo() };
};

Object.assign(globalThis, { trainHere });
