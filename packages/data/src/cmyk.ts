/**
 * Ink to RGB as Pillow's `convert('RGB')` has it: each channel is `(255 − k)(255 − ink) / 255`, rounded as Pillow does. No color
 * management: pure cyan is (0, 255, 255).
 *
 * @param ink Cyan, magenta, yellow and black of each pixel, 0 for no ink.
 * @returns Red, green and blue of each pixel.
 */
export function cmykToRgb(ink: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((ink.length / 4) * 3);
  for (let from = 0, to = 0; from < ink.length; from += 4) {
    const light = 255 - ink[from + 3]!;
    for (let channel = 0; channel < 3; channel++) rgb[to++] = light - dividedBy255(ink[from + channel]! * light);
  }
  return rgb;
}

/** `value / 255`, rounded, for what two bytes multiply to: Pillow's `MULDIV255`. */
const dividedBy255 = (value: number): number => (((value + 128) >> 8) + value + 128) >> 8;
