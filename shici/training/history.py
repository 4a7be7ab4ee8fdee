"""history.json of a run: what the model wrote at log-spaced steps and at every evaluation, with fixed dice.

    {"format": "shici history 1",
     "seed", "temperature", "top_k", "count": numbers,       how the poems are drawn
     "prompts": [{field: text}], "asked": {field: text},     documents as in shici.corpus.document
     "runs": [{"name", "remark", "settings"}],               a file may be put together from several runs
     "records": [{"run": place in runs, "step", "tokens", "val_loss": number or null,
                  "writings": [{"text", "ended", "following": [[token, probability]]}],   one a prompt
                  "shares": {"punctuation", "length", "rhyme", "tone"}}]}
See shici.training.observation for what each means. The file is written anew, atomically, with every record.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from shici.checkpoint import replacing
from shici.config.parse import describe
from shici.config.train import TrainSettings
from shici.errors import TrainingError
from shici.model.gpt import GPT
from shici.training.observation import (
    Observation,
    Plan,
    Shares,
    Writing,
    document_of,
    named,
    observe,
    plan_for,
)
from shici.training.start import Start
from shici.vocabulary import Vocabulary

HISTORY = "history.json"
FORMAT = "shici history 1"
RECIPE = (  # of the settings, what makes one run differ from another; no paths
    "block_size", "n_layer", "n_head", "n_embd", "dropout", "batch_size", "gradient_accumulation_steps", "max_iters",
    "warmup_iters", "cooldown_iters", "lr_schedule", "optimizer", "muon_learning_rate", "learning_rate",
    "muon_split_qkv", "weight_decay", "zero_init", "input_masking", "field_dropout", "bare_share", "average", "seed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Where records come from. name: the run's folder. settings: of RECIPE.

    remark: a sentence for readers, the same in English on a second line.
    """

    name: str
    remark: str
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One moment. run: its place in History.runs. val_loss: nats per character of the verse alone, if evaluated."""

    run: int
    step: int
    tokens: int
    val_loss: float | None
    writings: tuple[Writing, ...]
    shares: Shares


@dataclass(frozen=True, slots=True)
class History:
    """A file's content. records: by step, then by run."""

    plan: Plan
    runs: tuple[Run, ...]
    records: tuple[Record, ...] = ()

    def with_record(self, record: Record) -> History:
        """The same with one more; one of that run and step gives way."""
        others = [one for one in self.records if (one.run, one.step) != (record.run, record.step)]
        return replace(self, records=in_order((*others, record)))

    def with_run(self, run: Run) -> tuple[History, int]:
        """The same with `run` among its runs (in place of one of that name), and its place."""
        names = [one.name for one in self.runs]
        if run.name not in names:
            return replace(self, runs=(*self.runs, run)), len(names)
        place = names.index(run.name)
        return replace(self, runs=(*self.runs[:place], run, *self.runs[place + 1 :])), place


def in_order(records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(sorted(records, key=lambda record: (record.step, record.run)))


class Recorder:
    """Keeps the history of one run in `path`.

    start: the step where the run begins or resumes; records of later steps will be made again. What cannot be read
    there is begun anew: a training does not end for it. Nothing is written before the first record.
    """

    def __init__(self, path: Path, vocabulary: Vocabulary, plan: Plan, run: Run, start: int) -> None:
        self.path, self.vocabulary = path, vocabulary
        before = _resumed(path, plan) if start else None
        kept = () if before is None else tuple(one for one in before.records if one.step <= start)
        self.history, self._run = History(plan, before.runs if before else (), kept).with_run(run)

    def due(self, step: int) -> bool:
        """Whether a record belongs to `step` even without an evaluation: 0, 1, 2, 4, 8 ..."""
        seen = any((one.run, one.step) == (self._run, step) for one in self.history.records)
        return step & (step - 1) == 0 and not seen

    def record(self, model: GPT, step: int, tokens: int, val_loss: float | None) -> None:
        """Let the model write, and write the file."""
        seen = observe(model, self.vocabulary, self.history.plan)
        self.history = self.history.with_record(record_of(seen, self._run, step, tokens, val_loss))
        write_history(self.path, self.history)


def recorder_for(settings: TrainSettings, start: Start) -> Recorder:
    """The recorder of a run that begins with `start`."""
    out = Path(settings.out_dir)
    plan = plan_for(start.vocabulary, start.train.tokens, start.model.config.block_size, settings.seed)
    run = Run(out.resolve().name, "", recipe_of(describe(settings)))
    return Recorder(out / HISTORY, start.vocabulary, plan, run, start.progress.iteration)


def recipe_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of RECIPE that `settings` has; where it has teachers, their folders' names and their share too."""
    recipe = {name: settings[name] for name in RECIPE if name in settings}
    if teachers := settings.get("teachers"):
        recipe["teachers"] = ",".join(Path(path).name for path in teachers)
        recipe["distillation"] = settings["distillation"]
    return recipe


def _resumed(path: Path, plan: Plan) -> History | None:
    try:
        found = read_history(path)
    except TrainingError:
        return None
    return found if found.plan == plan else None


def record_of(seen: Observation, run: int, step: int, tokens: int, val_loss: float | None) -> Record:
    """What was seen, with the numbers as short as the file keeps them."""
    writings = tuple(
        replace(one, following=tuple((token, short(share)) for token, share in one.following))
        for one in seen.writings
    )
    return Record(run, step, tokens, None if val_loss is None else short(val_loss), writings, seen.shares)


def short(number: float) -> float:
    return float(f"{number:.6g}")


def write_history(path: Path, history: History) -> None:
    """Write `history` atomically, a record a line."""
    plan = history.plan
    head = {
        "format": FORMAT,
        "seed": plan.seed,
        "temperature": plan.temperature,
        "top_k": plan.top_k,
        "count": plan.count,
        "prompts": [named(document) for document in plan.prompts],
        "asked": named(plan.asked),
        "runs": [
            {"name": run.name, "remark": run.remark, "settings": {**run.settings}} for run in history.runs
        ],
    }
    lines = [f"{_json(name)}: {_json(value)}," for name, value in head.items()]
    records = ",\n".join(_json(asdict(record)) for record in history.records)
    text = "{\n" + "\n".join(lines) + f'\n"records": [\n{records}\n]}}\n'
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_history(path: Path) -> History:
    """The history at `path`. Raises TrainingError if it is missing, damaged or something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ValueError(f"format {str(found['format'])[:40]!r}")
        return _parsed(found)
    except FileNotFoundError:
        raise TrainingError(
            f"没有 {path}：这次训练没有记下它怎样学会写诗（--history=False，或由旧版训练）。",
            f"No {path}: this run did not record how it learned (--history=False, or an older version).",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise TrainingError(
            f"读不懂 {path}：不是训练写下的 history.json，或已损坏。删去它，下次训练会重新写。",
            f"Cannot read {path}: not a history.json that training wrote, or damaged ({type(error).__name__}). "
            "Delete it; the next run writes it anew.",
        ) from None


def _parsed(found: Mapping[str, Any]) -> History:
    """Raises ValueError, KeyError or TypeError where something is not what it should be."""
    prompts = tuple(document_of(_texts(fields)) for fields in found["prompts"])
    plan = Plan(
        prompts,
        document_of(_texts(found["asked"])),
        _whole(found["count"]),
        _whole(found["seed"]),
        _number(found["temperature"]),
        _whole(found["top_k"]),
    )
    runs = tuple(
        Run(_text(one["name"]), _text(one["remark"]), dict(one["settings"])) for one in found["runs"]
    )
    records = tuple(_record(one, len(runs), len(prompts)) for one in found["records"])
    return History(plan, runs, in_order(records))


def _record(found: Mapping[str, Any], runs: int, prompts: int) -> Record:
    shares = found["shares"]
    loss = found["val_loss"]
    record = Record(
        _whole(found["run"]),
        _whole(found["step"]),
        _whole(found["tokens"]),
        None if loss is None else _number(loss),
        tuple(_writing(one) for one in found["writings"]),
        Shares(*(_share(shares[name]) for name in Shares.__slots__)),
    )
    if record.run >= runs or len(record.writings) != prompts:
        raise ValueError("a record of no run, or without a text for each prompt")
    return record


def _writing(found: Mapping[str, Any]) -> Writing:
    following = tuple((_text(token), _share(share)) for token, share in found["following"])
    return Writing(_text(found["text"]), bool(found["ended"]), following)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _texts(fields: Any) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in fields.items()}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number was expected")
    if not math.isfinite(value):
        raise ValueError("a finite number was expected")
    return float(value)


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise TypeError("a whole number was expected")
    return value


def _share(value: Any) -> float:
    share = _number(value)
    if not 0 <= share <= 1:
        raise ValueError("a share lies between 0 and 1")
    return share
