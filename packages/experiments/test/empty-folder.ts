import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty folder that no other test has. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'resnet-experiments-'));
