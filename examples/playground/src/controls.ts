import type { Settings } from './settings';

/** What the form tells. */
export interface FormEvents {
  /** Other settings: both nets begin anew. */
  onChange(settings: Settings): void;
  onPause(isPaused: boolean): void;
  onStep(): void;
  onReset(): void;
}

/** Fills the form. */
export function showForm(form: HTMLFormElement, start: Settings, events: FormEvents): void {
  let settings = start;
  let isPaused = false;
  const change = (part: Partial<Settings>): void => {
    settings = { ...settings, ...part };
    events.onChange(settings);
  };
  const field = (text: string, input: HTMLElement): void => {
    const label = form.appendChild(document.createElement('label'));
    label.append(text, ' ', input);
  };
  const depth = Object.assign(document.createElement('input'), {
    type: 'range',
    min: '8',
    max: '56',
    step: '6',
    value: `${start.depth}`,
    id: 'depth',
  });
  const shown = document.createElement('output');
  shown.textContent = `${start.depth} layers`;
  depth.addEventListener('input', () => {
    shown.textContent = `${depth.value} layers`;
  });
  depth.addEventListener('change', () => change({ depth: Number(depth.value) }));
  field('depth', depth);
  form.append(shown);

  const shortcut = document.createElement('select');
  for (const letter of ['A', 'B', 'C'])
    shortcut.add(new Option(`option ${letter}`, letter, false, letter === start.shortcut));
  shortcut.addEventListener('change', () => change({ shortcut: shortcut.value as Settings['shortcut'] }));
  field('shortcut', shortcut);

  const zero = Object.assign(document.createElement('input'), { type: 'checkbox', checked: start.zeroLastScale });
  zero.addEventListener('change', () => change({ zeroLastScale: zero.checked }));
  field('branches start as nothing', zero);

  const numbers = {
    rate: { min: '0.001', max: '1', step: '0.001' },
    batchSize: { min: '1', max: '128', step: '1' },
    seed: { min: '0', max: '999', step: '1' },
  } as const;
  for (const [name, limits] of Object.entries(numbers) as [keyof typeof numbers, object][]) {
    const input = Object.assign(document.createElement('input'), {
      type: 'number',
      value: `${start[name]}`,
      ...limits,
    });
    input.addEventListener('change', () => input.checkValidity() && change({ [name]: Number(input.value) }));
    field(name === 'batchSize' ? 'batch' : name, input);
  }

  const button = (text: string, onClick: (self: HTMLButtonElement) => void): void => {
    const made = form.appendChild(
      Object.assign(document.createElement('button'), { type: 'button', textContent: text }),
    );
    made.addEventListener('click', () => onClick(made));
  };
  button('Pause', (self) => {
    isPaused = !isPaused;
    self.textContent = isPaused ? 'Go on' : 'Pause';
    events.onPause(isPaused);
  });
  button('Step', () => events.onStep());
  button('Reset', () => events.onReset());
}
