"""A real browser and a running interface, for the tests that use the pages as a person would."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

LINE = "白日依山尽，"  # what the interface is opened with
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-dev-shm-usage"
).split()
PATIENCE = 60_000  # ms; these tests never judge speed
PROBE = "404 (Not Found)"  # below a page's own address Streamlit's client first looks for the server in vain

OPEN_BAR = '[data-testid="stSidebar"][data-collapsed="false"] [data-testid="stSidebarCollapseButton"] button'


def put_bar_away(page: Page) -> None:
    """Close the phone's bar of pages if it still lies over the page (it goes by itself, but not at once)."""
    page.evaluate("selector => document.querySelector(selector)?.click()", OPEN_BAR)


def type_line(page: Page, line: str) -> None:
    field = page.get_by_label("开头一句")
    field.fill(line)
    field.press("Enter")


def chromium() -> str:
    """Where Chromium is. Raises AssertionError that says how to get it: a missing browser is no reason to skip."""
    named = os.environ.get("SHICI_CHROMIUM")
    found = [named] if named else [path for name in NAMES if (path := shutil.which(name))]
    assert found, "Chromium is missing. Run: bash scripts/install_browser.sh (or set SHICI_CHROMIUM)"
    return found[0]


@contextmanager
def a_browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def a_server(root: Path, *arguments: str, **environment: str) -> Iterator[str]:
    """The interface on a free port; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", "GPT_show.py", f"--server.port={port}",
        "--server.fileWatcherType=none", "--", *arguments,
    ]  # fmt: skip
    with subprocess.Popen(
        command, cwd=root, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    ) as server:
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_until_healthy(address: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {address}")


@dataclass(slots=True)
class Watched:
    """A page with all that it asked for and complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def assert_quiet(self, *, probed: bool = False) -> None:
        """No request left the machine, nothing went wrong in the browser. probed: a page's own address was opened."""
        assert self.requests
        away = [url for url in self.requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]
        assert away == []
        assert [said for said in self.complaints if not (probed and PROBE in said)] == []


@contextmanager
def watched(
    browser: Browser, *, width: int = 1280, height: int = 900, scheme: str = "light", locale: str = "zh-CN"
) -> Iterator[Watched]:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=locale,
    )
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    seen = Watched(page)
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("websocket", lambda socket: seen.requests.append(socket.url.replace("ws:", "http:")))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("console", lambda said: seen.complaints.append(said.text) if said.type == "error" else None)
    yield seen
    context.close()
