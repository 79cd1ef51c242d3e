/** Plain JavaScript that nobody here changes: the speed of the machine, for comparing with everything else. Prints seconds. */
const size = 192;
const [a, b, c] = Array.from({ length: 3 }, () => new Float64Array(size * size).fill(0.5));

function multiply() {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[row * size + k] * b[k * size + column];
      c[row * size + column] = sum;
    }
  }
}

multiply(); // compiled by now
const start = performance.now();
for (let i = 0; i < 20; i++) multiply();
console.log(JSON.stringify({ 'yardstick: plain JavaScript': (performance.now() - start) / 1000 }));
