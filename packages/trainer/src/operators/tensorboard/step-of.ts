/**
 * The step of an encoded event: field 2, which {@link scalarsEvent} and {@link imageEvent} write right after the nine bytes of
 * the wall time. 0 for an event without one, such as the version.
 */
export function stepOf(event: Uint8Array): number {
  const stepTag = 2 * 8;
  if (event[9] !== stepTag) return 0;
  let step = 0;
  for (let index = 10, unit = 1; ; index++, unit *= 128) {
    const byte = event[index]!;
    step += (byte & 0x7f) * unit;
    if (byte < 128) return step;
  }
}
