"""The face of the poem card: where it sets a character, and what it knows.

Run: pytest tests/test_app_card.py
"""

from __future__ import annotations

from PIL import Image

from shici.app.card import GLYPH, KAI, Face
from shici.checkpoint import LoadedModel


def test_a_character_stands_in_the_middle_of_its_cell() -> None:
    """一 is not set higher than 龙: the middle of its ink lies near the middle of the cell."""
    from PIL import ImageDraw

    face = Face()
    for one in "一龙口卜":
        image = Image.new("L", (200, 200), 0)
        face.draw(ImageDraw.Draw(image), (100, 100), one, GLYPH, "#ffffff")
        box = image.getbbox()
        assert box is not None
        assert abs((box[1] + box[3]) / 2 - 100) < 10, one


def test_the_face_lies_beside_its_licence_and_has_the_models_common_characters(loaded: LoadedModel) -> None:
    assert "SIL OPEN FONT LICENSE" in (KAI.parent / "OFL.txt").read_text(encoding="utf-8")
    face = Face()
    assert not face.has("\U0002053f")
    common = [token for token in loaded.vocabulary.tokens if len(token) == 1 and "一" <= token <= "龥"]
    missing = [token for token in common[::40] if not face.has(token)]
    assert missing == []
