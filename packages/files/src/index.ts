export { type AppendFile, appendFile, openToAppend } from './append-file';
export {
  discard,
  makeFolder,
  makeNewFolder,
  move,
  moveDurably,
  remove,
  writeNew,
  writePrivately,
} from './change-folder';
export { FileError, type FileFault } from './file-error';
export { type FileFacts, type FileHandle, type FileSystem, nodeFileSystem } from './file-system';
export { isThere, namesIn, namesInSync, requireFileSync, requireFolder, requireFolderSync } from './folder';
export { parseJson } from './json';
export { acquireLock, type Lock, LockedError, lockHolder } from './lock';
export { codeOf, nextMove, reasonOf } from './next-move';
export { printable } from './printable';
export type { ProcessIdentity } from './process-identity';
export {
  openFile,
  type ReadOptions,
  readBytes,
  readBytesSync,
  readText,
  readTextSync,
  type StreamOptions,
  streamFile,
} from './read';
export type { Trust } from './regular';
export { type Sweep, sweepAbandoned, sweeper } from './sweep';
export { isTemporary, temporaryName } from './temporary-name';
export { type Skipped, type Walk, type WalkOptions, walk } from './walk';
export { type Content, type NewContent, syncFolder, writeDurably, writeTogether } from './write-durably';
