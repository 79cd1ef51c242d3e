/** As deep as anything that we write, several times over. */
const deepest = 100;

/**
 * `JSON.parse` for text that anyone may have written: deeper nesting is refused. Node's own follows any depth; what walks through the
 * value afterwards, `JSON.stringify` included, would exhaust the stack.
 *
 * @throws SyntaxError where the text is no JSON, or nested too deeply.
 */
export function parseJson(text: string): unknown {
  if (depthOf(text) > deepest) throw new SyntaxError(`JSON must be nested at most ${deepest} deep, got a deeper one`);
  return JSON.parse(text);
}

/** Brackets open at once, those of strings left out. Character by character, so that no text takes longer than another. */
function depthOf(text: string): number {
  let [most, open, isString] = [0, 0, false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') isString = !isString;
    else if (isString) at += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') most = Math.max(most, ++open);
    else if (character === ']' || character === '}') open--;
  }
  return most;
}
