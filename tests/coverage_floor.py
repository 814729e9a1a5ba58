"""
Hold branch coverage of the lower floors (F0-F5) at 95 %, each room by itself.

Reads the data file that `make test` leaves; prints one line a room and fails when any is below.
"""

from __future__ import annotations

import sys
from pathlib import Path

import coverage

FLOOR = 95.0
ROOMS = (
    "errors.py", "numbers.py", "wire", "reference", "jose", "signals", "stir", "calls", "captures", "cdr", "verdict",
    "store", "reading",
)  # fmt: skip
PACKAGE = Path(__file__).resolve().parent.parent / "src" / "ringthrough"


def main() -> int:
    data = coverage.Coverage()
    data.combine()
    data.load()
    low = []
    for room in ROOMS:
        path = PACKAGE / room
        files = [str(path)] if path.is_file() else sorted(str(f) for f in path.rglob("*.py"))
        share = data.report(morfs=files, file=Path("/dev/null").open("w"), precision=2)  # noqa: SIM115
        print(f"coverage {room:<12} {share:6.2f} %")
        if share < FLOOR:
            low.append(room)
            data.report(morfs=files, show_missing=True, skip_covered=True)
    if low:
        print(f"below {FLOOR} % branch coverage: {', '.join(low)}")
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
