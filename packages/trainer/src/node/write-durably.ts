import { dirname } from 'node:path';
import { type FileHandle, type FileSystem, nodeFileSystem } from './file-system';

/**
 * Replaces a file so that a crash at any moment, of the process or of the machine, leaves the old content or the new
 * one: temporary file beside it, all bytes, fsync, rename, fsync of the folder.
 */
export async function writeDurably(path: string, bytes: Uint8Array, fs: FileSystem = nodeFileSystem): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await withFile(await fs.open(temporary, 'w'), async (file) => {
      await writeAll(file, bytes);
      await file.sync();
    });
    await fs.rename(temporary, path);
  } catch (error) {
    await fs.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(dirname(path), fs);
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, offset, bytes.length - offset);
    if (bytesWritten === 0) throw new Error('writeDurably: the file system took no bytes. Check the space left on it.');
    offset += bytesWritten;
  }
}

// Windows can't open a folder, and keeps renames safe by itself.
async function syncFolder(folder: string, fs: FileSystem): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(await fs.open(folder, 'r'), (file) => file.sync());
}

async function withFile(file: FileHandle, use: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(file);
  } finally {
    await file.close();
  }
}
