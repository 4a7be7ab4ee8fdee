"""Settings of `shici inspect`."""

from __future__ import annotations

from dataclasses import dataclass

from shici.config.fields import option
from shici.config.sample import LAWS


@dataclass(frozen=True, kw_only=True)
class InspectSettings:
    """评诗的平仄、押韵与体裁；空行分隔各首，- 是标准输入。"""

    form: str = option("", "按此诗体评，例如 七绝、词（不写就由题目与字句数看出）")
    tune: str = option("", "按此词牌评，例如 念奴娇、百字令")
    law: str = option("平水韵", "按哪部韵书：平水韵（词用词林正韵）或 新韵", choices=LAWS)
    colour: str = option("auto", "是否上色", choices=("auto", "always", "never"))
