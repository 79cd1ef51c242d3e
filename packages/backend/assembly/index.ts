export { begin, finish, replay, run, work } from './threads';
