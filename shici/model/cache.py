"""Keys and values of the positions already read: a new token costs one row of attention, not the square."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


class KVCache:
    """Room for `capacity` positions of `batch` rows in every layer.

    keys, values: (L, B, nh, capacity, hs). `length` positions are filled, the same number in every row.
    """

    def __init__(
        self,
        n_layer: int,
        batch: int,
        n_head: int,
        head_size: int,
        capacity: int,
        *,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        shape = (n_layer, batch, n_head, capacity, head_size)
        # not zeros: what lies behind `length` is never read, and filling it costs as much as many steps
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty(shape, dtype=dtype, device=device)
        self.length = 0

    @property
    def batch(self) -> int:
        return self.keys.size(1)

    @property
    def capacity(self) -> int:
        return self.keys.size(3)

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Store k, v (B, nh, T, hs) behind what is there; return all so far, each (B, nh, S, hs)."""
        end = self.length + k.size(2)
        self.keys[layer, :, :, self.length : end] = k
        self.values[layer, :, :, self.length : end] = v
        return self.keys[layer, :, :, :end], self.values[layer, :, :, :end]

    def advance(self, steps: int) -> None:
        """All layers have stored `steps` more positions."""
        self.length += steps

    def select(self, rows: Tensor) -> KVCache:
        """A new cache whose row i is this cache's row rows[i]; rows: (B',) int64.

        Resamples particles, or fans one prompt out to many poems.
        """
        layers, _, heads, capacity, size = self.keys.shape
        dtype, device = self.keys.dtype, self.keys.device
        picked = KVCache(layers, len(rows), heads, size, capacity, dtype=dtype, device=device)
        picked.keys[..., : self.length, :] = self.keys[:, rows, :, : self.length]
        picked.values[..., : self.length, :] = self.values[:, rows, :, : self.length]
        picked.length = self.length
        return picked

    @classmethod
    def gather(cls, caches: Sequence[KVCache], rows: Tensor) -> KVCache:
        """A new cache whose row i is that of caches[rows[i]]: caches of one row each, equally filled. rows: (B,).

        Fans several prompts out to many poems.
        """
        joined = caches[0].select(torch.zeros(len(caches), dtype=torch.int64))
        for row, cache in enumerate(caches[1:], start=1):
            joined.keys[:, row, :, : cache.length] = cache.keys[:, 0, :, : cache.length]
            joined.values[:, row, :, : cache.length] = cache.values[:, 0, :, : cache.length]
        return joined.select(rows)

    def shrink(self, batch: int, source: Tensor, target: Tensor) -> None:
        """Keep the first `batch` rows only, once row source[i] has taken the place of row target[i].

        In place, and nothing else moves: dropping finished poems is much cheaper than by `select`.
        source, target: (n,) int64.
        """
        for cells in (self.keys, self.values):
            cells[:, target, :, : self.length] = cells[:, source, :, : self.length]
        self.keys, self.values = self.keys[:, :batch], self.values[:, :batch]
