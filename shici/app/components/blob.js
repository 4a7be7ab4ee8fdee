// Reads what shici/app/payload.py packs.

const ARRAYS = { float32: Float32Array, float64: Float64Array, uint8: Uint8Array, uint16: Uint16Array };

/** {header, tensors}: a tensor is {shape, data}, data a typed array in C order. */
export function readBlob(bytes) {
  const own = bytes.slice(); // what arrives may begin at an odd byte, which no float array can
  const length = new DataView(own.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(own.subarray(4, 4 + length)));
  const body = own.buffer.slice(4 + length);
  const tensors = {};
  for (const { name, dtype, shape, offset } of header.tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    tensors[name] = { shape, data: new ARRAYS[dtype](body, offset, count) };
  }
  return { header, tensors };
}

/** The part of a tensor under the first indices: part(q, layer, head) is a (T, hs) tensor. A view, not a copy. */
export function part(tensor, ...index) {
  const shape = tensor.shape.slice(index.length);
  const size = shape.reduce((product, n) => product * n, 1);
  const start = index.reduce((place, i, axis) => place * tensor.shape[axis] + i, 0) * size;
  return { shape, data: tensor.data.subarray(start, start + size) };
}
