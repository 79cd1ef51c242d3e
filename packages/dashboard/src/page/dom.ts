/** Attributes and listeners of an element; text goes through `textContent`, so that nothing of a run is ever read as HTML. */
export type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], 'style' | 'children' | 'attributes'>
> & {
  /** Attributes that have no property. */
  attributes?: Readonly<Record<string, string>>;
};

/** Makes an element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const { attributes = {}, ...rest }: { attributes?: Readonly<Record<string, string>> } = properties;
  const made = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Makes a table of text; columns from the second on are numbers where `numeric` says so. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[], numeric = false): HTMLElement {
  const cell = (tag: 'th' | 'td') => (text: string, i: number) =>
    element(tag, { textContent: text, ...(numeric && i > 0 && { className: 'number' }) });
  return element(
    'div',
    { className: 'scroll' },
    element(
      'table',
      {},
      element('thead', {}, element('tr', {}, ...columns.map(cell('th')))),
      element('tbody', {}, ...rows.map((row) => element('tr', {}, ...row.map(cell('td'))))),
    ),
  );
}
