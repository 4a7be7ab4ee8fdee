"""A reader's session without a browser: the tree after its line, and what the components of a page are sent."""

from __future__ import annotations

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from shici.app.masthead import prompt_of
from shici.app.payload import unpack
from shici.app.state import Session, Writing
from shici.checkpoint import LoadedModel
from shici.config.sample import SampleSettings

Blob = tuple[dict[str, Any], dict[str, np.ndarray]]


def opened(loaded: LoadedModel, settings: SampleSettings, *, form: str = "") -> tuple[Session, Writing]:
    """A session, and its tree, in which nothing is written yet. form: that is kept."""
    session = Session(settings, form=form)
    return session, session.write_after(*prompt_of(loaded, session))


def tree_of(session: Session) -> Writing:
    assert session.writing is not None
    return session.writing


def blobs(app: AppTest) -> list[Blob]:
    """The header and the tensors of every component that shows something, from the top."""
    assert not app.exception
    return [unpack(sent) for element in app.get("bidi_component") if (sent := element.proto.bytes)]
