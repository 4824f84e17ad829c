// Embedder (b) by ONNX Runtime Web 1.14.0, which is no package of this project (npm install onnxruntime-web@1.14.0 in a folder of its own):
//   node reference/b.mjs FOLDER/node_modules/onnxruntime-web build/release/npm/node_modules/faceplugin-face-recognition-js > reference/b.json
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pixel, print } from './pattern.mjs';

const runtime = createRequire(import.meta.url)(path.resolve(process.argv[2]));
runtime.env.wasm.numThreads = 1;
const model = fs.readFileSync(path.join(process.argv[3], 'model/fr_feature.onnx'));
const session = await runtime.InferenceSession.create(model, { executionProviders: ['wasm'] });
const side = 112;
const input = Float32Array.from({ length: 3 * side * side }, (_, i) => (pixel(i % side, Math.trunc(i / side) % side, Math.trunc(i / side / side)) - 127) / 128);
const output = await session.run({ [session.inputNames[0]]: new runtime.Tensor('float32', input, [1, 3, side, side]) });
print('node reference/b.mjs node_modules/onnxruntime-web node_modules/faceplugin-face-recognition-js', output[session.outputNames[0]].data);
