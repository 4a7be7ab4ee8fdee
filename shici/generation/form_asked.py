"""Which form a user has asked for: what a tune or given lines imply, what contradicts, what means nothing in it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from shici.config.fields import nearest
from shici.config.sample import SampleSettings
from shici.errors import GenerationError
from shici.generation.prompts import known_name
from shici.language import Text
from shici.prosody.lines import lines_of
from shici.prosody.patterns import REGULATED_FORMS, form_by_shape
from shici.prosody.template import OPEN_LENGTHS
from shici.prosody.tune_naming import heading_author, heading_title, heading_tune
from shici.prosody.tunes import BRACKETS, aliases, canonical_name, nearest_names, simplified_name, tunes

FIXED_FORMS = (*REGULATED_FORMS, *(form for form in OPEN_LENGTHS if form not in REGULATED_FORMS))


# What is said of a form that is kept, and means nothing where none is.
FORM_OPTIONS = ("lines", "variant", "law", "polyphones", "acrostic_place", "particles")
DEFAULTS = {field.name: field.default for field in fields(SampleSettings)}


def with_form(settings: SampleSettings, template_text: str, remarks: list[Text]) -> SampleSettings:
    """The settings with the form that the tune or the given lines imply, and 合律 where nothing else is said.

    remarks: takes what is said of a title that stands with the tune.
    """
    form = known_name("form", settings.form)
    if settings.tune and form not in ("", "词", "曲"):
        raise GenerationError(
            f"{form}没有词牌，--tune={settings.tune} 与 --form={form} 只能要一个。",
            f"{form} has no tune: give --tune={settings.tune} or --form={form}, not both.",
        )
    lines = lines_of(template_text)
    if settings.tune and not form:
        form = "词"
    if form == "词":
        settings = with_tune(settings, remarks)
    if lines and not form:
        form = form_by_shape(lines)
        if form == "杂言":
            lengths = "、".join(str(len(line)) for line in lines[:8])
            raise GenerationError(
                f"看不出 --template 是什么体裁（{len(lines)} 句，各句字数 {lengths}）。请加 --form 或 --tune。",
                "The lines of --template have no form that could be told. Add --form=七绝 or --tune=....",
            )
    if form in REGULATED_FORMS and settings.regulated is None and settings.constrain:
        settings = replace(settings, regulated=True)
    if lines and not settings.lines and form in OPEN_LENGTHS:
        settings = replace(settings, lines=len(lines))
    return replace(settings, form=form)


def with_tune(settings: SampleSettings, remarks: list[Text]) -> SampleSettings:
    """The settings with the tune's name alone, and the title and author that stand with it where none are given."""
    tune, heading = tune_name(settings), settings.tune
    if canonical_name(heading) or not heading_tune(heading):
        return replace(settings, tune=tune)
    found = {"title": heading_title(heading), "author": heading_author(heading)}
    for field, (zh, en) in {"title": ("题目", "title"), "author": ("作者", "author")}.items():
        text, given = found[field], getattr(settings, field)
        if text and given:
            remarks.append(
                Text(
                    f"--tune 里的“{text}”用不上：{zh}是 --{field}={given}。",
                    f"{text} in --tune is not used: the {en} is --{field}={given}.",
                )
            )
        elif text:
            remarks.append(Text(f"{zh}取自 --tune：{text}。", f"The {en} is taken from --tune: {text}."))
    title, author = settings.title or found["title"], settings.author or found["author"]
    return replace(settings, tune=tune, title=title, author=author)


def tune_name(settings: SampleSettings) -> str:
    """The tune without brackets and title, 《念奴娇·赤壁怀古》 -> 念奴娇; as typed where no table has it.

    Raises GenerationError for what looks like a slip of a tune that has a table, where a form is to be kept.
    """
    typed = settings.tune.strip(BRACKETS)
    if canonical_name(typed):
        return typed
    if known := heading_tune(settings.tune):
        return known
    if settings.constrain and nearest(simplified_name(typed), {*tunes(), *aliases()}):
        listed = "、".join(nearest_names(simplified_name(typed)))
        raise GenerationError(
            f"没有词牌“{settings.tune}”的谱。相近的有：{listed}。若真是它，加 --constrain=False（只当提示）；"
            "曲牌加 --form=曲。",
            f"No pattern is known for the tune {settings.tune!r}. Near names: {listed}. If it is meant, add "
            "--constrain=False (only a hint to the model), or --form=曲 for the tune of a 曲.",
        )
    return typed


def without_nonsense(settings: SampleSettings, remarks: list[Text]) -> SampleSettings:
    """The settings less what means nothing in their form, with a remark on each."""
    form, tune = settings.form, bool(settings.tune)
    kept = settings.constrain and form in (*FIXED_FORMS, "词")
    found: list[tuple[str, Any, Text]] = []
    if kept and settings.regulated is not None and (form not in REGULATED_FORMS or tune):
        by_tune = Text("词守不守谱看 --constrain", "whether a 词 keeps its tune is said by --constrain")
        why = by_tune if tune else Text(f"{form}不论平仄", f"{form} has no rules of tone")
        found.append(("regulated", None, why))
    if kept and settings.lines and tune:
        fixed = Text(f"{settings.tune}的句数是定的", f"the tune {settings.tune} has a fixed number of lines")
        found.append(("lines", 0, fixed))
    if settings.variant != 1 and not tune:
        found.append(("variant", 1, Text("只有词牌分体", "only tunes have variants")))
    if settings.acrostic_place != 1 and not settings.acrostic:
        found.append(("acrostic_place", 1, Text("没有 --acrostic", "there is no --acrostic")))
    if kept and settings.max_new_tokens != (most := DEFAULTS["max_new_tokens"]):
        fixed = Text("格律定了多少字", "the form says how many characters there are")
        found.append(("max_new_tokens", most, fixed))
    if settings.temperature == 0 and settings.particles not in (1, DEFAULTS["particles"]):
        found.append(
            ("particles", 1, Text("温度 0 时粒子都一样", "at temperature 0 all particles write the same"))
        )
    remarks += (unused(settings, name, why) for name, _, why in found)
    return replace(settings, **{name: value for name, value, _ in found})


def without_form(settings: SampleSettings) -> list[Text]:
    """A remark on each setting that means nothing where no form is kept."""
    defaults = {field.name: field.default for field in fields(settings)}
    why = Text("这里没有要守的格律", "no form is kept here")
    given = (name for name in FORM_OPTIONS if getattr(settings, name) != defaults[name])
    return [unused(settings, name, why) for name in given]


def unused(settings: SampleSettings, name: str, why: Text) -> Text:
    option = f"--{name}={getattr(settings, name)}"
    return Text(f"{option} 用不上：{why.zh}。", f"{option} is not used: {why.en}.")
