import sharp from 'sharp';

/**
 * Renders an SVG document to PNG bytes, at twice its size in pixels so that text stays sharp.
 *
 * Text needs a font on the machine; Debian's `fonts-dejavu-core` is enough.
 */
export const toPng = (svg: string, density = 144): Promise<Buffer> =>
  sharp(Buffer.from(svg), { density }).flatten({ background: '#ffffff' }).png().toBuffer();
