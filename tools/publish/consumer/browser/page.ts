import { trainBriefly } from './step.js';

Object.assign(globalThis, { trainBriefly });
