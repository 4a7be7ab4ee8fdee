"""How long the corpus takes, in how much memory, and whether two runs give the same bytes.

Run: python bench/prepare.py --source FOLDER_OR_ARCHIVE [--runs 2]

Prints a table for people and one JSON line for programs. Each run is a process of its own, with another
PYTHONHASHSEED, into an empty folder; its peak memory is that of the process and all its children at once,
sampled from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIMIT_SECONDS, LIMIT_GIB = 90, 3.0
_SAMPLE_SECONDS = 0.1


def resident(pid: int) -> int:
    """Bytes of memory of a process and its descendants; 0 for what has ended."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") + sum(resident(int(child)) for child in children)


def run(source: str, folder: Path, seed: int) -> tuple[float, float, int]:
    """Seconds by the clock, seconds of processor time (all its processes), and peak bytes of one run."""
    before = os.times()
    command = [sys.executable, "data/poetry/prepare.py", "--source", source, "--out-dir", str(folder)]
    started = time.monotonic()
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONHASHSEED": str(seed)}
    )
    peak = 0
    while process.poll() is None:
        peak = max(peak, resident(process.pid))
        time.sleep(_SAMPLE_SECONDS)
    if process.returncode:
        sys.exit(process.returncode)
    after = os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return time.monotonic() - started, used, peak


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--source", required=True)
    parser.add_argument("--runs", type=int, default=2)
    options = parser.parse_args()
    source = str(Path(options.source).resolve())
    results, manifests = [], []
    print(f"{'run':>4} {'seconds':>8} {'cpu s':>7} {'peak GiB':>9}")
    for number in range(options.runs):
        with tempfile.TemporaryDirectory() as folder:
            seconds, used, peak = run(source, Path(folder), seed=number + 1)
            manifests.append(json.loads((Path(folder) / "manifest.json").read_text(encoding="utf-8")))
        gib = peak / 2**30
        results.append({"seconds": round(seconds, 1), "cpu": round(used, 1), "peak_gib": round(gib, 2)})
        print(f"{number + 1:>4} {seconds:>8.1f} {used:>7.1f} {gib:>9.2f}")
    same = all(manifest == manifests[0] for manifest in manifests)
    print(
        f"limits: {LIMIT_SECONDS} s, {LIMIT_GIB} GiB; the same bytes in every run: {'yes' if same else 'NO'}"
    )
    documents = manifests[0]["documents"]
    print(json.dumps({"bench": "prepare", "runs": results, "identical": same, "documents": documents}))


if __name__ == "__main__":
    main()
