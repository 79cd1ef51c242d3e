import { tmpdir } from 'node:os';
import { startDashboard } from '@resnet/dashboard';

/** Serves a folder without runs to whoever has the address, and to nobody else. */
export const example = async () => {
  const { url, close } = await startDashboard({ directory: tmpdir(), port: 0 });
  const answers = [await fetch(url), await fetch(url.replace(/token=.*/, ''))];
  await close();
  return answers.map(({ status }) => status);
};
