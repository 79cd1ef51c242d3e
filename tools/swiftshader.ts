import { existsSync } from 'node:fs';

/** Debian's chromium brings SwiftShader, a Vulkan driver that computes on the CPU. */
const debian = '/usr/lib/chromium/vk_swiftshader_icd.json';

/**
 * The manifest of the Vulkan driver that WebGPU tests run on: VK_ICD_FILENAMES, or SwiftShader where Debian puts it; undefined if there
 * is none. Set it as VK_ICD_FILENAMES before Dawn is loaded.
 */
export const vulkanDriver: string | undefined = [process.env.VK_ICD_FILENAMES, debian].find(
  (path) => path && existsSync(path),
);
