"""What every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_path() -> Path:
    """Folder of test data that others made; never part of the project."""
    return Path(os.environ.get("RINGTHROUGH_SHARED", ROOT.parent / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    path = shared_path()
    if not path.is_dir():
        pytest.skip("shared test data is absent: set RINGTHROUGH_SHARED to its folder")
    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out for want of the shared data: a number nobody sees is a hole nobody mends."""
    left_out = [r for r in terminalreporter.stats.get("skipped", []) if "shared test data" in str(r.longrepr)]
    if left_out:
        terminalreporter.write_line(f"{len(left_out)} tests skipped: shared test data is absent")
