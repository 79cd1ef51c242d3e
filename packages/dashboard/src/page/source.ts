import type { RunView } from '../follow/run-view';
import type { SeriesUpdate } from '../server/series';
import type { DetailsSource, RunDetails } from './details';

/** What an exported page holds in place of a server. */
export interface ExportedRuns {
  runs: RunView[];
  series: SeriesUpdate[];
  /** By run. */
  details: Record<string, RunDetails>;
  /** By run: PNG pictures as data addresses. */
  samples: Record<string, string>;
  /** When it was written, ISO 8601. */
  written: string;
}

/** What a page follows. */
export interface Source extends DetailsSource {
  /** Tells what changes. */
  follow(hear: {
    runs(runs: RunView[]): void;
    series(update: SeriesUpdate): void;
    connected(isConnected: boolean, message: string): void;
  }): void;
  /** Asks a run to stop; null where it cannot. Resolves with words on what became of it. */
  stop: ((run: string) => Promise<string>) | null;
}

const noDetails: RunDetails = { evaluation: null, layers: null };

/** The server that the page came from. */
export function serverSource(): Source {
  const token = new URLSearchParams(location.search).get('token') ?? '';
  const headers = { Authorization: `Bearer ${token}` };
  return {
    follow(hear) {
      const open = (): void => {
        const events = new EventSource(`events?token=${encodeURIComponent(token)}`);
        events.addEventListener('open', () => hear.connected(true, 'live'));
        events.addEventListener('runs', ({ data }) => hear.runs(JSON.parse(data)));
        events.addEventListener('series', ({ data }) => hear.series(JSON.parse(data)));
        events.addEventListener('error', () => {
          hear.connected(false, 'The server does not answer; trying again.');
          // Browsers give up on some errors by themselves.
          if (events.readyState !== EventSource.CLOSED) return;
          events.close();
          setTimeout(open, 1000);
        });
      };
      open();
    },
    async details(run) {
      const response = await fetch(`details?run=${encodeURIComponent(run)}`, { headers });
      return response.ok ? response.json() : noDetails;
    },
    samples: (run) => `samples?run=${encodeURIComponent(run)}&token=${encodeURIComponent(token)}`,
    async stop(run) {
      const response = await fetch(`stop?run=${encodeURIComponent(run)}`, { method: 'POST', headers });
      return response.ok ? `${run} stops after its step, with a checkpoint.` : await response.text();
    },
  };
}

/** What the page itself holds. */
export const exportedSource = ({ runs, series, details, samples, written }: ExportedRuns): Source => ({
  follow(hear) {
    hear.connected(true, `as of ${new Date(written).toLocaleString()}`);
    hear.runs(runs);
    series.forEach(hear.series);
  },
  details: async (run) => details[run] ?? noDetails,
  samples: (run) => samples[run] ?? null,
  stop: null,
});
