/** A source of uniform numbers in [0, 1). */
export type Random = () => number;

/** Mixes a seed and a name into 32 bits, so that every layer draws its own numbers from one seed. */
export function hashSeed(seed: number, name: string): number {
  let hash = 0x811c9dc5; // FNV-1a, then murmur3's finalizer to spread nearby seeds apart.
  for (const character of `${seed}/${name}`) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Chris Doty-Humphrey's sfc32: 128 bits of state, fast, and any seed is fine, 0 included. */
export function uniform(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, hashSeed(seed, 'b') | 0, hashSeed(seed, 'c') | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let warm = 0; warm < 12; warm += 1) next();
  return next;
}

/** Fills an array with draws from N(0, `std`²), not truncated (Marsaglia's polar method). */
export function normals(length: number, std: number, random: Random): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 2) {
    let [u, v, square] = [0, 0, 0];
    do {
      u = 2 * random() - 1;
      v = 2 * random() - 1;
      square = u * u + v * v;
    } while (square >= 1 || square === 0);
    const scale = std * Math.sqrt((-2 * Math.log(square)) / square);
    values[i] = u * scale;
    if (i + 1 < length) values[i + 1] = v * scale;
  }
  return values;
}

/** Fills an array with draws from the uniform distribution within ±`bound`. */
export const uniforms = (length: number, bound: number, random: Random): Float32Array =>
  Float32Array.from({ length }, () => bound * (2 * random() - 1));
