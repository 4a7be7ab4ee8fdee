"""Write the README's outputs anew: every block behind `<!-- output of: COMMAND -->` becomes what COMMAND prints.

    python scripts/refresh_readme.py [--check]

For the time when the model that ships or a command's words change. COMMAND is run by bash from the repository's root;
"the code above" stands for the Python block above the comment. Lines of a block that begin with "$ " stay. --check
only says which blocks are no longer true (and exits with 1 if there are any).
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
READMES = ("README.md", "README.en.md")
BLOCK = re.compile(
    r"(?P<head><!-- output of: (?P<command>.+?) -->\n\n?```\n(?:\$ [^\n]*\n)?)(?P<shown>.*?)(?P<foot>```)",
    re.DOTALL,
)
CODE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def printed(command: str, above: str) -> str:
    """What a command prints. Raises CalledProcessError if it fails."""
    words = ["bash", "-o", "pipefail", "-c", command]
    if command == "the code above":
        words = [sys.executable, "-c", CODE.findall(above)[-1]]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TRANSFORMERS_VERBOSITY": "error"}
    done = subprocess.run(words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.rstrip("\n") + "\n"


def refreshed(text: str) -> tuple[str, list[str]]:
    """The text with all outputs as they are now, and the commands whose output had changed."""
    changed: list[str] = []

    def renew(found: re.Match[str]) -> str:
        output = printed(found["command"], text[: found.start()])
        if output != found["shown"]:
            changed.append(found["command"])
        return found["head"] + output + found["foot"]

    return BLOCK.sub(renew, text), changed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = 0
    for name in READMES:
        path = ROOT / name
        text, changed = refreshed(path.read_text(encoding="utf-8"))
        for command in changed:
            print(f"{name}: {command}")
        stale += len(changed)
        if not check:
            path.write_text(text, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
