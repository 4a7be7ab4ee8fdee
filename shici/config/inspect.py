"""Settings of `shici inspect`."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option
from shici.config.sample import LAWS


@dataclass(frozen=True, kw_only=True)
class InspectSettings:
    """评诗的平仄、押韵与体裁；空行分隔各首，- 是标准输入。
    Judge the tones, rhymes and form of poems; a blank line parts poems, - is standard input.
    """

    form: str = option(
        "",
        "按此诗体评，例如 七绝、词（不写就由题目与字句数看出）",
        "judge by this form, e.g. 七绝 or 词 (default: told by the title and the lengths of the lines)",
    )
    tune: str = option(
        "", "按此词牌评，例如 念奴娇、百字令", "judge by this tune (词牌), e.g. 念奴娇 or 百字令"
    )
    law: str = option(
        "平水韵",
        "按哪部韵书：平水韵（词用词林正韵）或 新韵",
        "rhyme book: 平水韵, the classical rhymes (词: 词林正韵), or 新韵, modern Mandarin",
        choices=LAWS,
    )
    colour: str = option(
        "auto", "是否上色", "whether to colour the output", choices=("auto", "always", "never")
    )
