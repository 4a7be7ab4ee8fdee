"""shici evaluate prosody: do poems keep their form, by two judges, and how much does keeping it bend the model?

    shici evaluate prosody [--parts=forms,tunes,distortion] [--model=DIR] [--data=data/poetry] [--out=out-prosody]

Writes prosody.json and prosody.txt, and prints the latter.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shici.checkpoint import LoadedModel, weights_hash
from shici.config.evaluate_prosody import EvaluateProsodySettings
from shici.config.parse import describe, parse_settings
from shici.config.sample import SampleSettings
from shici.corpus.sources import file_hash
from shici.errors import ConfigError, CorpusError
from shici.evaluation.files import make_folder, write_report
from shici.evaluation.model import bar, plain
from shici.evaluation.poems import is_empty
from shici.evaluation.prosody_distortion import distortion_report, drawn_in_each_way
from shici.evaluation.prosody_forms import FORMS, forms_report, tunes_report
from shici.evaluation.prosody_table import render
from shici.evaluation.writing import SAMPLERS
from shici.generation.runtime import load
from shici.language import Text

Report = dict[str, Any]
Progress = Callable[[int], object]

NO_HUMAN_POEMS = Text(
    "！test.bin 是空的：准备的诗太少，没有分到测试集。没有古人的诗可比，那一栏空着。",
    "! test.bin is empty: too few poems were prepared for a test split. There are no real poems to compare with, and "
    "their place is left empty.",
)


def main(argv: list[str]) -> int:
    """Make the report that the command line asks for. Raises ShiciError."""
    settings = parse_settings(EvaluateProsodySettings, argv, prog="shici evaluate prosody")
    loaded = load_with_controls(settings)
    out, data = Path(settings.out), Path(settings.data)
    make_folder(out)
    report: Report = {
        "model": {
            "name": settings.model or "shici/pretrained",
            "parameters": loaded.model.parameter_count(),
            "iterations": loaded.iter_num,
            "weights": weights_hash(loaded.model),
        },
        "data": {split: split_hash(data, split) for split in ("test", "train")},
        "settings": {
            key: one for key, one in describe(settings).items() if key not in ("model", "data", "out")
        },
    }
    if is_empty(data, "test") and {"forms", "distortion"} & set(settings.parts):
        print(NO_HUMAN_POEMS.both, file=sys.stderr)
    for part, run in PARTS.items():
        if part in settings.parts:
            report[part] = run(loaded, settings)
    publish(plain(report), out)
    return 0


def load_with_controls(settings: EvaluateProsodySettings) -> LoadedModel:
    """The model to measure. Raises ConfigError for nothing to measure, and for a model that knows no forms."""
    if not settings.parts:
        raise ConfigError(
            "--parts 是空的：没有要评的。请写 --parts=forms,tunes,distortion 里的几项。",
            "--parts is empty: nothing to evaluate. Name some of --parts=forms,tunes,distortion.",
        )
    loaded = load(asked(settings, "default"), "--model")
    if not loaded.vocabulary.has_controls:
        raise ConfigError(
            "这个模型的词表没有体裁等控制标记，不能按格律写。请换用 train.py 训练的模型。",
            "This model's vocabulary has no control tokens for forms, so it cannot write by them. Use a model "
            "trained by train.py.",
        )
    return loaded


def split_hash(data: Path, split: str) -> str:
    """SHA-256 of a split's file. Raises CorpusError where it is not there."""
    path = data / f"{split}.bin"
    if not path.is_file():
        raise CorpusError(
            f"找不到 {path}。请先运行 python data/poetry/prepare.py，或用 --data 指明它的文件夹。",
            f"No {path}. Run python data/poetry/prepare.py first, or name its folder with --data.",
        )
    return file_hash(path)


def asked(settings: EvaluateProsodySettings, sampler: str) -> SampleSettings:
    """How poems are written, but for the form."""
    return SampleSettings(
        out_dir=settings.model,
        seed=settings.seed,
        device=settings.device,
        engine=settings.engine,
        batch_size=settings.batch_size,
        **SAMPLERS[sampler],
    )


def forms(loaded: LoadedModel, settings: EvaluateProsodySettings) -> Report:
    """Regulated verse by two judges."""
    with bar("绝句、律诗", 2 * len(FORMS) * settings.poems, "首") as progress:
        return forms_report(
            loaded, asked(settings, settings.sampler), Path(settings.data), settings.poems, progress
        )


def tunes(loaded: LoadedModel, settings: EvaluateProsodySettings) -> Report:
    """词 of the commonest tunes."""
    with bar("词", 2 * settings.tunes * settings.tune_poems, "首") as progress:
        return tunes_report(
            loaded,
            asked(settings, settings.sampler),
            Path(settings.data),
            settings.tunes,
            settings.tune_poems,
            progress,
        )


def distortion(loaded: LoadedModel, settings: EvaluateProsodySettings) -> Report:
    """How far from the model's own poems of the form."""
    poems = sum(count for count, _, _ in drawn_in_each_way(settings).values())
    poems = len(settings.forms) * poems + settings.tries * len(set(settings.forms) & set(settings.rejected))
    with bar("扭曲", poems, "首") as progress:
        return distortion_report(loaded, settings, asked(settings, "plain"), progress)


PARTS: dict[str, Callable[[LoadedModel, EvaluateProsodySettings], Report]] = {
    "forms": forms,
    "tunes": tunes,
    "distortion": distortion,
}


def publish(report: Report, out: Path) -> None:
    """Print the table, and write prosody.json and prosody.txt. Raises ConfigError where it cannot."""
    text = render(report)
    print(text, end="")
    write_report(report, text, out, "prosody")
    print(Text(f"报告在 {out}/", f"The report is in {out}/").aside, file=sys.stderr)
