"""`ringthrough explain 608` as a whole cold process, and look-up and comparison in the library."""

from __future__ import annotations

import os
import subprocess
import sys
import timeit


def cold(*words: str) -> float:
    """CPU seconds of a whole process, best of seven."""
    best = 9.0
    for _ in range(7):
        before = os.times()
        subprocess.run([sys.executable, "-m", "ringthrough", *words], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        spent = after.children_user + after.children_system - before.children_user - before.children_system
        best = min(best, spent)
    return best


def main() -> None:
    from ringthrough.reference import compare, lookup

    print(f"ringthrough explain 608        {cold('explain', '608'):.3f} CPU s")
    print(f"ringthrough compare 100 608    {cold('compare', '100', '608'):.3f} CPU s")
    for name, call in {"lookup(608)": lambda: lookup(608), "compare(100, 608)": lambda: compare(100, 608)}.items():
        print(f"{name:<30} {min(timeit.repeat(call, number=200, repeat=7)) / 200 * 1000:.4f} ms")


if __name__ == "__main__":
    main()
