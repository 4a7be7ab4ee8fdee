"""古诗词 nanoGPT: train a small GPT on classical Chinese poetry, let it write, and see every number."""

__version__ = "0.1.0"
