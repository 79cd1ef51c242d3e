import sharp from 'sharp';
import { type FigureOptions, framed } from './figure';
import { wrapped } from './text';
import { escapeXml } from './xml';

/** A picture with a line or two below it. */
export interface GalleryPicture {
  /** Bytes, 0…255, channels last. */
  image: {
    /** `height · width · channels` of them, row by row. */
    data: Uint8Array;
    /** In pixels. */
    height: number;
    /** In pixels. */
    width: number;
    /** 1 gray, 3 RGB. */
    channels: number;
  };
  /** Below it, wrapped to about 17 characters a line. */
  caption: string;
}

/** Pixels of a picture's longer side, and of its place in the grid. */
const side = 96;
const cell = { width: 112, height: 142 };

/**
 * Draws pictures in a grid as a standalone SVG document that holds them.
 *
 * @returns A function of the options, since the pictures are encoded once and may be laid out at several widths.
 */
export async function galleryPlot(pictures: readonly GalleryPicture[]): Promise<(options: FigureOptions) => string> {
  const encoded = await Promise.all(
    pictures.map(async ({ image, caption }) => ({ caption, url: `data:image/png;base64,${await png(image)}` })),
  );
  return (options) => {
    const columns = Math.max(1, Math.floor(((options.width ?? 720) - 16) / cell.width));
    const rows = Math.ceil(encoded.length / columns);
    return framed(options, rows * cell.height, (top) =>
      encoded
        .map((picture, i) =>
          drawn(picture, 16 + (i % columns) * cell.width, top + Math.floor(i / columns) * cell.height),
        )
        .join(''),
    );
  };
}

async function png({ data, height, width, channels }: GalleryPicture['image']): Promise<string> {
  const raw = { height, width, channels: channels === 1 ? 1 : 3 } as const;
  return (
    await sharp(data, { raw }).resize(side, side, { fit: 'inside', kernel: 'nearest' }).png().toBuffer()
  ).toString('base64');
}

const drawn = ({ caption, url }: { caption: string; url: string }, x: number, y: number): string =>
  `<image x="${x}" y="${y}" width="${side}" height="${side}" href="${url}"/>${wrapped(caption, 17)
    .map((line, i) => `<text x="${x}" y="${y + side + 14 + 14 * i}" font-size="11">${escapeXml(line)}</text>`)
    .join('')}`;
