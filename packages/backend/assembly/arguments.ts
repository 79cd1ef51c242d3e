import { ARGUMENTS } from '../contract/layout';

/** The arguments of the current job. */
// @ts-ignore: decorator
@inline export function argumentsOf<T>(): T { return changetype<T>(<usize>ARGUMENTS); }
