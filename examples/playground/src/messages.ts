import type { Settings } from './settings';

/** The two nets. */
export type Kind = 'plain' | 'residual';

/** What the page tells a net's worker. */
export type Command =
  | { type: 'start'; kind: Kind; settings: Settings }
  | { type: 'pause' }
  | { type: 'go' }
  | { type: 'step' };

/** What a net's worker tells the page. */
export type Report =
  | { type: 'ready'; backend: string; parameters: number }
  | { type: 'step'; step: number; error: number; imagesPerSecond: number }
  | { type: 'test'; step: number; error: number }
  | { type: 'layers'; step: number; names: string[]; gradientNorm: number[]; response: number[] }
  | { type: 'failed'; message: string };
