"""GPT-2 in one file: embeddings, n_layer blocks of attention and MLP, a final norm, tied output weights.

Letters: B batch, T positions, S positions attended to, C n_embd, nh n_head, hs = C / nh, V vocab_size.
Parameter names are nanoGPT's, so its checkpoints load here and ours load there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, overload

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shici.errors import ConfigError
from shici.model.cache import KVCache
from shici.model.losses import IGNORED, chunked_cross_entropy, rows_for
from shici.model.trace import Recorder, Trace


@dataclass(frozen=True, slots=True)
class GPTConfig:
    """Sizes of a GPT. vocab_size is the vocabulary's. bias: linear layers and norms have biases, as in GPT-2."""

    block_size: int = 256
    vocab_size: int = 50304
    n_layer: int = 6
    n_head: int = 6
    n_embd: int = 384
    dropout: float = 0.0
    bias: bool = False

    def __post_init__(self) -> None:
        for name in ("block_size", "vocab_size", "n_layer", "n_head", "n_embd"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"{name} 应是正整数，却是 {getattr(self, name)}。",
                    f"{name} must be positive, got {getattr(self, name)}.",
                )
        if self.n_embd % self.n_head:
            raise ConfigError(
                f"n_embd（{self.n_embd}）要能被 n_head（{self.n_head}）整除，例如 {self.n_head * 64}。",
                f"n_embd ({self.n_embd}) must be a multiple of n_head ({self.n_head}), "
                f"for instance {self.n_head * 64}.",
            )
        if not 0.0 <= self.dropout < 1.0:
            raise ConfigError(
                f"dropout 应在 0 与 1 之间，却是 {self.dropout}。",
                f"dropout must lie in [0, 1), got {self.dropout}.",
            )


class LayerNorm(nn.Module):
    """Layer norm with an optional bias."""

    def __init__(self, size: int, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.bias = nn.Parameter(torch.zeros(size)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        return F.layer_norm(x, self.weight.shape, self.weight, self.bias, 1e-5)


def causal_mask(new: int, total: int, device: torch.device) -> Tensor:
    """Who may look at whom: (new, total) bool; row t is place total - new + t, which sees itself and all before."""
    return torch.ones(new, total, dtype=torch.bool, device=device).tril(total - new)


class CausalSelfAttention(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.c_attn = nn.Linear(config.n_embd, 3 * config.n_embd, bias=config.bias)
        self.c_proj = nn.Linear(config.n_embd, config.n_embd, bias=config.bias)
        self.n_head = config.n_head
        self.dropout = config.dropout

    def forward(
        self, x: Tensor, mask: Tensor, layer: int, cache: KVCache | None, recorder: Recorder | None
    ) -> Tensor:
        B, T, C = x.shape
        qkv = self.c_attn(x).view(B, T, 3, self.n_head, C // self.n_head)  # (B, T, 3, nh, hs)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)  # each (B, nh, T, hs)
        if cache is not None:
            k, v = cache.extend(layer, k, v)  # each (B, nh, S, hs)
        if x.is_cuda and recorder is None:
            heads = F.scaled_dot_product_attention(q, k, v, mask, self.dropout if self.training else 0.0)
        else:
            heads = self._written_out(q, k, v, mask, recorder)  # (B, nh, T, hs)
        out: Tensor = self.c_proj(heads.transpose(1, 2).reshape(B, T, C))  # (B, T, C)
        return F.dropout(out, self.dropout, self.training)

    def _written_out(
        self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor, recorder: Recorder | None
    ) -> Tensor:
        """softmax(q k^T / sqrt(hs)) v. On a CPU, at a poem's lengths, faster than the fused kernel; can be watched."""
        scores = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(q.size(-1)))  # (B, nh, T, S)
        masked = scores.masked_fill(~mask, float("-inf"))  # (B, nh, T, S)
        weights = F.softmax(masked, dim=-1)  # (B, nh, T, S)
        heads = F.dropout(weights, self.dropout, self.training) @ v  # (B, nh, T, hs)
        if recorder is not None:
            recorder.keep(q=q, k=k, v=v, scores=scores, masked_scores=masked, weights=weights, heads=heads)
        return heads


class MLP(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.c_fc = nn.Linear(config.n_embd, 4 * config.n_embd, bias=config.bias)
        self.c_proj = nn.Linear(4 * config.n_embd, config.n_embd, bias=config.bias)
        self.dropout = config.dropout

    def forward(self, x: Tensor, recorder: Recorder | None) -> Tensor:
        hidden = self.c_fc(x)  # (B, T, 4C)
        activated = F.gelu(hidden)  # (B, T, 4C)
        out: Tensor = self.c_proj(activated)  # (B, T, C)
        if recorder is not None:
            recorder.keep(mlp_hidden=hidden, mlp_activated=activated, mlp=out)
        return F.dropout(out, self.dropout, self.training)


class Block(nn.Module):
    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.ln_1 = LayerNorm(config.n_embd, config.bias)
        self.attn = CausalSelfAttention(config)
        self.ln_2 = LayerNorm(config.n_embd, config.bias)
        self.mlp = MLP(config)

    def forward(
        self, x: Tensor, mask: Tensor, layer: int, cache: KVCache | None, recorder: Recorder | None
    ) -> Tensor:
        ln_1 = self.ln_1(x)  # (B, T, C)
        attention = self.attn(ln_1, mask, layer, cache, recorder)  # (B, T, C)
        middle = x + attention  # (B, T, C)
        ln_2 = self.ln_2(middle)  # (B, T, C)
        out: Tensor = middle + self.mlp(ln_2, recorder)  # (B, T, C)
        if recorder is not None:
            recorder.keep(residual_in=x, ln_1=ln_1, attention=attention, residual_mid=middle, ln_2=ln_2)
            recorder.keep(residual_out=out)
            recorder.close_layer()
        return out


class Transformer(nn.Module):
    """Everything before the output weights; only a holder, so that parameters are called transformer.h.0..."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.wte = nn.Embedding(config.vocab_size, config.n_embd)
        self.wpe = nn.Embedding(config.block_size, config.n_embd)
        self.h = nn.ModuleList([Block(config) for _ in range(config.n_layer)])
        self.ln_f = LayerNorm(config.n_embd, config.bias)


class GPT(nn.Module):
    """The model: `forward` for numbers to look at, `loss` for training, `generate` for plain sampling."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.transformer = Transformer(config)
        self.lm_head = nn.Linear(config.n_embd, config.vocab_size, bias=False)
        self.transformer.wte.weight = (
            self.lm_head.weight
        )  # tied: reading and predicting a character share a row
        self.apply(self._initialise)
        for name, parameter in self.named_parameters():
            if name.endswith("c_proj.weight"):  # GPT-2: the residual's writers start smaller, by their number
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * config.n_layer))

    @staticmethod
    def _initialise(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def parameter_count(self) -> int:
        """How many numbers are learned; tied weights count once."""
        return sum(parameter.numel() for parameter in self.parameters())

    def empty_cache(self, batch: int) -> KVCache:
        """A cache for `batch` rows of up to block_size tokens, in the model's dtype and on its device."""
        c, weight = self.config, self.lm_head.weight
        return KVCache(
            c.n_layer,
            batch,
            c.n_head,
            c.n_embd // c.n_head,
            c.block_size,
            dtype=weight.dtype,
            device=weight.device,
        )

    @overload
    def forward(
        self,
        idx: Tensor,
        targets: Tensor | None = None,
        return_details: Literal[False] = False,
        *,
        cache: KVCache | None = None,
    ) -> tuple[Tensor, Tensor | None]: ...

    @overload
    def forward(
        self,
        idx: Tensor,
        targets: Tensor | None = None,
        *,
        return_details: Literal[True],
        cache: KVCache | None = None,
    ) -> tuple[Tensor, Tensor | None, Trace]: ...

    def forward(
        self,
        idx: Tensor,
        targets: Tensor | None = None,
        return_details: bool = False,
        *,
        cache: KVCache | None = None,
    ) -> tuple[Tensor, Tensor | None] | tuple[Tensor, Tensor | None, Trace]:
        """Logits, loss and, where asked for, the trace of everything between.

        idx, targets: (B, T) int64; a target of -1 does not count.
        Without targets: logits (B, 1, V) of the last position, loss None. Of an idx longer than the block only
        the last block_size tokens are read; the trace's `window_start` says how many were dropped.
        With targets: logits (B, T, V), loss the mean cross-entropy in nats.
        With a cache: idx holds the tokens after those in the cache; there is no window to slide and no trace.
        Raises ValueError where a caller errs: too long with targets or a cache, or a cache with details.
        """
        T, block, past = idx.size(1), self.config.block_size, cache.length if cache is not None else 0
        start = 0
        if past + T > block:
            if targets is not None or cache is not None:
                raise ValueError(f"{past + T} tokens, but the block holds {block}")
            start = T - block
            idx = idx[:, start:]
        if return_details and cache is not None:
            raise ValueError("a trace needs the whole line: pass all tokens and no cache")
        recorder = Recorder() if return_details else None
        positions = torch.arange(past, past + idx.size(1), device=idx.device)  # (T,)
        mask = causal_mask(idx.size(1), past + idx.size(1), idx.device)  # (T, S)
        tokens, places = self.transformer.wte(idx), self.transformer.wpe(positions)  # (B, T, C), (T, C)
        x = self._features(tokens + places, mask, cache, recorder)  # (B, T, C)
        if cache is not None:
            cache.advance(idx.size(1))
        everywhere = targets is not None or return_details
        logits: Tensor = self.lm_head(x if everywhere else x[:, -1:])  # (B, T or 1, V)
        loss = None
        if targets is not None:
            loss = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=IGNORED)
        shown = logits if targets is not None else logits[:, -1:]
        if recorder is None:
            return shown, loss
        trace = Trace(
            window_start=start, idx=idx.clone(), positions=positions, token_embedding=tokens.detach(),
            position_embedding=places.detach(), embedding=recorder.layers[0].residual_in,
            layers=tuple(recorder.layers), ln_f=x.detach(), logits=logits.detach().clone(),
            probabilities=F.softmax(logits[:, -1].detach().float(), dim=-1),
        )  # fmt: skip
        return shown, loss, trace

    def _features(
        self, x: Tensor, mask: Tensor, cache: KVCache | None = None, recorder: Recorder | None = None
    ) -> Tensor:
        """From summed embeddings to the final norm: (B, T, C) both. mask: (T, S) or (B, 1, T, S) bool."""
        x = F.dropout(x, self.config.dropout, self.training)
        for layer, block in enumerate(self.transformer.h):
            x = block(x, mask, layer, cache, recorder)
        out: Tensor = self.transformer.ln_f(x)
        return out

    def features(
        self, idx: Tensor, *, documents: Tensor | None = None, positions: Tensor | None = None
    ) -> Tensor:
        """What the output weights read, (B, T, C): the final norm of every place of idx (B, T).

        documents: (B, T) the number of the document each token is of, where a row holds several: no token sees
        another's. positions: (B, T) places within the document, likewise.
        """
        T = idx.size(1)
        mask = causal_mask(T, T, idx.device)  # (T, T)
        if documents is not None:
            mask = mask & (documents[:, None, :, None] == documents[:, None, None, :])  # (B, 1, T, T)
        if positions is None:
            positions = torch.arange(T, device=idx.device)
        return self._features(self.transformer.wte(idx) + self.transformer.wpe(positions), mask)

    def loss(
        self,
        idx: Tensor,
        targets: Tensor,
        *,
        documents: Tensor | None = None,
        positions: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Summed cross-entropy in nats (float32) and the number of targets that count, for training.

        idx, targets: (B, T). documents, positions: (B, T), see `features`.
        """
        x = self.features(idx, documents=documents, positions=positions).flatten(0, 1)  # (B * T, C)
        total = chunked_cross_entropy(x, self.lm_head.weight, targets.flatten(), rows_for(x.device))
        return total, (targets != IGNORED).sum()

    @torch.no_grad()
    def generate(
        self,
        idx: Tensor,
        max_new_tokens: int,
        temperature: float = 1.0,
        top_k: int | None = None,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Append max_new_tokens tokens to idx (B, T): nanoGPT's plain loop, without a cache or an end of poem.

        Past the block's end the window slides: each token is drawn from the last block_size tokens.
        shici.generation is faster and does more; this is what training shows its progress with.
        """
        for _ in range(max_new_tokens):
            logits, _ = self(idx)  # (B, 1, V)
            logits = logits[:, -1].float() / temperature  # (B, V)
            if top_k is not None:
                kth = logits.topk(min(top_k, logits.size(-1))).values[:, -1:]  # (B, 1)
                logits = logits.masked_fill(logits < kth, float("-inf"))
            drawn = torch.multinomial(F.softmax(logits, dim=-1), 1, generator=generator)  # (B, 1)
            idx = torch.cat((idx, drawn), dim=1)
        return idx
