export { begin, finish, run, work } from './threads';
