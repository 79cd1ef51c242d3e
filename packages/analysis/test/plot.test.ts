import { barPlot, errorCurves, linePlot, type RunRecord, toPng } from '@resnet/analysis';
import { parseHTML } from 'linkedom';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;

const record: RunRecord = {
  name: 'resnet20',
  seed: 0,
  parameters: 1,
  steps: 400,
  train: Array.from({ length: 400 }, (_, i) => ({ step: i + 1, error: i < 200 ? 0.8 : 0.4 })),
  validation: [
    { step: 200, error: 0.7 },
    { step: 400, error: 0.5 },
  ],
  testError: 0.5,
  trainError: 0.4,
  secondsPerStep: 0.1,
  paperError: 0.0875,
};

describe('errorCurves', () => {
  const document = parse(errorCurves([record], { title: 'Plain & <residual>' }));

  it('has a title, labeled axes with units and a legend', () => {
    const text = [...document.querySelectorAll('text')].map((node) => node.textContent);
    expect(text).toContain('Plain & <residual>');
    expect(text).toEqual(
      expect.arrayContaining([
        'iteration',
        'error (%)',
        'resnet20, training',
        'resnet20, validation',
        'resnet20, paper',
      ]),
    );
  });

  it('draws training thin and validation bold', () => {
    const widths = [...document.querySelectorAll('g[aria-label=line]')].map((g) =>
      Number(g.getAttribute('stroke-width') ?? 1),
    );
    expect(widths).toEqual([1, 2.5]);
  });
});

it('linePlot places points on their scale', () => {
  const document = parse(
    linePlot({
      title: 't',
      x: { label: 'x', domain: [0, 10] },
      y: { label: 'y', domain: [0, 1] },
      lines: [
        {
          name: 'l',
          points: [
            { x: 0, y: 0 },
            { x: 10, y: 1 },
          ],
          dots: true,
        },
      ],
    }),
  );
  const dots = [...document.querySelectorAll('circle')].map((c) =>
    [c.getAttribute('cx'), c.getAttribute('cy')].map(Number),
  );
  // Margins: 72 left, 28 right, 20 top, 44 bottom of 720 × 420.
  expect(dots).toEqual([
    [72, 376],
    [692, 20],
  ]);
});

it('barPlot draws a bar a value and a whisker a range', () => {
  const svg = barPlot({
    title: 'Parameters',
    value: { label: 'millions' },
    bars: [
      { name: 'a', value: 1 },
      { name: 'b', value: 2, low: 1.5, high: 2.5 },
    ],
  });
  const document = parse(svg);
  const widths = [...document.querySelectorAll('g[aria-label=bar] rect')].map((r) => Number(r.getAttribute('width')));
  expect(widths[1]! / widths[0]!).toBeCloseTo(2, 9);
  expect(svg).toContain('aria-label="rule"');
});

it('toPng renders ink on white', async () => {
  const png = await toPng(errorCurves([record], { title: 'Error' }));
  const { width, height, format } = await sharp(png).metadata();
  expect(format).toBe('png');
  expect(width).toBe(1440);
  const { channels } = await sharp(png).stats();
  expect(channels[0]!.max).toBe(255);
  expect(channels[0]!.min).toBeLessThan(80);
  expect(height).toBeGreaterThan(840);
});

describe('linePlot', () => {
  const points = [0.01, 0.1, 1].map((x) => ({ x, y: 10 * x }));
  const svg = linePlot({
    title: 't',
    x: { label: 'rate', scale: 'log' },
    y: { label: 'loss', domain: [0, 2] },
    lines: [{ name: 'l', points }],
    rules: [{ name: 'suggested: 0.1', x: 0.1 }],
  });

  it('marks a place across', () => {
    const rule = parse(svg).querySelector('g[aria-label=rule] line, g[aria-label=rule][stroke-dasharray] line');
    // Half-way between 72 and 692 on a logarithmic axis from 0.01 to 1.
    expect(
      Number(/translate\(([\d.]+)/.exec(rule!.parentElement!.outerHTML)?.[1] ?? rule!.getAttribute('x1')),
    ).toBeCloseTo(382, 0);
    expect(svg).toContain('suggested: 0.1');
  });

  it('cuts off what lies outside of an axis that was given', () => expect(svg).toContain('clip-path'));
});
