import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The Chromium to test with: CHROMIUM_PATH, or where Linux distributions put it; undefined if there is none. */
export const chromiumPath: string | undefined = [process.env.CHROMIUM_PATH, ...usual].find(
  (path) => path && existsSync(path),
);

/** WebGPU on SwiftShader, Chromium's own driver that computes on the CPU. */
const softwareWebGpu = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-dawn-features=disable_workgroup_init',
];

/** A headless Chromium with an empty profile that talks to nobody; with `webgpu`, one that has a software adapter. */
export const launch = ({ webgpu = false } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      ...(webgpu ? softwareWebGpu : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
