"""Every 603+ example that others published, and the examples of RFC 8688: read as their sources say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringthrough.signals import read
from ringthrough.wire import Response, decode

from ..conftest import shared_path
from .messages import read_response, response, slugs

_TABLE = Path("vectors/603plus/reason_examples.tsv")

# expected_class of the table -> kind, slugs that must be there (less "signals-"). The oracle is standards.md 2.2, 2.3
# and the source named in each row; an unknown class has no entry and fails.
_CLASSES: dict[str, tuple[str, set[str]]] = {
    "603plus_valid": ("603plus", set()),
    "603plus_phrase_rewritten": ("603plus_rewritten", {"603plus-phrase-lost"}),
    "603plus_missing_redress": ("603plus_defective", {"603plus-no-redress"}),
    "603plus_bad_url_scheme": ("603plus_defective", {"603plus-url-scheme"}),
    "603plus_unknown_version": ("603plus_defective", {"603plus-unknown-version"}),
    "603plus_missing_location": ("603plus_defective", {"603plus-no-location"}),
    "603plus_unquoted_text": ("603plus_defective", {"603plus-unquoted-text"}),
    "603plus_nonstandard_params": (
        "603plus_defective",
        {"603plus-pairs-as-params", "603plus-bad-tel", "603plus-bad-location"},
    ),
    "reason_contradicts_status": ("603plus_rewritten", {"603plus-status-changed", "603plus-phrase-lost"}),
    "603_plain": ("603", set()),
    "reason_lenient_parse": ("603", set()),
    "reason_duplicate_params": ("stir", {"stir-in-reason"}),
    "stir_reason_in_sip_protocol": ("stir", {"stir-in-reason"}),
    "stir_reason": ("stir", {"stir-in-reason"}),
}
_PHRASE_ONLY = {"": {"603plus-no-reason"}, "there": {"603plus-foreign-reason"}}


def _rows() -> list[list[str]]:
    path = shared_path() / _TABLE
    if not path.is_file():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_table_is_there(shared: Path) -> None:
    assert (shared / _TABLE).is_file()
    assert len(_rows()) >= 20


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0]) for row in _rows()])
def test_reason_examples(row: list[str]) -> None:
    _, status, phrase, reason, expected_class, _ = row
    if status == "(any)":
        status, phrase = "603", "Decline"
    refusal = read_response(int(status), phrase, *([f"Reason: {reason}"] if reason else []))
    if expected_class == "603_phrase_only":
        kind, expected = "603plus_defective", _PHRASE_ONLY["there" if reason else ""]
    else:
        kind, expected = _CLASSES[expected_class]
    assert refusal.kind == kind
    assert {slug.removeprefix("signals-") for slug in slugs(refusal)} == expected
    assert refusal.reason == reason
    assert refusal.carried_in == "response"
    assert (refusal.code, refusal.phrase) == (int(status), phrase)


# What the rows say in full: id, fields of the refusal. Oracle: the text of the row itself.
_CONTENT = [
    ("P1", {"url": "https://example.com/redress", "location": "TN", "sip_cause": 603, "q850_cause": None}),
    ("P2", {"url": "https://example.com/redress", "location": "LN", "sip_cause": None, "q850_cause": 21}),
    ("P3", {"url": "https://example.com", "id": "12345", "location": "LN", "blocker": "example.com"}),
    ("P5", {"tel": "+18005550100", "email": "redress@example.com", "id": "seg_7-A", "blocker": "example.com"}),
    ("N10", {"url": "https://example.com", "location": "RLN"}),
    ("N11", {"url": "https://carrier.example/redress?ref=42", "tel": "+1-800-555-0100",
             "email": "blocks@carrier.example", "location": "terminating", "blocker": "carrier.example"}),
    ("X1", {"q850_cause": 21, "sip_cause": None}),
    ("X2", {"sip_cause": 438}),
    ("X3", {"sip_cause": 428}),
]  # fmt: skip


@pytest.mark.parametrize(("ident", "fields"), _CONTENT, ids=[row[0] for row in _CONTENT])
def test_content_of_examples(shared: Path, ident: str, fields: dict[str, object]) -> None:
    row = next(row for row in _rows() if row[0] == ident)
    status, phrase = ("603", "Decline") if row[1] == "(any)" else (row[1], row[2])
    refusal = read_response(int(status), phrase, f"Reason: {row[3]}")
    assert {name: getattr(refusal, name) for name in fields} == fields


@pytest.mark.parametrize("path", ["vectors/rfc8688/example_608.sip", "data/blocked/rfc8688_4.1_invite_and_608.txt"])
def test_608_of_rfc_8688(shared: Path, path: str) -> None:
    """RFC 8688 §4.1, figure of the response: R8688-3, R8688-4. It has no To tag, which is not ours to judge."""
    data = (shared / path).read_bytes()
    message = decode(data[data.index(b"SIP/2.0 608") :])
    assert isinstance(message, Response)
    refusal = read(message)
    assert refusal is not None
    assert (refusal.kind, refusal.code, refusal.phrase) == ("608", 608, "Rejected")
    assert refusal.card_uri == "https://block.example.net/complaint-jws"
    assert refusal.blocker == "block.example.net"
    assert refusal.defects == ()


def test_607_of_an_ims_document(shared: Path) -> None:
    """RFC 8197 §4 (R8197-1): the called party finds the call unwanted."""
    data = (shared / "data/blocked/ims_doc_607_example.txt").read_bytes()
    message = decode(data[data.index(b"SIP/2.0 607") :])
    refusal = read(message)
    assert refusal is not None
    assert (refusal.kind, refusal.code, refusal.phrase, refusal.defects) == ("607", 607, "Unwanted", ())


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("telnyx_603plus_reason_example.txt", "603plus", []),
        # The url is an ellipsis that stands for a URL, so it is none.
        ("twilio_603plus_reason_example.txt", "603plus_defective", ["signals-603plus-bad-url"]),
    ],
)
def test_vendor_examples(shared: Path, name: str, kind: str, expected: list[str]) -> None:
    """Telnyx article 15395095 and the Twilio changelog of 2026-04-23; the truth table beside them says the same."""
    text = (shared / "data/blocked" / name).read_text(encoding="utf-8")
    truth = json.loads((shared / "data/blocked/_truth.json").read_text(encoding="utf-8"))["files"][name]["reason"]
    line = next(line for line in text.splitlines() if line.startswith("Reason:"))
    refusal = read_response(603, "Network Blocked", line)
    assert refusal.kind == kind
    assert slugs(refusal) == expected
    assert (refusal.sip_cause, refusal.url, refusal.location) == (truth["cause"], truth["url"], truth["location"])


def test_agrees_with_freeswitch(shared: Path) -> None:
    """FreeSWITCH pull request 3035: what its detector calls 603+ is our `603plus`, and nothing else is."""
    path = shared / "data/blocked/freeswitch_603plus_vectors.json"
    seen = 0
    for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
        if vector["freeswitch_expects_603plus"] is None:
            continue
        _, status, phrase = vector["status_line"].split(" ", 2)
        header = [f"Reason: {vector['reason_header']}"] if vector["reason_header"] else []
        refusal = read(response(int(status), phrase, *header))
        assert refusal is not None
        assert (refusal.kind == "603plus") is vector["freeswitch_expects_603plus"], vector["id"]
        seen += 1
    assert seen == 3
