"""Settings of `shici export`."""

from __future__ import annotations

from dataclasses import MISSING, dataclass

from shici.config.fields import option


@dataclass(frozen=True, kw_only=True)
class ExportSettings:
    """把模型写成别的程序的格式：Hugging Face、nanoGPT、ONNX。
    Write the model in another program's format: Hugging Face, nanoGPT or ONNX.
    """

    to: str = option(MISSING, "哪种格式", "the format", choices=("hf", "nanogpt", "onnx"))
    out: str = option(MISSING, "写到哪个文件夹", "the folder to write")
    model: str = option(
        "",
        "模型所在的文件夹或文件；不写就用随附的模型",
        "the model's folder or file; default: the bundled model",
    )
    dtype: str = option(
        "float32",
        "权重的精度；float16 只用于 hf，int8 只用于 onnx",
        "precision of the weights; float16 for hf only, int8 for onnx only",
        choices=("float32", "float16", "int8"),
    )
