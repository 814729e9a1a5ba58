"""
Print a page to PDF with a Chromium or Chrome that is installed.

Theory of operation
- The page is loaded twice. First its charts are drawn and the drawn page is taken back (`--dump-dom`); its root element
  says whether all of them were (`data-charts`). Then that page, which has no scripts left to run, is printed. So a PDF
  never shows a chart that is half drawn, and how fast the machine is does not matter.
- The browser gets a folder of its own for its profile, no names to resolve and no proxy to ask: whatever it may want to
  fetch, it cannot. The page itself forbids it too.
- Chromium refuses its sandbox to root, as which containers run; there it is started without one. All it reads then is
  the page that was written a moment before.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ringthrough.errors import BackendError, LocalError, Problem

__all__ = ["BROWSERS", "WAIT_S", "find_browser", "print_page"]

BROWSERS = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge",
    "microsoft-edge-stable", "brave-browser",
)  # fmt: skip
"Names under which a browser that can print is looked for."
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
WAIT_S = 120.0
"A browser that takes longer than this for one step has failed."
_DRAWN = re.compile(rb"<html[^>]*\bdata-charts=\"(\w+)\"")
_SCRIPT = re.compile(rb"<script\b.*?</script>", re.DOTALL)
_PAPERS = {"a4": "A4", "letter": "letter"}
# The width of an A4 sheet less its margins at 96 dots an inch, so that charts are printed about as large as drawn.
_WINDOW = "--window-size=780,1100"


def find_browser(path: str | None) -> str:
    """
    Return a browser that can print.

    Args:
        path: what was asked for; None: the first that is found by name.

    Raises:
        LocalError: there is none (`cli-no-browser`).
    """
    names = (path,) if path else (*BROWSERS, *_PLACES)
    found = next((where for name in names if (where := shutil.which(name))), None)
    if found is None:
        detail = (
            f"expected a program at {path!r}, found none" if path else
            "expected Chromium or Chrome to print with, found none: install one (Debian: apt-get install chromium), "
            "name it with --browser, or write --html and print that"
        )  # fmt: skip
        raise LocalError(Problem("cli-no-browser", detail, where="--browser" if path else "--pdf"))
    return found


def print_page(page: bytes, browser: str, paper: str = "a4", *, wait_s: float = WAIT_S) -> bytes:
    """
    Return a page as PDF.

    Args:
        page: HTML that loads nothing, and whose root element says `data-charts` when its charts are drawn.
        browser: path of Chromium or Chrome.
        paper: a4 or letter.
        wait_s: how long each of its two steps may take, seconds.

    Raises:
        BackendError: the browser fails, or cannot draw the charts (`cli-printing`).
    """
    with tempfile.TemporaryDirectory(prefix="ringthrough-", ignore_cleanup_errors=True) as folder:
        drawn = Path(folder, "drawn.html")
        drawn.write_bytes(_sized(_drawn(page, browser, folder, wait_s), paper))
        result = Path(folder, "page.pdf")
        _run(browser, folder, wait_s, "--no-pdf-header-footer", "--print-to-pdf-no-header", f"--print-to-pdf={result}",
             drawn.as_uri())  # fmt: skip
        made = result.read_bytes() if result.is_file() else b""
        if not made.startswith(b"%PDF-"):
            raise _failed(browser, "it wrote no PDF")
        return made


def _drawn(page: bytes, browser: str, folder: str, wait_s: float) -> bytes:
    """The page with its charts drawn and without its scripts."""
    if b"<script" not in page:
        return page
    plain = Path(folder, "page.html")
    plain.write_bytes(page)
    # Time in the page runs ahead until nothing is left to do, at most so many milliseconds of it.
    done = _run(browser, folder, wait_s, "--dump-dom", "--virtual-time-budget=60000", plain.as_uri())
    state = _DRAWN.search(done)
    if state is None or state[1] != b"drawn":
        raise _failed(browser, "it did not draw the charts")
    return b"<!DOCTYPE html>\n" + _SCRIPT.sub(b"", done.partition(b"<html")[1] + done.partition(b"<html")[2])


def _sized(page: bytes, paper: str) -> bytes:
    return page.replace(b"@page {", b"@page { size: " + _PAPERS[paper].encode() + b";", 1)


def _run(browser: str, folder: str, wait_s: float, *arguments: str) -> bytes:
    words = [
        browser, "--headless", "--disable-gpu", f"--user-data-dir={Path(folder, 'profile')}", "--no-first-run",
        "--no-default-browser-check", "--disable-extensions", "--disable-background-networking", "--disable-sync",
        "--disable-component-update", "--disable-default-apps", "--metrics-recording-only", "--mute-audio",
        "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND", "--hide-scrollbars", _WINDOW,
        *(["--no-sandbox"] if _is_root() else []), *arguments,
    ]  # fmt: skip
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=wait_s, check=False)
    except subprocess.TimeoutExpired as fault:
        raise _failed(browser, f"it took longer than {wait_s:g} s") from fault
    except OSError as fault:
        raise _failed(browser, fault.strerror or str(fault)) from fault
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise _failed(browser, f"exit status {done.returncode}{f', {said[-1][:200]}' if said else ''}")
    return done.stdout


def _is_root() -> bool:
    return sys.platform != "win32" and os.geteuid() == 0


def _failed(browser: str, what: str) -> BackendError:
    detail = f"expected the browser to print the page, found: {what}; --html writes a page that any browser prints"
    return BackendError(Problem("cli-printing", detail, where=browser))
