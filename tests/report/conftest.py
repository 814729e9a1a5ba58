"""Rows built by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_type_hints

import pytest

from ringthrough.calls import Call, Verdict

Row = tuple[Call, Verdict]
NOTHING = {str: "", int: 0, bool: False, float: 0.0}


def _empty(kind: type) -> dict[str, Any]:
    return {
        name: None if type(None) in get_args(hint) else NOTHING[hint] for name, hint in get_type_hints(kind).items()
    }


def make_row(**changes: Any) -> Row:
    """A refused call; any column of either half can be changed."""
    call = _empty(Call) | {
        "call_id": "a84b4c76e66710@pc33.example.com", "at_us": 1_767_225_600_123_456, "caller": "+12155550123",
        "callee": "+12125550199", "caller_raw": "+12155550123", "callee_raw": "2125550199", "kind": "call",
        "carrier": "Example Telecom", "method": "INVITE", "final_code": 603, "final_phrase": "Network Blocked",
        "setup_ms": 412, "attempts": 1, "legs": 1, "file": "a.pcap", "frame": 1,
        "final_file": "a.pcap", "final_frame": 3,
    }  # fmt: skip
    verdict = _empty(Verdict) | {
        "verdict": "network_blocked", "confidence": 0.95, "rule": "603plus", "because": "It says so.",
        "rules_version": "1",
    }  # fmt: skip
    for name, value in changes.items():
        (call if name in Call._fields else verdict)[name] = value
    return Call(**call), Verdict(**verdict)


@pytest.fixture
def row() -> Callable[..., Row]:
    return make_row
