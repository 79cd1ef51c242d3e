import { createHash } from 'node:crypto';
import {
  describeDifference,
  galleryPlot,
  htmlReport,
  lineFigure,
  linePlot,
  matrixPlot,
  mostWrong,
  type ReportSection,
  textTable,
} from '@resnet/analysis';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';

const parse = (svg: string) => parseHTML(`<html><body>${svg}</body></html>`).document;
const textsOf = (svg: string) => [...parse(svg).querySelectorAll('text')].map((node) => node.textContent);

describe('htmlReport', () => {
  const one: ReportSection = {
    id: 'one',
    title: 'One',
    question: 'Is <it>?',
    protocol: 'seed 0',
    figures: [{ name: 'f', draw: (width) => `<svg width="${width}"></svg>` }],
    tables: [{ columns: ['net', 'error (%)', 'gradient'], rows: [['plain', '8.75 ± 0.16', '3.2e-7']] }],
    conclusion: ['It is.'],
  };
  const html = htmlReport({ title: 'A & B', about: ['made by a test'], sections: [one] });
  const two = htmlReport({
    title: 'A & B',
    about: [],
    sections: [one, { ...one, id: 'two', figures: [], tables: [] }],
  });
  const { document } = parseHTML(html);

  it('is one page without script or outside address', () => {
    expect(document.querySelectorAll('script').length).toBe(0);
    expect(html).not.toMatch(/(src|href)="https?:/);
  });

  it('escapes what it is given', () => expect(document.querySelector('.question')!.textContent).toBe('Is <it>?'));

  it('draws each figure for a desk and for a phone', () =>
    expect([...document.querySelectorAll('figure svg')].map((svg) => svg.getAttribute('width'))).toEqual([
      '864',
      '368',
    ]));

  it('has one script where a figure is alive, named in its policy, and data that no name can leave', () => {
    const evil = '</script><img src=x onerror=alert(1)>';
    const chart = {
      title: evil,
      x: { label: 'x' },
      y: { label: 'y' },
      lines: [{ name: evil, points: [{ x: 1, y: 0.123456789 }] }],
    };
    const alive = parseHTML(
      htmlReport({ title: 'A', about: [], sections: [{ ...one, figures: [lineFigure('f', chart)] }] }),
    ).document;
    const [data, script, ...others] = alive.querySelectorAll('script');
    expect([others, data!.getAttribute('type'), alive.querySelectorAll('img').length]).toEqual([
      [],
      'application/json',
      0,
    ]);
    expect(JSON.parse(data!.textContent!).lines).toEqual([{ name: evil, points: [{ x: 1, y: 0.123457 }] }]);
    const policy = alive.querySelector('meta[http-equiv=Content-Security-Policy]')!.getAttribute('content')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain(
      `script-src 'sha256-${createHash('sha256').update(script!.textContent!).digest('base64')}'`,
    );
    expect(alive.querySelectorAll('figure.alive > div').length).toBe(2);
  });

  it('links its sections and sets numbers to the right', () => {
    const links = [...parseHTML(two).document.querySelectorAll('nav a')].map((a) => a.getAttribute('href'));
    expect(links).toEqual(['#one', '#two']);
    expect([...document.querySelectorAll('td')].map((cell) => cell.className)).toEqual(['', 'number', 'number']);
  });
});

it('textTable pads to the widest cell, numbers to the right', () =>
  expect(
    textTable({
      columns: ['net', 'n'],
      rows: [
        ['resnet', 5],
        ['p', 12],
      ],
    }),
  ).toBe('net      n\n──────  ──\nresnet   5\np       12'));

describe('textTable in a narrow terminal', () => {
  const table = {
    columns: ['net', 'training error (%)', 'test error (%)'],
    rows: [['resnet20', '8.75 ± 0.16', '9.1']],
  };
  it('breaks heads, numbers stay below them', () =>
    expect(textTable(table, { width: 40 })).toBe(
      [
        '             training   test',
        '                error  error',
        'net               (%)    (%)',
        '────────  ───────────  ─────',
        'resnet20  8.75 ± 0.16    9.1',
      ].join('\n'),
    ));
  it('makes each row a paragraph where that is not enough', () =>
    expect(textTable(table, { width: 26 })).toBe(
      ['resnet20', '  training error (%)  8.75 ± 0.16', '  test error (%)      9.1'].join('\n'),
    ));
});

it('matrixPlot writes each count into its cell', () => {
  const svg = matrixPlot({
    title: 'Confusion',
    rows: 'true',
    columns: 'predicted',
    names: ['cat', 'dog'],
    values: [
      [7, 0],
      [2, 5],
    ],
  });
  const texts = textsOf(svg);
  expect(texts).toEqual(expect.arrayContaining(['Confusion', 'true', 'predicted', '7', '2', '5']));
  expect(texts).not.toContain('0');
});

it('linePlot writes plain numbers on a logarithmic axis and whole ones where asked', () => {
  const svg = linePlot({
    title: 't',
    x: { label: 'layer', whole: true },
    y: { label: 'norm', scale: 'log' },
    lines: [{ name: 'l', points: [0.001, 0.1, 10].map((y, i) => ({ x: i + 1, y })) }],
  });
  const texts = textsOf(svg);
  expect(texts).toEqual(expect.arrayContaining(['1', '2', '3', '0.001', '0.1', '10']));
  expect(texts.filter((text) => text === '1.5' || /^\d+m$/.test(text ?? ''))).toEqual([]);
});

it('mostWrong puts the surest mistakes first', () =>
  expect(
    mostWrong(
      [
        { label: 0, probabilities: [0.4, 0.6] },
        { label: 0, probabilities: [0.9, 0.1] },
        { label: 1, probabilities: [0.8, 0.2] },
      ],
      5,
    ),
  ).toEqual([
    { index: 2, label: 1, predicted: 0, confidence: 0.8 },
    { index: 0, label: 0, predicted: 1, confidence: 0.6 },
  ]));

describe('galleryPlot', () => {
  const picture = { image: { data: new Uint8Array(12).fill(200), height: 2, width: 2, channels: 3 }, caption: 'a → b' };

  it('wraps its pictures at the width it is given', async () => {
    const draw = await galleryPlot(Array.from({ length: 5 }, () => picture));
    const rows = (width: number) =>
      new Set([...parse(draw({ title: 't', width })).querySelectorAll('image')].map((i) => i.getAttribute('y'))).size;
    expect([rows(720), rows(368)]).toEqual([1, 2]);
  });
});

describe('describeDifference', () => {
  // Equal values on each side: the difference is exact.
  it('says that a lower value is lower', () =>
    expect(describeDifference('gap', { name: 'x', values: [0.1, 0.1] }, { name: 'y', values: [0.3, 0.3] })).toBe(
      "x's gap is 20.00 points lower than y's (95 % interval -20.00 to -20.00 points, 2 and 2 seeds).",
    ));
});
