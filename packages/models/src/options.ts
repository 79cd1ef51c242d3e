import type { Architecture, BlockKind } from './architecture';
import type { BuildOptions } from './build';

/** Everything that may be said about a model of the zoo. What is left out is as the paper has it. */
export interface ModelOptions extends BuildOptions, Partial<Omit<Architecture, 'family' | 'blocksPerStage' | 'block'>> {
  /** `preact` is the pre-activation form of the depth's own block. */
  block?: BlockKind | 'preact';
}

/** The block that `choice` means where `own` is the depth's. */
export const resolveBlock = (choice: BlockKind | 'preact' | undefined, own: 'basic' | 'bottleneck'): BlockKind =>
  choice === 'preact' ? `preact-${own}` : (choice ?? own);
