import type { PlotLine } from '../chart-data';

/** The legend of a chart: the value of every line at the cursor, and a button for each that hides it. */
export interface ChartLegend {
  /** Shows these lines: an entry a line, or, where they are many, one for all lines of a group. */
  show(lines: readonly PlotLine[], colorOf: (line: PlotLine) => string, hidden: ReadonlySet<string>): void;
  /** Shows values beside the names. */
  read(place: string, reading: (name: string) => string): void;
  /** What is read at present, as a sentence. */
  text(): string;
}

/** Adds a legend to a chart; `onToggle` is told what is hidden after a click. */
export function chartLegend(parent: HTMLElement, onToggle: (hidden: ReadonlySet<string>) => void): ChartLegend {
  const list = parent.appendChild(document.createElement('ul'));
  list.className = 'chart-legend';
  const place = document.createElement('li');
  place.className = 'chart-place';
  let entries: ReturnType<typeof entryOf>[] = [];
  let shown = '';
  let off: ReadonlySet<string> = new Set();

  const entryOf = (members: readonly PlotLine[], text: string, color: string) => {
    const item = list.appendChild(document.createElement('li'));
    const button = item.appendChild(document.createElement('button'));
    button.type = 'button';
    for (const line of members) {
      const swatch = button.appendChild(document.createElement('span'));
      swatch.className = 'chart-swatch';
      swatch.style.borderTop = `${line.width ?? 2}px ${line.dashed ? 'dashed' : 'solid'} ${color}`;
    }
    button.appendChild(document.createElement('span')).textContent = text;
    const value = button.appendChild(document.createElement('b'));
    const names = members.map(({ name }) => name);
    button.addEventListener('click', () => {
      const isOff = names.every((name) => off.has(name));
      onToggle(new Set(isOff ? [...off].filter((name) => !names.includes(name)) : [...off, ...names]));
    });
    return { names, text, button, value };
  };

  return {
    show(lines, colorOf, hidden) {
      off = hidden;
      const groups = entriesOf(lines);
      const key = JSON.stringify(
        groups.map(([text, members]) => [text, members.map((line) => [line.name, colorOf(line), line.width])]),
      );
      if (key !== shown) {
        list.replaceChildren();
        entries = groups.map(([text, members]) => entryOf(members, text, colorOf(members[0]!)));
        list.append(place);
        shown = key;
      }
      for (const { names, button } of entries) {
        button.setAttribute('aria-pressed', String(!names.every((name) => hidden.has(name))));
      }
    },
    read(where, reading) {
      place.textContent = where;
      for (const { names, value } of entries) value.textContent = names.map(reading).filter(Boolean).join(' · ');
    },
    text: () =>
      [
        place.textContent,
        ...entries.filter(({ value }) => value.textContent).map(({ text, value }) => `${text} ${value.textContent}`),
      ].join(', '),
  };
}

/** Beyond so many entries lines of a group share one. */
const mostEntries = 6;

/** What stands in the legend, and the lines behind it. Lines of one name are one. */
function entriesOf(lines: readonly PlotLine[]): [text: string, members: PlotLine[]][] {
  const distinct = lines.filter((line, i) => lines.findIndex(({ name }) => name === line.name) === i);
  if (distinct.length <= mostEntries) return distinct.map((line) => [line.name, [line]]);
  const groups = new Map<string, PlotLine[]>();
  for (const line of distinct) {
    const group = line.group ?? line.name;
    groups.set(group, [...(groups.get(group) ?? []), line]);
  }
  return [...groups];
}
