"""The interface. It draws traces and the sampler's stages, and computes no probability of its own."""
