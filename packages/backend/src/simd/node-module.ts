/** Whether this runs in Node (or alike). */
export const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

/** A module of Node's own, found so that bundlers for browsers never see it. */
export const nodeModule = <T>(name: string): T | undefined =>
  inNode ? (process.getBuiltinModule?.(name) as T | undefined) : undefined;
