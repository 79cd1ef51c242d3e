import { parseJson } from '@resnet/files';
import { describe, expect, it } from 'vitest';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  it.each([
    '5',
    '[]',
    '{"a":[1,{"b":null}],"[[[":"\\"]}"}',
    '"\\\\"',
    `"${'['.repeat(1000)}"`,
    nested(100),
    `[${'{},'.repeat(1000)}{}]`,
  ])('reads %.40s as JSON.parse does', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it.each([101, 100_000])(
    'refuses nesting %i deep, which would exhaust the stack of what walks through it',
    (depth) => {
      expect(() => parseJson(nested(depth))).toThrow(/nested at most 100 deep/);
      expect(() => parseJson('{"a":'.repeat(depth))).toThrow(SyntaxError);
    },
  );

  it('takes no longer for text that is made to take long', () => {
    const start = performance.now();
    for (const text of ['"\\"'.repeat(1e6), '"'.repeat(1e6 + 1), '{"a'.repeat(1e6)]) {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('takes __proto__ for a key like any other', () => {
    const value = parseJson('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect('polluted' in {}).toBe(false);
  });
});
