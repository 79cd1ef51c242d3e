/** A file of `assembly/`, compiled, in base64. Made by `build/wasm-plugin.ts`. */
declare module 'wasm:*' {
  const base64: string;
  export default base64;
}
