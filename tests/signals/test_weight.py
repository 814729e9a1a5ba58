"""Reading refusals loads neither cryptography nor what only a network element needs."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.conftest import without_coverage


def loaded(statement: str) -> set[str]:
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=without_coverage())
    return set(json.loads(told.stdout))


def test_importing_signals_loads_no_cryptography() -> None:
    found = loaded("import ringthrough.signals")
    assert "ringthrough.signals.read" in found
    heavy = {name for name in found if name.split(".")[0] == "cryptography" or name.startswith("ringthrough.jose")}
    heavy |= found & {"ringthrough.signals.card", "ringthrough.signals.translate", "ringthrough.signals.announce"}
    assert heavy == set()


def test_translating_needs_none_either() -> None:
    found = loaded("import ringthrough.signals.translate, ringthrough.signals.announce")
    assert "cryptography" not in found
    assert "ringthrough.signals.card" not in found


def test_cards_need_it() -> None:
    assert {"cryptography", "ringthrough.jose"} <= loaded("import ringthrough.signals.card")
