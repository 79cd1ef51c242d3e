import { createHash } from 'node:crypto';
import type { LineChartData } from '@resnet/charts';
import { chartScript, chartStyle } from '@resnet/charts/page';
import { linePlot } from '../plot/lines';
import { escapeXml } from '../plot/xml';

/** A table: cells are text; columns whose cells look like numbers are set to the right. */
export interface ReportTable {
  /** Stands above it. */
  caption?: string;
  /** Their heads. */
  columns: readonly string[];
  /** Cells in the order of `columns`. */
  rows: readonly (readonly (string | number)[])[];
}

/** A figure that can be drawn at any width, in pixels, as a standalone SVG document. */
export interface ReportFigure {
  /** A file's name without its ending. Letters, digits and hyphens. */
  name: string;
  /** Gives the SVG document; `width` in pixels. */
  draw: (width: number) => string;
  /** What the figure shows, where it is lines: a report that runs scripts has a chart in the picture's place. */
  chart?: LineChartData;
}

/** Lines as a figure: a picture, and a chart where scripts run. `height`: of the plot, in pixels. */
export const lineFigure = (name: string, chart: LineChartData, height?: number): ReportFigure => ({
  name,
  chart,
  draw: (width) => linePlot({ ...chart, width, ...(height !== undefined && { height }) }),
});

/** What an analysis found. */
export interface Findings {
  /** In the order in which they are shown. */
  figures: readonly ReportFigure[];
  /** Shown below the figures. */
  tables: readonly ReportTable[];
  /** Sentences limited to what the numbers support. */
  conclusion: readonly string[];
}

/** One question and what the numbers say to it. */
export interface ReportSection extends Findings {
  /** Used as the anchor. Letters, digits and hyphens. */
  id: string;
  /** Its heading, also in the list of contents. */
  title: string;
  /** What it asks; shown below the title. Empty: nothing. */
  question: string;
  /** What was run: seeds, iterations, hardware, time. Empty: nothing. */
  protocol: string;
}

/** A whole report. */
export interface Report {
  /** Heading of the page, and of the browser's tab. */
  title: string;
  /** What was run, where, when and by which command. */
  about: readonly string[];
  /** From two on, a list of contents leads to them. */
  sections: readonly ReportSection[];
}

const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#5b6570;--line:#d5dae0;--tint:#f4f6f8}
@media (prefers-color-scheme:dark){:root{--ink:#e3e6ea;--paper:#16181d;--soft:#9aa4af;--line:#343a42;--tint:#1f2329}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:56rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,'DejaVu Sans',sans-serif}
h1{font-size:1.7rem;line-height:1.2}h2{font-size:1.25rem;margin:2.5rem 0 .5rem;border-top:1px solid var(--line);padding-top:1.5rem}
nav ul{padding-left:1.2rem}a{color:inherit}
.soft{color:var(--soft)}.question{font-style:italic}
figure{margin:1rem 0}figure svg{max-width:100%;height:auto;display:block}
.narrow{display:none}@media (max-width:46rem){.narrow{display:block}.wide{display:none}}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.5rem 0}
.caption{color:var(--soft);font-size:.9rem;margin:1rem 0 0}
th,td{padding:.3rem .55rem;border-bottom:1px solid var(--line);text-align:left;white-space:nowrap}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
.conclusion{background:var(--tint);border-left:3px solid var(--soft);padding:.6rem 1rem;margin:1rem 0}
.conclusion p{margin:.3rem 0}`;

/**
 * One self-contained HTML page, readable on a phone, in the dark and without scripts. Figures that are lines become charts where scripts
 * run: the page holds that one script and allows no other, nor any address outside.
 */
export function htmlReport({ title, about, sections }: Report): string {
  const isAlive = sections.some(({ figures }) => figures.some(({ chart }) => chart));
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src ${isAlive ? `'sha256-${sha256(chartScript)}'` : "'none'"}; base-uri 'none'; form-action 'none'">
<title>${escapeXml(title)}</title><link rel="icon" href="data:,"><style>${style}${isAlive ? chartStyle : ''}</style></head>
<body><h1>${escapeXml(title)}</h1>
${about.map((line) => `<p class="soft">${escapeXml(line)}</p>`).join('\n')}
${sections.length > 1 ? contents(sections) : ''}
${sections.map(section).join('\n')}
${isAlive ? `<script>${chartScript}</script>` : ''}</body></html>
`;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64');

const contents = (sections: readonly ReportSection[]): string =>
  `<nav><ul>${sections.map(({ id, title }) => `<li><a href="#${id}">${escapeXml(title)}</a></li>`).join('')}</ul></nav>`;

const section = ({ id, title, question, protocol, figures, tables, conclusion }: ReportSection): string =>
  `<section id="${id}"><h2>${escapeXml(title)}</h2>
${question ? `<p class="question">${escapeXml(question)}</p>` : ''}
${protocol ? `<p class="soft">${escapeXml(protocol)}</p>` : ''}
${figures.map(figureHtml).join('\n')}
${tables.map(tableHtml).join('\n')}
${conclusion.length > 0 ? `<div class="conclusion">${conclusion.map((line) => `<p>${escapeXml(line)}</p>`).join('')}</div>` : ''}</section>`;

/** Pixels: of the page's text column, and of a phone's. */
const widths = { wide: 864, narrow: 368 };

/** Drawn twice, so that its letters are not shrunk with it on a phone. */
function figureHtml({ draw, chart }: ReportFigure): string {
  const pictures = `<div class="wide">${draw(widths.wide)}</div><div class="narrow">${draw(widths.narrow)}</div>`;
  return chart
    ? `<figure class="alive"><script type="application/json">${asData(chart)}</script>${pictures}</figure>`
    : `<figure>${pictures}</figure>`;
}

/** JSON that ends no element, with six digits a number. */
const asData = (chart: LineChartData): string =>
  JSON.stringify(chart, (_, value) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value,
  ).replaceAll('<', '\\u003c');

const isNumber = (cell: string | number): boolean =>
  typeof cell === 'number' || /^[−-]?[\d.,]+(e[+-]\d+)?( ?[%±].*)?$/.test(cell);

function tableHtml({ caption, columns, rows }: ReportTable): string {
  const numeric = columns.map(
    (_, i) => rows.length > 0 && rows.every((row) => isNumber(row[i] ?? '') || row[i] === '–'),
  );
  const cell = (tag: string) => (value: string | number, i: number) =>
    `<${tag}${numeric[i] ? ' class="number"' : ''}>${escapeXml(String(value))}</${tag}>`;
  // Outside the part that scrolls sideways on a phone.
  return `${caption ? `<p class="caption">${escapeXml(caption)}</p>` : ''}<div class="scroll"><table>
<thead><tr>${columns.map(cell('th')).join('')}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('\n')}</tbody></table></div>`;
}
