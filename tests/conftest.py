"""What every test may use."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FULL = os.environ.get("RINGTHROUGH_FULL") == "1"
"Set by .ci/run: every server has to be there, and the fuzzing is done in full."


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-inputs",
        type=int,
        default=None,
        metavar="N",
        help="mutated inputs for tests/fuzz in all (default 4000, or 100000 with RINGTHROUGH_FULL=1)",
    )


@pytest.fixture(scope="session")
def fuzz_inputs(request: pytest.FixtureRequest) -> int:
    asked: int | None = request.config.getoption("--fuzz-inputs")
    if asked is None:
        return 100_000 if FULL else 4_000
    return asked


def need(program: str, package: str) -> str:
    """Path of a program that another project made; without it the test is skipped, and in CI it fails."""
    found = shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if found is not None:
        return found
    reason = f"{program} is not installed: apt-get install {package}"
    if FULL:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def tshark() -> str:
    return need("tshark", "tshark")


@pytest.fixture(scope="session")
def kamailio() -> str:
    return need("kamailio", "kamailio")


@pytest.fixture(scope="session")
def sipp() -> str:
    return need("sipp", "sip-tester")


def shared_path() -> Path:
    """Folder of test data that others made; never part of the project."""
    return Path(os.environ.get("RINGTHROUGH_SHARED", ROOT.parent / "shared"))


def without_coverage() -> dict[str, str]:
    """Environment for a child process whose imports are looked at: measuring coverage in it would import more."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COV")}


@pytest.fixture(scope="session")
def shared() -> Path:
    path = shared_path()
    if not path.is_dir():
        pytest.skip("shared test data is absent: set RINGTHROUGH_SHARED to its folder")
    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests had no shared data (a hole nobody sees, nobody mends), and with which seeds was fuzzed."""
    left_out = [r for r in terminalreporter.stats.get("skipped", []) if "shared test data" in str(r.longrepr)]
    if left_out:
        terminalreporter.write_line(f"{len(left_out)} tests skipped: shared test data is absent")
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, line in getattr(report, "user_properties", ()):
                if name == "fuzz" and report.when == "call":
                    terminalreporter.write_line(f"fuzz: {line}")
