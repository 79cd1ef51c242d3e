export { run, work } from './threads';
