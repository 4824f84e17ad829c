// The input of the recorded runs: side x side pixels of three channels, as embedder_test.cpp draws it too.
export const pixel = (x, y, c) => (x * (3 + c) + y * (5 - c) + ((x * y) >> (4 + c))) & 255;

export function print(command, vector) {
  console.log(JSON.stringify({ command, vector: Array.from(vector, (v) => Number(v.toPrecision(8))) }));
}
