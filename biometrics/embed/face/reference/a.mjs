// Embedder (a) by the package's own code, TensorFlow.js on its CPU backend:
//   node reference/a.mjs build/release/npm/node_modules/@vladmandic/face-api > reference/a.json
import fs from 'node:fs';
import path from 'node:path';
import { pixel, print } from './pattern.mjs';

const folder = path.resolve(process.argv[2]);
// The bundle with TensorFlow.js inside takes Node for a build of its own, which it lacks.
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: undefined } });
const { tf, nets } = await import(path.join(folder, 'dist/face-api.esm.js'));
tf.env().setPlatform('plain', {
  now: () => performance.now(),
  encode: (text) => new TextEncoder().encode(text),
  decode: (bytes) => new TextDecoder().decode(bytes),
  isTypedArray: (a) => ArrayBuffer.isView(a) && !(a instanceof DataView),
  setTimeoutCustom: setTimeout,
});
await tf.setBackend('cpu');
const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'model/face_recognition_model-weights_manifest.json')));
const weights = fs.readFileSync(path.join(folder, 'model/face_recognition_model.bin'));
nets.faceRecognitionNet.loadFromWeightMap(tf.io.decodeWeights(new Uint8Array(weights).buffer, manifest[0].weights));

const side = 150;
const input = Int32Array.from({ length: side * side * 3 }, (_, i) => pixel(Math.trunc(i / 3) % side, Math.trunc(i / 3 / side), i % 3));
const batch = { toBatchTensor: () => tf.tensor4d(input, [1, side, side, 3], 'int32') };
print('node reference/a.mjs node_modules/@vladmandic/face-api', await nets.faceRecognitionNet.forwardInput(batch).data());
