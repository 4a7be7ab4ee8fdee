"""What all tests share: hypothesis without clocks and chance, and the root of the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("repository", deadline=None, derandomize=True, database=None)
settings.load_profile("repository")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository, where the doors lie."""
    return Path(__file__).resolve().parent.parent
