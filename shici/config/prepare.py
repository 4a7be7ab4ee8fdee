"""Settings of prepare.py."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option
from shici.config.train import TrainSettings


@dataclass(frozen=True, kw_only=True)
class PrepareSettings:
    """准备训练数据：下载、清洗、简化、去重、切分。
    Prepare the training data: download, clean, simplify, deduplicate, split.
    """

    source: str | None = option(
        None,
        "chinese-poetry 的文件夹、.tgz 或 .zip；不写就用 npm 或 git 下载",
        "folder, .tgz or .zip of chinese-poetry; default: download it with npm or git",
    )
    collections: tuple[str, ...] | None = option(
        None,
        "只用这些集子，例如 全唐诗,宋词；不写就用全部",
        "use only these collections, e.g. 全唐诗,宋词; default: all",
    )
    input: str | None = option(
        None,
        "改用自己的文本：UTF-8、GB18030 或 Big5，诗与诗之间空一行",
        "use a text of your own instead: UTF-8, GB18030 or Big5, a blank line between poems",
    )
    block_size: int = option(
        TrainSettings().block_size,
        "自己的文本里，长过这么多字的篇切开；与训练的 --block_size 一样",
        "texts of your own that are longer are cut up; the same as --block_size in training",
        minimum=16,
    )
    out_dir: str = option("data/poetry", "输出文件夹", "output folder")
