"""Writes a model in another program's format: what `shici export` runs."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from shici.checkpoint import PRETRAINED, LoadedModel, load_model
from shici.config.export import ExportSettings
from shici.config.parse import parse_settings
from shici.errors import CheckpointError, ConfigError
from shici.export.hugging_face import export_hugging_face
from shici.export.nanogpt import export_nanogpt, known_opening
from shici.export.onnx_file import export_onnx
from shici.language import Text
from shici.vocabulary import Vocabulary

PRECISIONS = {"hf": ("float32", "float16"), "nanogpt": ("float32",), "onnx": ("float32", "int8")}

TRANSFORMERS = """
    from transformers import pipeline
    print(pipeline("text-generation", "{out}")({opening})[0]["generated_text"])"""
NANOGPT = """
    mkdir -p data/poetry && cp {out}/meta.pkl data/poetry/
    python sample.py --out_dir={out} --start=FILE:{out}/start.txt --device=cpu"""
HINTS = {
    "hf": Text(
        "在 Python 里用（pip install transformers）；{unknown}：",
        f"In Python (pip install transformers); {{unknown}}:{TRANSFORMERS}",
    ),
    "nanogpt": Text(
        "在 nanoGPT 的文件夹里用；start.txt 是{start}，后面可以接上自己的开头，模型不认识的字会报错（KeyError）：",
        "In nanoGPT's folder; start.txt is {start}, an opening of your own may follow; a character that the model "
        f"doesn't know is refused (KeyError):{NANOGPT}",
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
MASKED = Text("模型不认识的字读作 <mask>", "a character that the model doesn't know is read as <mask>")
REFUSED = Text(
    "这个模型的词表没有 <mask>，它不认识的字会报错（Missing [UNK] token）",
    "this model's vocabulary has no <mask>, so a character that it doesn't know is refused (Missing [UNK] token)",
)
BEGINNING = Text("一首诗的起头（<bos><body>）", "how a poem begins (<bos><body>)")
LINE_FEED = Text("一个换行", "a line feed")
OPENING = Text("一个开头（{opening}）", "an opening ({opening})")


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
    print(hint(settings.to, loaded.vocabulary, out.resolve()).both)
    return 0


def hint(to: str, vocabulary: Vocabulary, out: Path) -> Text:
    """How to use what was written; the opening in it is one that the model knows."""
    opening = json.dumps(known_opening(vocabulary), ensure_ascii=False)
    unknown = MASKED if vocabulary.has_controls else REFUSED
    start = BEGINNING if vocabulary.has_controls else LINE_FEED if "\n" in vocabulary else OPENING
    return Text(
        HINTS[to].zh.format(
            out=out, opening=opening, unknown=unknown.zh, start=start.zh.format(opening=opening)
        ),
        HINTS[to].en.format(
            out=out, opening=opening, unknown=unknown.en, start=start.en.format(opening=opening)
        ),
    )


def export(loaded: LoadedModel, to: str, out: Path, dtype: str = "float32") -> None:
    """Write `loaded` to the folder `out` in the format `to`, one of PRECISIONS."""
    if to == "hf":
        export_hugging_face(loaded, out, getattr(torch, dtype))
    elif to == "nanogpt":
        export_nanogpt(loaded, out)
    else:
        export_onnx(loaded, out, "int8" if dtype == "int8" else "float32")
