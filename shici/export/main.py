"""Writes a model in another program's format: what `shici export` runs."""

from __future__ import annotations

from pathlib import Path

import torch

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.config.export import ExportSettings
from shici.config.parse import parse_settings
from shici.errors import CheckpointError, ConfigError
from shici.export.hugging_face import export_hugging_face
from shici.export.nanogpt import export_nanogpt
from shici.export.onnx_file import export_onnx
from shici.language import Text

PRECISIONS = {"hf": ("float32", "float16"), "nanogpt": ("float32",), "onnx": ("float32", "int8")}

TRANSFORMERS = """
    from transformers import pipeline
    print(pipeline("text-generation", "{out}")("床前明月光，")[0]["generated_text"])"""
NANOGPT = """
    mkdir -p data/poetry && cp {out}/meta.pkl data/poetry/
    python sample.py --out_dir={out} --start=FILE:{out}/start.txt --device=cpu"""
HINTS = {
    "hf": Text(
        "在 Python 里用（pip install transformers）：", f"In Python (pip install transformers):{TRANSFORMERS}"
    ),
    "nanogpt": Text(
        "在 nanoGPT 的文件夹里用；start.txt 是一首诗的起头（<bos><body>），后面可以接上自己的开头：",
        "In nanoGPT's folder; start.txt is how a poem begins (<bos><body>), an opening of your own may follow:"
        f"{NANOGPT}",
    ),
    "onnx": Text(
        "model.onnx 的输入：input_ids（B, T），各层的 past_key_values.N.key 与 .value（B, 头数, P, 每头维数）。\n"
        "输出：logits（B, T, 词表），各层的 present.N.key 与 .value，接着作下一步的 past；开始时 P = 0。\n"
        "字与编号见 vocabulary.txt。",
        "Inputs of model.onnx: input_ids (B, T), for each layer past_key_values.N.key and .value (B, heads, P, "
        "head size).\n"
        "Outputs: logits (B, T, vocabulary), for each layer present.N.key and .value, the past of the next step; "
        "P = 0 at first.\n"
        "Characters and ids are in vocabulary.txt.",
    ),
}


def main(argv: list[str]) -> int:
    """Write the folder that the command line asks for. Errors: ShiciError."""
    settings = parse_settings(ExportSettings, argv, prog="shici export")
    if settings.dtype not in PRECISIONS[settings.to]:
        known = "、".join(PRECISIONS[settings.to])
        raise ConfigError(
            f"--to={settings.to} 的精度只能是 {known}，得到 {settings.dtype}。",
            f"--to={settings.to} takes --dtype={'|'.join(PRECISIONS[settings.to])}, got {settings.dtype}.",
        )
    source, out = Path(settings.model) if settings.model else PRETRAINED, Path(settings.out)
    loaded = load_model(source, option="--model")
    if out.resolve() in (source.resolve(), loaded.origin.resolve(), loaded.origin.parent.resolve()):
        raise ConfigError(
            f"--out 就是模型所在的 {out}。请另给一个文件夹。",
            f"--out is where the model itself lies, {out}. Name another folder.",
        )
    try:
        export(loaded, settings.to, out, settings.dtype)
    except OSError as error:
        raise CheckpointError(
            f"写不了 {out}：{error.strerror}。请换一个 --out。",
            f"Cannot write {out}: {error.strerror}. Choose another --out.",
        ) from error
    size = sum(path.stat().st_size for path in out.iterdir() if path.is_file())
    megabytes = f"{size / 1e6:.1f} MB"
    written = Text(
        f"{loaded.origin} 已写入 {out}（{megabytes}）", f"{loaded.origin} was written to {out} ({megabytes})"
    )
    print(written.both)
    print(HINTS[settings.to].both.format(out=out.resolve()))
    return 0


def export(loaded: LoadedModel, to: str, out: Path, dtype: str = "float32") -> None:
    """Write `loaded` to the folder `out` in the format `to`, one of PRECISIONS."""
    if to == "hf":
        export_hugging_face(loaded, out, getattr(torch, dtype))
    elif to == "nanogpt":
        export_nanogpt(loaded, out)
    else:
        export_onnx(loaded, out, "int8" if dtype == "int8" else "float32")
