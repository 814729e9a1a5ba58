"""Every cause has a sentence, one name, and one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ringthrough.captures import causes, tally
from ringthrough.captures.causes import CAUSES, DISSECT_PROBLEMS, NOTES, SPOILS, explain
from ringthrough.captures.link import ETHERTYPES, LAYERS
from ringthrough.captures.tunnels import PROTOCOLS, TUNNELS

KNOWN = {**CAUSES, **SPOILS, **NOTES}


def test_names_are_slugs_and_stand_once() -> None:
    assert len(KNOWN) == len(CAUSES) + len(SPOILS) + len(NOTES)
    assert not set(KNOWN) & set(tally.CAUSES)
    for name, sentence in KNOWN.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(-\*)?", name)
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("rtp", CAUSES["rtp"]),
        ("bad-udp", SPOILS["bad-udp"]),
        ("tcp-gap", NOTES["tcp-gap"]),
        ("link-type-147", CAUSES["link-type-*"]),
        ("ethertype-88b5", CAUSES["ethertype-*"]),
        ("ip-protocol-253", CAUSES["ip-protocol-*"]),
        ("no-such-cause", ""),
        ("nothing", ""),
    ],
)
def test_explain(cause: str, expected: str) -> None:
    assert explain(cause) == expected


def test_every_layer_table_leads_to_a_layer_or_a_cause() -> None:
    known = {*LAYERS, *TUNNELS, "ipv4", "ipv6", *CAUSES}
    assert set(ETHERTYPES.values()) <= known
    assert set(PROTOCOLS.values()) <= known


def test_every_cause_is_named_in_the_source() -> None:
    """A cause that nothing counts would be a promise nobody keeps."""
    room = Path(causes.__file__).parent
    source = "".join(
        path.read_text("utf-8") for path in room.rglob("*.py") if path.name not in ("causes.py", "tally.py")
    )
    for name in KNOWN:
        stem = name.removesuffix("*")
        written = (
            (f'"{stem}"', f'"{stem}{{') if not stem.startswith("fragment-") else (f'"{stem}"', 'f"fragment-{kind}"')
        )
        assert any(form in source for form in written), name


def test_dissection_makes_no_problems() -> None:
    assert DISSECT_PROBLEMS == {}
