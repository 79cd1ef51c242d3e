/** `bytes` with more in the middle: what a damaged file may have. */
export function splice(bytes, at, inserted) {
  const result = new Uint8Array(bytes.length + inserted.length);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(at), at + inserted.length);
  return result;
}
