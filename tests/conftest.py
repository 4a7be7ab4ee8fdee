"""What all tests share: one thread, hypothesis without clocks and chance, the shipped model, a browser and a server.

The browser and the interface that it shows are started once, by the first test that asks for them; these tests are
run last, so that neither waits idle for the rest. Every test has a window of its own, and with it a session.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from shici.checkpoint import LoadedModel

# Before torch is imported, here and in every process that a test starts: tiny models only wait for a second thread.
os.environ["OMP_NUM_THREADS"] = "1"

# Their assertions too say what was compared.
pytest.register_assert_rewrite("tests.browser", "tests.sessions")

settings.register_profile("repository", deadline=None, derandomize=True, database=None)
settings.load_profile("repository")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository, where the doors lie."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def loaded() -> LoadedModel:
    """The model that ships."""
    from shici.checkpoint import PRETRAINED, load_model

    return load_model(PRETRAINED)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from tests.browser import a_browser

    with a_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def training_text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data in which the interface looks for what the model may know by heart."""
    from tests.tiny import tiny_dataset

    folder = tmp_path_factory.mktemp("data") / "tiny"
    tiny_dataset(folder)
    return folder


@pytest.fixture(scope="session")
def address(root: Path, training_text: Path) -> Iterator[str]:
    """Where the interface answers, with LINE of tests/browser.py as its first line."""
    from tests.browser import LINE, a_server

    with a_server(root, f"--start={LINE}", SHICI_DATA=str(training_text)) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The first page on a desktop; at the end nothing was asked of another machine, and nothing went wrong."""
    from tests.browser import watched

    with watched(browser) as seen:
        seen.page.goto(address)
        yield seen.page
        seen.assert_quiet()
