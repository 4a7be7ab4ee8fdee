"""What all tests share: one thread, hypothesis without clocks and chance, and the root of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# Before torch is imported, here and in every process that a test starts: tiny models only wait for a second thread.
os.environ["OMP_NUM_THREADS"] = "1"

settings.register_profile("repository", deadline=None, derandomize=True, database=None)
settings.load_profile("repository")


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the repository, where the doors lie."""
    return Path(__file__).resolve().parent.parent
