"""What people paste, and what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.errors import LocalError
from ringthrough.reading import KINDS, PROBLEMS, QUESTIONS, Reading, read_paste, ticket
from ringthrough.reading.passport import decode_passport
from ringthrough.reading.tidy import MAX_BYTES

from .pastes import BLOCKED, DIGEST, HEAD, NOTICE, PASTES, TOKEN, Paste


@pytest.mark.parametrize("paste", PASTES, ids=[p.label for p in PASTES])
def test_pastes(paste: Paste) -> None:
    reading = read_paste(paste.text)
    assert (reading.kind, reading.entry) == (paste.kind, paste.entry)
    assert reading.answers[0].short.startswith(paste.origin)
    assert [a.key for a in reading.answers] == list(QUESTIONS)
    assert all(a.short and a.text and a.question for a in reading.answers)
    assert reading.kind in KINDS
    assert reading.what.endswith(".")
    assert ticket(reading).startswith("Subject: ")
    assert read_paste(paste.text.encode()) == reading


def test_every_way_of_pasting_gives_the_same_message() -> None:
    dressed = [
        p
        for p in PASTES
        if p.kind == "response" and p.entry == "603+" and p.label not in ("status and Reason", "rewritten")
    ]
    assert len(dressed) >= 10
    shown = {read_paste(p.text).shown.replace("Content-Length: 0", "").strip() for p in dressed if p.label != "folded"}
    assert len(shown) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found nothing"),
        (" \n\t\n", "found nothing"),
        ("hello there", "found 'hello there'"),
        ("Raeson: hello", "the nearest header is Reason"),
        ("SIP/2.0 60", "found 'SIP/2.0 60'"),
        ("x" * 100, "..."),
        ("-->", "found '-->'"),
        ("A --> B", "found 'A --> B'"),
    ],
    ids=str,
)
def test_what_cannot_be_read_says_what_was_expected(text: str, found: str) -> None:
    with pytest.raises(LocalError) as caught:
        read_paste(text)
    assert caught.value.problem.code == "reading-not-understood"
    assert "expected a status line" in str(caught.value)
    assert found in str(caught.value)


def test_too_long() -> None:
    with pytest.raises(LocalError) as caught:
        read_paste("x" * (MAX_BYTES + 1))
    assert caught.value.problem.code == "reading-too-long"


def codes(reading: Reading) -> set[str]:
    return {problem.code for problem in reading.defects}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("reading-contradiction", "SIP/2.0 480 Gone\nReason: SIP;cause=404"),
        ("reading-no-cause", "Reason: Q.850;text=x"),
        ("reading-passport", "Identity: abc.def;info=<https://c.example>"),
        ("reading-passport", "Identity: e30.e30.a"[:-6] + "!!.e30.aa" + ";alg=ES256"),
        ("reading-unknown-cause", "hangup_cause=0"),
        ("reading-unknown-code", "SIP/2.0 499 Own"),
        ("signals-603plus-phrase-lost", f"SIP/2.0 603 Decline\nReason: {NOTICE}"),
        ("signals-603plus-no-reason", f"SIP/2.0 603 Network Blocked\n{HEAD}"),
        ("wire-call-info-syntax", "Call-Info: x"),
        ("wire-cseq-method-mismatch", f"INVITE sip:a@b SIP/2.0\n{HEAD.replace('1 INVITE', '1 BYE')}"),
    ],
)
def test_defects(code: str, text: str) -> None:
    if "!!" in text:
        assert "wire-identity-syntax" in codes(read_paste(text))
    else:
        assert code in codes(read_paste(text))


def test_an_excerpt_is_not_blamed_for_what_was_not_pasted() -> None:
    assert codes(read_paste(BLOCKED)) == set()
    assert codes(read_paste(f"SIP/2.0 603 Network Blocked\nReason: {NOTICE}")) == set()


def test_every_problem_is_explained() -> None:
    assert all(code.startswith("reading-") and said.endswith(".") for code, said in PROBLEMS.items())


def test_fields_name_their_section() -> None:
    fields = {f.name: f for f in read_paste(BLOCKED).fields}
    assert fields["Status"].value == "603 Network Blocked"
    assert fields["Reason cause"].section == "RFC 3261 §21.6.2"
    assert fields["Reason text url"].value == "https://fir.example.com"
    assert fields["Reason text id"].section.startswith("ATIS-1000099")
    assert fields["Reason location"].section == "RFC 8606 §4"
    assert all(f.meaning and f.section for f in fields.values())


def test_who_and_how_to_appeal() -> None:
    who = read_paste(BLOCKED).answer("who")
    assert who.short == "fir.example.com (unverified)"
    for said in ("https://fir.example.com", "+18005550100", "reference 77", "Nothing in this is signed", "called side"):
        assert said in who.text


def test_a_passport_is_decoded_and_not_verified() -> None:
    reading = read_paste(f"Identity: {TOKEN};info=<https://c.example/a>;alg=ES256;ppt=shaken")
    fields = {f.name: f.value for f in reading.fields}
    assert fields["Identity attest"].startswith("A (")
    assert fields["Identity orig"] == "tn 12155550112"
    assert fields["Identity iat"] == "1471375418 (2016-08-16 19:23:38 UTC)"
    assert fields["Identity ppt"] == "shaken"
    assert "not verified" in reading.fields[0].meaning


@pytest.mark.parametrize(
    ("token", "fault"),
    [
        ("a.b", "three parts"),
        ("e30.W10.x", "JSON object"),
        ("e30.!!!.x", "base64url"),
        ("e30.AAAA.x", "JSON"),
        ("e30.\u00e9.x", "base64url"),
        ("e30." + "A" * 40_000 + ".x", "at most"),
        ("e30." + "W1tb" * 6_000 + ".x", "JSON"),
    ],
    ids=range(7),
)
def test_tokens_that_are_no_passport(token: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        decode_passport(token)


def test_the_short_form_of_a_passport_has_no_claims() -> None:
    assert decode_passport("..c2ln").short
    reading = read_paste("Identity: ..c2lnbmF0dXJlc2lnbmF0dXJl;info=<https://c.example/a>;alg=ES256")
    assert "compact form" in reading.fields[0].meaning
    assert "c2ln" not in repr(reading)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Identity: {TOKEN};info=<https://c.example>", TOKEN.rpartition(".")[2]),
        (f"INVITE sip:a@b SIP/2.0\n{HEAD}Identity: {TOKEN}\n", TOKEN.partition(".")[0]),
        (f"REGISTER sip:b SIP/2.0\n{HEAD}{DIGEST}\n", "0123456789abcdef"),
        (f"REGISTER sip:b SIP/2.0\n{HEAD}{DIGEST}\n", "n0nce"),
        (f"REGISTER sip:b SIP/2.0\n{HEAD}Authorization: Basic c2VjcmV0c2VjcmV0\n", "c2VjcmV0"),
        (f"REGISTER sip:b SIP/2.0\n{HEAD}Authorization: c2VjcmV0,c2VjcmV0\n", "c2VjcmV0"),
        (f"INVITE sip:a:hunter2@b SIP/2.0\n{HEAD}", "hunter2"),
        (f"INVITE sip:a@b SIP/2.0\n{HEAD}X-Api-Key: hunter2\n", "hunter2"),
        (f"INVITE sip:a@b SIP/2.0\n{HEAD}X-Thing: a;token=hunter2\n", "hunter2"),
        (f"INVITE sip:a@b SIP/2.0\n{HEAD}c: application/sdp\n\nv=0\na=crypto:1 X inline:hunter2|2^20\n", "hunter2"),
        (f"INVITE sip:a@b SIP/2.0\n{HEAD}\nv=0\na=ice-pwd:hunter2\nk=clear:hunter2\n", "hunter2"),
        ('Reason: STIR;cause=436;ppi="..hunter2hunter2hunter2hunter2"', "hunter2"),
        ("Identity: !hunter2;info=<https://c.example>", "hunter2"),
        ("Reason: SIP;cause=603;text=\"password=hunter2\"", "hunter2"),
    ],
    ids=range(14),
)  # fmt: skip
def test_secrets_are_never_shown(text: str, secret: str) -> None:
    reading = read_paste(text)
    assert secret not in repr(reading).replace("sip_cause", "")
    assert secret not in ticket(reading)


def test_the_ticket_is_masked_and_keeps_the_contact() -> None:
    said = ticket(read_paste(BLOCKED))
    for number in ("2155550112", "2125550199", "Alice", "Smith"):
        assert number not in said
    for kept in ("+1215555xxxx", "https://fir.example.com", "+18005550100", "reference: 77", "603 Network Blocked"):
        assert kept in said
    assert "z9hG4bK1" in said
    assert "ATIS-1000099" in ticket(read_paste(f"SIP/2.0 603 Decline\nReason: {NOTICE}"))
    assert "telephone: +18005550100" in said


def test_a_rewrite_is_seen() -> None:
    became = read_paste(f"SIP/2.0 608 Rejected\n{HEAD}\nSIP/2.0 603 Decline\n{HEAD}\n")
    assert became.entry == "608"
    assert "608 Rejected became 603 Decline" in became.answer("rewritten").text
    for text, short in (
        (f"SIP/2.0 603 Decline\nReason: {NOTICE}", "Rewritten"),
        ("SIP/2.0 603 Decline\nServer: FreeSWITCH-mod_sofia/1.10", "Perhaps"),
        ("SIP/2.0 403 Forbidden\nServer: Asterisk PBX 22", "Perhaps"),
        ("SIP/2.0 603 Decline\nReason: Q.850;cause=21;location=U", "Perhaps"),
        ("SIP/2.0 608 Rejected", "Perhaps"),
        ("SIP/2.0 404 Not Found", "No trace of it"),
        (BLOCKED, "As sent"),
    ):
        assert read_paste(text).answer("rewritten").short.startswith(short), text


def test_retry_after_is_told() -> None:
    assert read_paste("SIP/2.0 486 Busy Here\nRetry-After: 120").answer("retry").short == "After 120 s"
    assert "120 s" in read_paste("SIP/2.0 603 Decline\nRetry-After: 120").answer("retry").text


def test_a_ladder_shows_its_steps() -> None:
    reading = read_paste("A ---- INVITE ---> B\nA <--- 180 Ringing --- B\nA <--- 603 Decline --- B")
    assert reading.steps == ("INVITE", "180 Ringing", "603 Decline")


def test_the_examples_of_603plus(shared: Path) -> None:
    rows = [
        line.split("\t")
        for line in (shared / "vectors/603plus/reason_examples.tsv").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    assert len(rows) >= 19
    for name, status, phrase, reason, expected, _ in rows:
        if reason:
            alone = read_paste(f"Reason: {reason}")
            assert alone.kind == "headers", name
            assert ("v=analytics" in reason) == (alone.entry == "603+"), name
            assert read_paste(reason).entry == alone.entry, name
        if status.isdigit():
            whole = read_paste(f"SIP/2.0 {status} {phrase}\n" + (f"Reason: {reason}\n" if reason else ""))
            assert whole.entry == ("603" if expected == "603_plain" else "603+"), name
            found = whole.refusal.defects if whole.refusal is not None else ()
            assert (found == ()) == (expected in ("603plus_valid", "603_plain")), (name, found)


def test_the_files_of_blocked_calls(shared: Path) -> None:
    truth = json.loads((shared / "data/blocked/_truth.json").read_text("utf-8"))["files"]
    entries = {"608": "608", "603+": "603+", "607": "607"}
    read = 0
    for name, said in truth.items():
        if said["kind"] in entries:
            reading = read_paste((shared / "data/blocked" / name).read_bytes())
            assert reading.entry == entries[said["kind"]], name
            read += 1
    assert read == 4
    vectors = json.loads((shared / "data/blocked/freeswitch_603plus_vectors.json").read_text("utf-8"))["vectors"]
    for vector in vectors:
        if vector["status_line"]:
            text = vector["status_line"] + (f"\nReason: {vector['reason_header']}" if vector["reason_header"] else "")
            reading = read_paste(text)
            assert reading.refusal is not None
            assert (reading.refusal.kind == "603plus") is vector["freeswitch_expects_603plus"]


def test_the_vectors_of_rfc_8688(shared: Path) -> None:
    reading = read_paste((shared / "vectors/rfc8688/example_608.sip").read_bytes())
    assert (reading.kind, reading.entry, reading.answers[0].short) == ("response", "608", "An algorithm")
    both = read_paste((shared / "data/blocked/rfc8688_4.1_invite_and_608.txt").read_bytes())
    assert both.steps == ("INVITE", "608 Rejected (INVITE)")
    fields = {f.name: f.value for f in both.fields}
    assert fields["INVITE: Identity attest"].startswith("A")


PIECES = st.sampled_from(
    [*(p.text for p in PASTES), NOTICE, TOKEN, DIGEST, HEAD, "\n", "\r\n", "> ", '"', "SIP/2.0 ", "\x1b[31m", ";", "=",
     ":", "cause=", "Reason:", "Identity: ", "-->", "999", "\\r\\n", "e30.e30.", "[[[", "\ud800", "\udc80", "v=0\n",
     "Q.850;"]
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=6).map("".join)))
def test_nothing_but_a_local_error_escapes(text: str) -> None:
    try:
        reading = read_paste(text)
    except LocalError as fault:
        assert fault.problem.code == "reading-not-understood"
    else:
        assert ticket(reading)


@settings(deadline=None, max_examples=100)
@given(st.binary())
def test_nothing_but_a_local_error_escapes_octets(data: bytes) -> None:
    for octets in (data, b"SIP/2.0 603 Network Blocked\r\nReason: " + data, b"Identity: " + data):
        try:
            read_paste(octets)
        except LocalError as fault:
            assert fault.problem.code == "reading-not-understood"
