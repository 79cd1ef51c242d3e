export { type FileCheckpointsOptions, fileCheckpoints } from './node/file-checkpoints';
export { type FileHandle, type FileSystem, nodeFileSystem } from './node/file-system';
export { writeDurably } from './node/write-durably';
