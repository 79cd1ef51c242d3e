/** Colors that are told apart on white and on near-black alike. */
export const palette = ['#4269d0', '#e8930c', '#e0493a', '#35a08a', '#a463f2', '#3ca951', '#d9599b', '#8a7260'];

/** The color of each group of lines, in order of first appearance. */
export function colorsOf(
  lines: readonly { name: string; group?: string }[],
): (line: { name: string; group?: string }) => string {
  const groups = [...new Set(lines.map((line) => line.group ?? line.name))];
  return (line) => palette[groups.indexOf(line.group ?? line.name) % palette.length] ?? 'currentColor';
}
