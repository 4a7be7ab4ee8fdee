// Carries weights to the page 全过程: they come behind the drawing, which does not wait for them.
import { readBlob } from "./blob.js";
import { keepWeights } from "./walk_tensors.js";

export default function ({ data }) {
  const { header, tensors } = readBlob(data);
  keepWeights(header.model, header.blocks, tensors);
}
