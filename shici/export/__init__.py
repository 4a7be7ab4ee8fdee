"""The model in the formats of other programs: Hugging Face's transformers, nanoGPT, ONNX."""
