import { arch, cpus, platform, totalmem } from 'node:os';

/** This machine in one line: CPU, cores, memory, platform, Node's version. */
export const describeHardware = (): string => {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpu?.model.trim() ?? 'unknown CPU'}, ${cpus().length} cores, ${memory} GiB, ${platform()} ${arch()}, Node ${process.versions.node}`;
};
