/** A build of `assembly/`, base64. Made by `build/wasm.ts`. */
declare module 'wasm:*' {
  const base64: string;
  export default base64;
}
