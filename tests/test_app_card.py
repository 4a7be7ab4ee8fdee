"""The poem card: where its face sets a character and what it knows, its colours, its seal, when it is sent.

Run: pytest tests/test_app_card.py
"""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from shici.app.card import GLYPH, KAI, STYLES, Face, make_card, note_of
from shici.app.pages import compose
from shici.app.payload import unpack
from shici.app.state import Session
from shici.checkpoint import LoadedModel
from tests.composing import BASE, composed, shown


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


@pytest.mark.parametrize("style", STYLES)
def test_a_card_is_a_picture_in_its_colours(loaded: LoadedModel, style: str) -> None:
    composition = composed(loaded, title="早春", author="王维")
    assert composition.plan is not None
    picture = Image.open(io.BytesIO(make_card(composition.plan, shown(composition).poem, style, "春江花月")))
    assert picture.format == "PNG"
    pixels = np.asarray(picture.convert("RGB")).reshape(-1, 3)
    counts = {tuple(color) for color in np.unique(pixels, axis=0).tolist()}
    for colour in (STYLES[style].paper, STYLES[style].ink, "#b23a24"):
        assert tuple(bytes.fromhex(colour[1:])) in counts


def test_a_card_says_whether_the_seed_alone_gives_the_poem(loaded: LoadedModel) -> None:
    composition = composed(loaded, seed=12)
    planned, poem = composition.plan, shown(composition).poem
    assert planned is not None
    assert note_of(planned, poem, changed=False) == "古诗词 nanoGPT　种子 12 其一"
    assert note_of(planned, poem, changed=True) == "古诗词 nanoGPT　种子 12 其一　有改"
    whole, drawn = (make_card(planned, poem, "plain", changed=changed) for changed in (True, False))
    assert whole != drawn


@pytest.mark.parametrize("seal", ["春江花月夜", "ab", "😀", "<b>"])
def test_a_seal_that_cannot_be_cut_is_refused(loaded: LoadedModel, seal: str) -> None:
    composition = composed(loaded)
    composition.card = ("plain", seal)
    header, tensors = unpack(compose.shelf_of(Session(BASE), composition))
    assert "印文" in header["card_error"]
    assert "card" not in tensors


def test_the_card_is_sent_when_it_is_asked_for(loaded: LoadedModel) -> None:
    composition = composed(loaded)
    compose.choose(composition, {"card": {"style": "ruled", "seal": ""}})
    header, tensors = unpack(compose.shelf_of(Session(BASE), composition))
    assert header["card"] == {"style": "ruled", "seal": ""}
    assert tensors["card"].tobytes().startswith(b"\x89PNG")
    compose.choose(composition, {"card": {"style": "<b>"}})
    assert composition.card is None
