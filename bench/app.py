"""How fast the interface answers, in a real Chromium beside a running server, and what many readers at once cost.

Run: python bench/app.py [--sessions=20] [--repeats=12] [--steps=4]

`start` is from the command `streamlit run` to the first page drawn with the model's numbers. `step` writes a character
by the dice, `slider` moves the temperature, `head` looks at another head: from the click to the frame that shows it.
Then as many browser windows as sessions, each on its own session, open the first page, write `steps` characters, all
at the same moment, and open 注意力; `again` is a second such crowd after the first has gone. Server and browser share
the cores, so the times of the crowd are the browser's too. RSS is the server's, in MiB. Linux only (/proc).
Exits with 1 if anything went wrong in a browser or on the server. A table, then one JSON line.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page

from tests.browser import Watched, a_browser, wait_until_healthy, watched

ROOT = Path(__file__).resolve().parent.parent
AIMS = {"start": 5000, "step": 300, "slider": 50, "head": 50}  # ms
READY = ".writing .candidates tbody tr.drawn"
# Begins an action and keeps the promise of the milliseconds until its effect has been painted, or of -1 after a minute.
BEGIN = """([action, effect]) => {
    const parts = () => [...document.querySelectorAll("*")].map((node) => node.shadowRoot);
    const find = (selector) => parts().map((part) => part?.querySelector(selector)).find(Boolean);
    const state = () => new Function("find", "return " + effect)(find);
    const before = state();
    const began = performance.now();
    window.answered = new Promise((done) => {
        const painted = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
        const look = () => {
            if (state() !== before) painted();
            else if (performance.now() - began > 60000) done(-1);
            else setTimeout(look, 2);
        };
        new Function("find", action)(find);
        look();
    });
}"""
STEP = (
    """const seal = find(".writing .seal");
       if (seal.disabled) throw new Error("the poem has come to its end: ask for fewer repeats");
       seal.click()""",
    """find(".writing .verse").getRootNode().querySelectorAll(".verse .place").length""",
)
HEAD = (
    """const all = find(".attention .heads").querySelectorAll("[data-head]");
       const now = [...all].findIndex((head) => head.getAttribute("aria-pressed") === "true");
       all[(now + 7) % all.length].click()""",
    """find(".attention .within h2 .red").textContent""",
)
SLIDER = (
    """const range = find('[data-cut="temperature"]');
       range.value = Number(range.value) > 1 ? 0.6 : Number(range.value) + 0.05;
       range.dispatchEvent(new Event("input", { bubbles: true }))""",
    """find(".slider .num").textContent""",
)


@dataclass(slots=True)
class Server:
    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def rss(self) -> float:
        """What it holds now, in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1]) / 1024

    def errors(self) -> list[str]:
        said = self.log.read_text(errors="replace").splitlines()
        return [line for line in said if "Traceback" in line or "Error" in line]


@contextmanager
def a_server(log: Path) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "GPT_show.py", f"--server.port={port}"]
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield Server(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.terminate()


def answered(page: Page, act: tuple[str, str]) -> float:
    page.evaluate(BEGIN, list(act))
    return float(page.evaluate("window.answered"))


def timed(page: Page, act: tuple[str, str], repeats: int) -> list[float]:
    """Milliseconds of each repeat; between two the page comes to rest."""
    found = []
    for _ in range(repeats):
        found.append(answered(page, act))
        page.wait_for_timeout(500)
    return found


def open_attention(page: Page) -> None:
    page.get_by_role("link", name="注意力").click()
    page.locator(".attention .heads [data-head]").nth(35).wait_for()


def alone(page: Page, repeats: int) -> dict[str, list[float]]:
    found = {"step": timed(page, STEP, repeats), "slider": timed(page, SLIDER, repeats)}
    open_attention(page)
    page.wait_for_timeout(1000)
    return found | {"head": timed(page, HEAD, repeats)}


def crowd(
    browser: Browser, server: Server, sessions: int, steps: int
) -> tuple[list[float], list[str], float]:
    """Every step's milliseconds, what went wrong, and the server's RSS while all are still there."""
    wrong: list[str] = []
    with ExitStack() as windows:
        readers: list[Watched] = [windows.enter_context(watched(browser)) for _ in range(sessions)]
        for reader in readers:
            reader.page.goto(server.address, wait_until="commit")
        for reader in readers:
            reader.page.locator(READY).wait_for()
        took: list[float] = []
        for _ in range(steps):
            for reader in readers:
                reader.page.evaluate(BEGIN, list(STEP))
            took += [float(reader.page.evaluate("window.answered")) for reader in readers]
        for reader in readers:
            open_attention(reader.page)
        for reader in readers:
            alerts = reader.page.locator('[data-testid="stException"], [data-testid="stAlert"]').count()
            wrong += [*reader.complaints, *["an alert on the page"] * alerts]
        return took, wrong + ["no answer"] * sum(one < 0 for one in took), server.rss()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    for name, default in (("sessions", 20), ("repeats", 12), ("steps", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    with a_browser() as browser, tempfile.TemporaryDirectory() as folder:
        blank = browser.new_page()  # the browser itself is awake before the clock runs
        began = time.perf_counter()
        with a_server(Path(folder) / "log") as server:
            wait_until_healthy(f"{server.address}/_stcore/health")
            with watched(browser) as reader:
                reader.page.goto(server.address)
                reader.page.locator(READY).wait_for()
                times = {"start": [1000 * (time.perf_counter() - began)]}
                reader.page.wait_for_timeout(1500)
                times |= alone(reader.page, asked.repeats)
                wrong = list(reader.complaints)
            before = server.rss()
            first, troubles, full = crowd(browser, server, asked.sessions, asked.steps)
            second, more, again = crowd(browser, server, asked.sessions, asked.steps)
            wrong += troubles + more + server.errors()
        blank.close()
    report(asked, load, times, first + second, {"before": before, "crowd": full, "again": again}, wrong)
    sys.exit(1 if wrong else 0)


def report(
    asked: argparse.Namespace,
    load: float,
    times: dict[str, list[float]],
    crowded: list[float],
    rss: dict[str, float],
    wrong: list[str],
) -> None:
    cores = os.cpu_count()
    print(
        f"{cores} cores, load {load:.1f} before the bench"
        + (": noisy, others are at work" if load > 0.5 else "")
    )
    for name, took in times.items():
        print(
            f"{name:8} median {statistics.median(took):7.1f} ms   smallest {min(took):7.1f}   of {len(took):3}   "
            f"aim {AIMS[name]} ms"
        )
    print(
        f"{asked.sessions} at once: a step, median {statistics.median(crowded):.0f} ms, slowest {max(crowded):.0f} ms"
    )
    each = (rss["crowd"] - rss["before"]) / asked.sessions
    print(
        f"RSS {rss['before']:.0f} MiB with one session gone, {rss['crowd']:.0f} with {asked.sessions} "
        f"({each:.1f} each), {rss['again']:.0f} with {asked.sessions} others after them"
    )
    print("nothing went wrong" if not wrong else "\n".join(wrong))
    line: dict[str, object] = {name: round(statistics.median(took), 1) for name, took in times.items()}
    line |= {f"{name}_smallest": round(min(took), 1) for name, took in times.items() if len(took) > 1}
    line |= {"crowd_step": round(statistics.median(crowded), 1), "crowd_slowest": round(max(crowded), 1)}
    line |= {f"rss_{name}": round(held) for name, held in rss.items()}
    print(
        json.dumps(
            line | {"sessions": asked.sessions, "cores": cores, "load": round(load, 1), "wrong": len(wrong)}
        )
    )


if __name__ == "__main__":
    main()
