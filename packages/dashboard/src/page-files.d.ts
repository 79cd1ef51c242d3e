/** A script of this package with everything that it imports, and its style sheet, as text: see `build/page-plugin.ts`. */
declare module 'page:*' {
  export const script: string;
  export const style: string;
}

declare module '*.css';
