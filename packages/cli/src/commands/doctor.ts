import { Command } from 'commander';
import { shared } from './options';

/** `resnet doctor`: what works on this machine. */
export const doctor = (): Command =>
  new Command('doctor')
    .description(
      'Report Node, backends and why each is or is not available, threads, memory, caches and a numeric self-check.',
    )
    .addOption(shared.software())
    .addOption(shared.json())
    .addHelpText('after', '\nExample:\n  $ resnet doctor')
    .action(async (options) => (await import('../actions/doctor')).doctor(options));
