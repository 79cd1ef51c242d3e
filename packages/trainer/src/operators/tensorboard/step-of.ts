/**
 * The step of an encoded event: field 2, which {@link scalarsEvent} and {@link imageEvent} write right after the nine bytes of
 * the wall time. 0 for an event without one, such as the version, and
 * for a damaged one, whose number has no end.
 */
export function stepOf(event: Uint8Array): number {
  const stepTag = 2 * 8;
  if (event[9] !== stepTag) return 0;
  let step = 0;
  let unit = 1;
  // A number has ten bytes at most.
  for (const byte of event.subarray(10, 20)) {
    step += (byte & 0x7f) * unit;
    if (byte < 128) return step;
    unit *= 128;
  }
  return 0;
}
