import { resolve } from 'node:path';
import ts from 'typescript';
import { type CodeBlock, placeOf } from './code-block';

const { config } = ts.readConfigFile('tsconfig.base.json', ts.sys.readFile);
const { options } = ts.convertCompilerOptionsFromJson(
  // A reader may leave a value of an example unused.
  { ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false },
  '.',
);

/**
 * Type errors of scripts, by the place of their block. All are checked together, as TensorFlow.js takes long to read,
 * each as a module that stands in this folder and imports the built packages.
 */
export function typeErrors(blocks: readonly CodeBlock[]): Map<string, string> {
  const virtual = new Map(blocks.map((block, i) => [resolve(`tools/documentation/snippet-${i}.ts`), block]));
  const host = hostWith(new Map([...virtual].map(([name, { code }]) => [name, `${code}\nexport {};\n`])));
  const program = ts.createProgram([...virtual.keys()], options, host);
  const errors = new Map<string, string>();
  for (const [name, block] of virtual) {
    const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(name));
    if (found.length > 0) errors.set(placeOf(block), found.map((error) => describe(error, block)).join('\n'));
  }
  return errors;
}

function hostWith(files: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  host.getSourceFile = (name, target, ...rest) => {
    const text = files.get(name);
    return text === undefined ? getSourceFile(name, target, ...rest) : ts.createSourceFile(name, text, target);
  };
  return host;
}

function describe({ file, start = 0, messageText }: ts.Diagnostic, block: CodeBlock): string {
  const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
  return `${block.file}:${block.line + line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
}
