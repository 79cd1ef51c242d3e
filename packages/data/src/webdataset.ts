import { readSync } from 'node:fs';
import { openFile } from '@resnet/files';
import { ArchiveError, LabelError } from './errors';
import { FORMAT_NAMES, isImageName } from './image-formats';
import { type TarMember, tarMembers } from './tar-members';

/** An image in a shard. */
export interface ShardSample {
  /** Where its bytes start; a multiple of 512. */
  readonly start: number;
  readonly size: number;
  readonly label: number;
}

/** Longer labels are refused. */
const MAX_LABEL = 1 << 20;

/**
 * Lists the samples of a WebDataset shard: members with one name up to the first dot, one of them an image, another its label as a
 * number in `.cls`, or in `.json` alone or as `label` or `cls`. Other members are passed over.
 *
 * @param path The shard, a plain tar.
 * @throws ArchiveError for a damaged tar, or a sample without image or label; LabelError for a label that is no number.
 */
export async function readShard(path: string): Promise<ShardSample[]> {
  const file = await openFile(path, { links: 'follow' });
  try {
    const { size } = await file.stat();
    const samples: ShardSample[] = [];
    let key: string | null = null;
    let image: TarMember | null = null;
    let label: number | null = null;
    const finish = () => {
      if (key === null) return;
      if (!image || label === null) {
        const missing = image ? 'label (.cls or .json)' : `image (${FORMAT_NAMES})`;
        throw new ArchiveError(
          `${path}: sample ${key} must have an image and a label, got no ${missing}. Make the shard again.`,
        );
      }
      samples.push({ start: image.start, size: image.size, label });
    };
    for (const member of tarMembers(file.fd, path, 0, size)) {
      const [name, extension] = keyOf(member.name);
      if (name !== key) {
        finish();
        [key, image, label] = [name, null, null];
      }
      if (isImageName(`.${extension}`)) image = member;
      else if (extension === 'cls' || extension === 'json') label = readLabel(file.fd, path, member) ?? label;
    }
    finish();
    return samples;
  } finally {
    await file.close();
  }
}

/** `a/b.seg.png` is `a/b` and `seg.png`. */
function keyOf(name: string): [key: string, extension: string] {
  const dot = name.indexOf('.', name.lastIndexOf('/') + 1);
  return dot < 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot + 1).toLowerCase()];
}

/** Null for JSON that says nothing of a label. */
function readLabel(file: number, path: string, { name, start, size }: TarMember): number | null {
  const refuse = (got: string) =>
    new LabelError(
      `${path}: the label in ${name} must be a whole number from 0 to 65535, got ${got}. Make the shard again.`,
    );
  if (size > MAX_LABEL) throw refuse(`${size} bytes`);
  const bytes = Buffer.alloc(size);
  readSync(file, bytes, 0, size, start);
  const text = bytes.toString().trim();
  const found = valueIn(text);
  const value =
    typeof found === 'object' && found !== null ? (Reflect.get(found, 'label') ?? Reflect.get(found, 'cls')) : found;
  if (value === undefined && name.endsWith('.json')) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65_536) return value;
  throw refuse(JSON.stringify(text.slice(0, 40)));
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
