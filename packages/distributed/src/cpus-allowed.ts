// biome-ignore lint/style/noRestrictedImports: what the kernel says of this process is nobody else's file.
import { readFileSync } from 'node:fs';

/** The logical CPUs that this process may run on, as Linux lists them: launchers bind ranks to cores. Empty elsewhere. */
export function cpusAllowed(): string {
  try {
    return /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}
