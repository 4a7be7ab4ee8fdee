"""The report on a model: loss, samples and calibration, as JSON, as a table and as pictures."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tqdm import tqdm

from shici.checkpoint import LoadedModel, weights_hash
from shici.config.evaluate import EvaluateSettings
from shici.config.parse import parse_settings
from shici.config.sample import SampleSettings
from shici.corpus.document import Document
from shici.corpus.sources import file_hash
from shici.errors import ConfigError
from shici.evaluation.calibration import Candidates, by_place, calibration_report
from shici.evaluation.copying import build_index
from shici.evaluation.fields import author_report, field_report, frequent_authors, title_report
from shici.evaluation.files import make_folder, write_report, writing_to
from shici.evaluation.loss import ccpc_report, loss_report
from shici.evaluation.pictures import draw_places, draw_reliability
from shici.evaluation.poems import Split, Training, read_ccpc, read_split, read_training
from shici.evaluation.samples import requests_of, sample_report
from shici.evaluation.scoring import Scored, score, tokens_to_read
from shici.evaluation.table import render
from shici.evaluation.text import FIELDS, Line, Speller
from shici.evaluation.writing import FIELD_SAMPLERS, SAMPLERS, Writer
from shici.generation.runtime import load
from shici.language import Text

Report = dict[str, Any]
Progress = Callable[[int], object]

CANDIDATE_POEMS = 300  # whose every candidate is looked at: 170 million probabilities
LENGTHS = (5, 7)
DIGITS = 6  # after the point, in the JSON


class Subject:
    """A model and the poems it is measured on; each way of scoring is done once, when it is first asked for."""

    def __init__(self, loaded: LoadedModel, split: Split, stream: str) -> None:
        self.loaded, self.split = loaded, split
        self.speller = Speller(loaded.vocabulary, stream)
        # a stream's "fields" are the title and author above a poem; where each poem is a line it has none
        with_fields = loaded.vocabulary.has_controls or stream == "blocks"
        self.ways = {"bare": (), "fields": FIELDS} if with_fields else {"bare": ()}
        self.lines = {way: self._lines(split.poems, fields) for way, fields in self.ways.items()}
        self._scored: dict[str, list[Scored]] = {}

    def _lines(self, poems: Sequence[Document], fields: Sequence[str]) -> list[Line]:
        return [self.speller.line(poem, fields) for poem in poems]

    def scored(self, way: str) -> list[Scored]:
        """The split's poems, scored "bare" or with "fields"."""
        if way not in self._scored:
            name = {"bare": "只有正文", "fields": "带字段"}[way]
            self._scored[way] = scored_with_bar(self.loaded, self.lines[way], f"损失，{name}")
        return self._scored[way]

    def all_scored(self) -> dict[str, list[Scored]]:
        return {way: self.scored(way) for way in self.ways}


def main(argv: list[str]) -> int:
    """Evaluate a model and write the report. Raises ShiciError."""
    settings = parse_settings(EvaluateSettings, argv, prog="shici evaluate")
    check_parts(settings)
    loaded = load(SampleSettings(out_dir=settings.model, device=settings.device), "--model")
    data, out = Path(settings.data), Path(settings.out)
    # whatever may be missing is missed before the work begins
    subject = Subject(loaded, read_split(data, settings.split, settings.limit), settings.stream)
    quatrains = read_ccpc(Path(settings.ccpc)).first(settings.limit) if settings.ccpc else None
    training = read_training(data) if "samples" in settings.parts else None
    make_folder(out)
    report: Report = {
        "model": describe_model(loaded, settings),
        "data": {
            "split": settings.split,
            "poems": len(subject.split),
            "sha256": file_hash(data / f"{settings.split}.bin"),
        },
        "settings": {
            "samples": settings.samples,
            "seed": settings.seed,
            "limit": settings.limit,
            "stream": settings.stream,
        },
    }
    if "loss" in settings.parts:
        report["loss"] = loss_report(subject.split, subject.lines, subject.all_scored(), settings.seed)
    if quatrains is not None:
        them = Subject(loaded, quatrains, settings.stream)
        report["ccpc"] = ccpc_report(quatrains, them.lines, them.all_scored(), settings.seed)
    if "calibration" in settings.parts:
        report["calibration"] = calibration_part(subject)
    if training is not None:
        report.update(samples_part(subject, training, settings))
    publish(plain(report), out)
    return 0


def check_parts(settings: EvaluateSettings) -> None:
    """Raises ConfigError where nothing is asked for."""
    if not settings.parts and not settings.ccpc:
        raise ConfigError(
            "--parts 是空的：没有要评的。请写 --parts=loss,samples,calibration 里的几项。",
            "--parts is empty: nothing to evaluate. Name some of --parts=loss,samples,calibration.",
        )


def calibration_part(subject: Subject) -> Report:
    """Reliability without fields, and the loss at each place of a line in both ways."""
    candidates = Candidates()
    score(subject.loaded.model, subject.lines["bare"][:CANDIDATE_POEMS], watch=candidates)
    report = calibration_report(subject.lines["bare"], subject.scored("bare"), candidates.report())
    report["places"] = {
        str(length): {
            way: by_place(subject.split.poems, scored, length) for way, scored in subject.all_scored().items()
        }
        for length in LENGTHS
    }
    return report


def samples_part(subject: Subject, training: Training, settings: EvaluateSettings) -> Report:
    """Poems of the model beside human ones, and whether its fields work."""
    loaded, split, seed, count = subject.loaded, subject.split, settings.seed, settings.samples
    index = build_index(training.documents, training.vocabulary)
    fields = loaded.vocabulary.has_controls
    sets = len(SAMPLERS) * len(requests_of(loaded)) + (2 * len(FIELD_SAMPLERS) if fields else 0)
    with bar("写诗", count * sets, "首") as progress:
        writer = Writer(loaded, settings.stream, progress)
        report: Report = {"samples": sample_report(writer, split, index, count, seed)}
        if fields:
            authors = frequent_authors(training.documents, training.vocabulary)
            report["authors"] = author_report(writer, authors, split, count, seed)
            report["titles"] = title_report(writer, split, count, seed)
    if fields:
        report["fields"] = field_report(loaded, subject.speller, split, subject.all_scored(), seed)
    return report


def describe_model(loaded: LoadedModel, settings: EvaluateSettings) -> Report:
    """What was evaluated. weights: checkpoint.weights_hash."""
    return {
        "name": settings.model or "shici/pretrained",
        "parameters": loaded.model.parameter_count(),
        "vocabulary": len(loaded.vocabulary),
        "controls": loaded.vocabulary.control_count,
        "iterations": loaded.iter_num,
        "weights": weights_hash(loaded.model),
    }


def scored_with_bar(loaded: LoadedModel, lines: Sequence[Line], name: str) -> list[Scored]:
    with bar(name, tokens_to_read(lines, loaded.model.config.block_size), "字") as progress:
        return score(loaded.model, lines, progress=progress)


@contextmanager
def bar(name: str, total: int, unit: str) -> Iterator[Progress]:
    """A progress bar on a terminal; elsewhere one line."""
    if not sys.stderr.isatty():
        print(f"{name}……", file=sys.stderr, flush=True)
    with tqdm(total=total, unit=unit, desc=name, disable=None) as shown:
        yield shown.update


def plain(value: Any) -> Any:
    """As JSON has it: rounded, NaN as null."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return round(value, DIGITS) if math.isfinite(value) else None
    return value


def publish(report: Report, out: Path) -> None:
    """Write report.json, report.txt and the pictures, and print the table. Raises ConfigError where it cannot."""
    text = render(report)
    print(text, end="")
    if "calibration" in report:
        with writing_to(out):
            draw_reliability(report["calibration"], out / "reliability.png")
            draw_places(report["calibration"]["places"], out / "loss_by_place.png")
    write_report(report, text, out, "report")
    print(Text(f"报告与图在 {out}/", f"Report and figures are in {out}/").aside, file=sys.stderr)
