"""One binary blob for a component: a JSON header and the tensors it describes.

    [u32 length of the header][header, UTF-8 JSON, spaces up to a multiple of 4][tensor][tensor]...

All little-endian. Under "tensors" the header has for each one {"name", "dtype", "shape", "offset"}; the offset
counts bytes from the end of the header. Each tensor starts at a multiple of 8, counted from the same place.
blob.js reads it. `unpack` is for tests.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

DTYPES: dict[str, np.dtype[Any]] = {
    "float32": np.dtype("<f4"),
    "float64": np.dtype("<f8"),
    "uint8": np.dtype("u1"),
    "uint16": np.dtype("<u2"),
}
ALIGNMENT = 8

Array = npt.NDArray[Any]


def pack(header: Mapping[str, Any], tensors: Mapping[str, Tensor | Array] | None = None) -> bytes:
    """The blob of a header (anything JSON can say, without a key "tensors") and named tensors.

    Tensors of half precision are sent as float32, which holds them exactly; weights by `compact`. Raises KeyError
    for other dtypes.
    """
    listed, parts, offset = [], [], 0
    for name, tensor in (tensors or {}).items():
        array = as_array(tensor)
        listed.append({"name": name, "dtype": array.dtype.name, "shape": list(array.shape), "offset": offset})
        body = array.astype(DTYPES[array.dtype.name], copy=False).tobytes()
        body += bytes(-len(body) % ALIGNMENT)
        parts.append(body)
        offset += len(body)
    text = json.dumps({**header, "tensors": listed}, ensure_ascii=False, separators=(",", ":")).encode(
        errors="replace"
    )
    text += b" " * (-len(text) % 4)
    return b"".join((struct.pack("<I", len(text)), text, *parts))


def as_array(tensor: Tensor | Array) -> Array:
    """`tensor` in C order on the CPU, half precision widened to float32."""
    if isinstance(tensor, Tensor):
        tensor = tensor.detach()
        half = tensor.dtype in (torch.float16, torch.bfloat16)
        tensor = (tensor.float() if half else tensor).cpu().numpy()
    return np.ascontiguousarray(tensor)


def compact(weights: Tensor) -> Array:
    """Weights as the bits of float16 (uint16) where that holds each of them exactly, else as float32."""
    weights = weights.detach().cpu()
    half = weights.to(torch.float16)
    if torch.equal(half.to(weights.dtype), weights):
        bits: Array = half.numpy().view(np.uint16)
        return np.ascontiguousarray(bits)
    return as_array(weights.float())


def unpack(blob: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the tensors of a blob."""
    (length,) = struct.unpack_from("<I", blob)
    header = json.loads(blob[4 : 4 + length])
    start = 4 + length
    tensors = {}
    for listed in header["tensors"]:
        count = int(np.prod(listed["shape"]))
        flat = np.frombuffer(blob, DTYPES[listed["dtype"]], count, start + listed["offset"])
        tensors[listed["name"]] = flat.reshape(listed["shape"])
    return header, tensors
