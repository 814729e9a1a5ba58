"""Every benchmark, one after the other; figures belong into RESULTS.md with date and machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPTS = (
    "wire_decode.py", "explain.py", "jose_verify.py", "stir_verify.py", "card_sign.py", "cdr.py", "text_traces.py",
    "hep.py", "store.py", "import.py", "world.py", "analytics.py",
    "blocks.py", "spark.py", "diagnose.py",
)  # fmt: skip

for script in SCRIPTS:
    print(f"== {script}", flush=True)
    subprocess.run([sys.executable, str(Path(__file__).resolve().parent / script)], check=True)
