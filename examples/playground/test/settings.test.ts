import { describe, expect, it } from 'vitest';
import { searchOf, settingsFrom } from '../src/settings';

describe('settings', () => {
  it('go into an address and come back', () => {
    const settings = { depth: 56, shortcut: 'C', zeroLastScale: true, rate: 0.01, batchSize: 32, seed: 7 } as const;
    expect(settingsFrom(searchOf(settings))).toEqual(settings);
  });

  it.each([
    '?depth=21',
    '?depth=-8',
    '?shortcut=D',
    '?rate=0',
    '?rate=x',
    '?batchSize=1e9',
    '?seed=-1',
    '?<script>',
    '',
  ])('%s is as without', (search) =>
    expect(settingsFrom(search)).toEqual({
      depth: 20,
      shortcut: 'A',
      zeroLastScale: false,
      rate: 0.05,
      batchSize: 16,
      seed: 0,
    }),
  );
});
