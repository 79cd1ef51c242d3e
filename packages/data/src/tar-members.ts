import { readSync } from 'node:fs';
import { Header, Pax } from 'tar';
import { ArchiveError } from './errors';

/** A plain file in a tar. */
export interface TarMember {
  readonly name: string;
  /** Where its bytes start in the file that holds the tar; a multiple of 512. */
  readonly start: number;
  readonly size: number;
}

/** Bytes a header, and what content is padded to. */
export const BLOCK = 512;

/** Longer descriptions of a member are refused. */
const MAX_EXTENDED = 1 << 20;

/**
 * Lists the plain files of a tar by its headers alone: content is passed over. Folders and links are left out.
 *
 * @param file Descriptor of the file that holds the tar.
 * @param archive Its name, for messages.
 * @param start Where the tar starts in the file, and `end` where it ends: a tar may be a member of another.
 * @throws ArchiveError where a header is damaged or a member reaches beyond the end.
 */
export function* tarMembers(file: number, archive: string, start: number, end: number): Generator<TarMember> {
  const block = Buffer.alloc(BLOCK);
  const damaged = (at: number, what: string) =>
    new ArchiveError(`${archive}: must be a whole tar, got ${what} at byte ${at}. Fetch or make it again.`);
  let extended: Pax | undefined;
  let longName: string | undefined;
  for (let at = start; ; ) {
    if (at + BLOCK > end || readSync(file, block, 0, BLOCK, at) < BLOCK) throw damaged(at, 'its end without a mark');
    const header = headerIn(block, extended);
    if (header?.nullBlock) return;
    if (!header?.cksumValid) throw damaged(at, 'a damaged header');
    const { size = 0, type, path = '' } = header;
    if (!Number.isSafeInteger(size)) throw damaged(at, `${path || 'a member'} of ${size} bytes`);
    const content = at + BLOCK;
    const next = content + Math.ceil(size / BLOCK) * BLOCK;
    if (next > end) throw damaged(at, `${path || 'a member'} of ${size} bytes, more than are left`);
    if (type === 'ExtendedHeader' || type === 'NextFileHasLongPath') {
      if (size > MAX_EXTENDED) throw damaged(at, `a description of ${size} bytes`);
      const text = Buffer.alloc(size);
      readSync(file, text, 0, size, content);
      if (type === 'ExtendedHeader') extended = Pax.parse(text.toString());
      else longName = text.toString().replace(/\0.*/s, '');
    } else {
      if (type === 'File' || type === 'OldFile' || type === 'ContiguousFile')
        yield { name: longName ?? path, start: content, size };
      if (type !== 'GlobalExtendedHeader') [extended, longName] = [undefined, undefined];
    }
    at = next;
  }
}

/** Null where a number in it is none, or has more than 53 bits. */
function headerIn(block: Buffer, extended: Pax | undefined): Header | null {
  try {
    return new Header(block, 0, extended);
  } catch {
    return null;
  }
}
