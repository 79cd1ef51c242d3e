import { learnStripes } from './stripes.js';

console.log(`${(100 * (await learnStripes())).toFixed(1)} % of new stripes are told apart.`);
