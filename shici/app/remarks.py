"""What generation remarks on (in Chinese), in the reader's language."""

from __future__ import annotations

import re

from shici.app.language import Language

FIELDS = {"开头": "The opening", "作者": "The author", "题目": "The title", "词牌": "The tune"}
# As shici.generation.prompts and verse say it; tests/test_app_pages.py holds the two together.
ENGLISH = (
    (
        r"开头共 (?P<all>\d+) 个词元，模型一次只看得到 (?P<seen>\d+) 个：从第 (?P<first>\d+) 个看起。",
        "The opening has {all} tokens and the model sees {seen} at a time: it reads from number {first} on.",
    ),
    (
        r"(?P<field>\w+)已换成模型的写法：(?P<pairs>.*?)(?: 等 (?P<count>\d+) 处)?",
        "{field} was put into the model's spelling: {pairs}{more}",
    ),
    (
        r"《(?P<tune>.+)》没有谱，只当提示，不守格律。.*",
        "There is no table for the tune {tune}: it is only a hint to the model.",
    ),
    (
        r"(?P<form>\w+?)(?:没有定式|要给出词牌.*?)，只当提示，不守格律。",
        "{form} alone does not fix a form: it is only a hint to the model.",
    ),
)


def in_words(remark: str, language: Language) -> str:
    """The remark in `language`; one that is not known in English stays Chinese, and says so."""
    if language == "zh":
        return remark
    for pattern, english in ENGLISH:
        found = re.fullmatch(pattern, remark)
        if found:
            parts = {name: text or "" for name, text in found.groupdict().items()}
            parts["field"] = FIELDS.get(parts.get("field", ""), parts.get("field", ""))
            more = f" … ({parts['count']} in all)" if parts.get("count") else ""
            return english.format(**parts, more=more)
    return f"In Chinese: {remark}"
