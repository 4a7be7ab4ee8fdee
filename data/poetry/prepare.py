"""Door to shici.corpus, whose outputs go into this folder: `python data/poetry/prepare.py --help`."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from shici.cli import load_main
from shici.errors import run_door

if __name__ == "__main__":
    here = os.path.relpath(Path(__file__).resolve().parent)
    # a later --out-dir on the command line wins
    run_door(lambda argv: load_main("shici.corpus.prepare")([f"--out-dir={here}", *argv]))
