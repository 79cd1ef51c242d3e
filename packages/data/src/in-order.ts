/**
 * Makes items `first … end − 1` with up to `ahead` of them under way beside the one in use, and yields them in order.
 * The consumer sets the pace.
 */
export async function* inOrder<T>(
  make: (index: number) => T | Promise<T>,
  first: number,
  end: number,
  ahead: number,
): AsyncGenerator<T, void, undefined> {
  const pending: (T | Promise<T>)[] = [];
  let next = first;
  for (let index = first; index < end; index++) {
    while (next < end && next <= index + ahead) pending.push(watched(make(next++)));
    yield await pending.shift()!;
  }
}

/** A failure of a later item is reported when its turn comes, not as an unhandled rejection before. */
function watched<T>(item: T | Promise<T>): T | Promise<T> {
  if (item instanceof Promise) item.catch(() => {});
  return item;
}
