"""Door to shici.corpus: `python data/poetry/prepare.py --help`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from shici.corpus.prepare import main
from shici.errors import run_door

if __name__ == "__main__":
    run_door(main)
