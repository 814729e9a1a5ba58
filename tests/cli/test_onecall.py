from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ringthrough.captures import PcapWriter
from ringthrough.report.cutout import wrap

from .conftest import A, B, Ran, Scene, messages, write_capture

Process = Callable[..., Ran]
C = b"\xcb\x00\x71\x07"


def test_the_ladder_and_the_evidence(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--call", "blocked-1@192.0.2.10")
    text = ran.out.decode()
    assert (ran.status, ran.err) == (0, "")
    for said in (
        "Call blocked-1@192.0.2.10",
        "starts at 2026-01-01 00:00:00.000000 UTC",
        "+0.412 s              |<- 603 Network Blocked -|  #3",
        "network_blocked, confidence",
        f"decided by    frame 3 of {capture}: SIP/2.0 603 Network Blocked",
        'Reason: SIP;cause=603;text="v=analytics1;url=https://fir.example;tel=+18005550100;id=77";location=RLN',
        "ask at        https://fir.example, +18005550100",
        "quote         77",
    ):
        assert said in text
    assert "busy-2" not in text


def test_the_beginning_of_a_call_id_will_do(process: Process, capture: Path) -> None:
    assert b"486 Busy Here" in process("diagnose", capture, "--call", "busy").out


def test_an_exact_call_id_beats_longer_ones(process: Process, tmp_path: Path) -> None:
    path = write_capture(tmp_path / "x.pcap", [Scene("abc"), Scene("abcd", second=9, status="486 Busy Here", extra="")])
    ran = process("diagnose", path, "--call", "abc")
    assert (ran.status, b"603 Network Blocked" in ran.out, b"486" in ran.out) == (0, True, False)


def test_several_calls_are_listed(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--call", "blocked-")
    assert (ran.status, ran.out) == (2, b"")
    assert ran.err.splitlines() == [
        "ringthrough: --call blocked-: expected one call, found 2:", "  blocked-1@192.0.2.10", "  blocked-4@192.0.2.10",
    ]  # fmt: skip


def test_no_such_call(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--call", "nope")
    assert (ran.status, ran.out) == (2, b"")
    assert ran.err == "ringthrough: --call nope: expected a Call-ID of this data set, found none\n"


def test_filters_hold_for_one_call_too(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--call", "blocked-", "--since", "2026-01-01T00:01")
    assert ran.status == 0
    assert b"Call blocked-4@192.0.2.10" in ran.out


def test_the_row_of_one_call(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "--call", "blocked-1", "--csv", "-q")
    assert ran.out.count(b"\r\n") == 2


def test_the_cut_reads_back_as_the_same_call(process: Process, capture: Path, tmp_path: Path) -> None:
    ran = process(
        "diagnose", capture, "--call", "blocked-1", "--pcap", tmp_path / "cut.pcap", "-o", tmp_path / "ladder"
    )
    assert (ran.status, ran.out) == (0, b"")
    assert ran.err == f"{tmp_path / 'cut.pcap'}: 4 messages written\n"
    assert "603 Network Blocked" in (tmp_path / "ladder").read_text()
    again = process("diagnose", tmp_path / "cut.pcap", "--call", "blocked-1")
    assert again.out.replace(b"cut.pcap", b"calls.pcap") == (tmp_path / "ladder").read_bytes()
    quiet = process("diagnose", capture, "--call", "blocked-1", "--pcap", tmp_path / "cut.pcap", "-q")
    assert quiet.err == ""


def test_notes_of_the_cut(process: Process, capture: Path, tmp_path: Path) -> None:
    ran = process("diagnose", capture, "--call", "blocked-1", "--pcap", tmp_path / "cut.pcap", "--mask")
    assert ran.err.splitlines()[1].endswith("numbers and names in the messages are masked; addresses are not")


def test_other_legs_of_a_back_to_back_user_agent_are_found(process: Process, tmp_path: Path) -> None:
    """Behind a B2BUA the call has another Call-ID, and the answer that the caller got hides a block."""
    near = messages(Scene("near@192.0.2.10", status="500 Server Internal Error", extra=""))
    far = [
        m._replace(
            src=C if m.src == B else B, dst=C if m.dst == B else B, at_us=m.at_us + (5_000 if m.src == A else -5_000),
            data=m.data.replace(b"near@192.0.2.10", b"far@198.51.100.2"),
        )
        for m in messages(Scene("near@192.0.2.10", status="608 Rejected", extra=""))
    ]  # fmt: skip
    stranger = messages(Scene("stranger@192.0.2.10", caller="+13105550111", second=0.1))
    path = tmp_path / "b2bua.pcap"
    with path.open("wb") as handle:
        writer = PcapWriter(handle)
        for message in sorted([*near, *far, *stranger], key=lambda m: m.at_us):
            writer.write(message.at_us, wrap(message, message.data))
    assert process("diagnose", path, "--csv", "-q").out.count(b"\r\n") == 3
    text = process("diagnose", path, "--call", "near@192.0.2.10").out.decode()
    assert "203.0.113.7" in text
    assert "608 Rejected" in text
    assert "far answer    frame" in text
    assert "further Call-IDs: far@198.51.100.2" in text
    assert "stranger" not in text
    assert text.count("INVITE +12125550199") == 2
    ran = process("diagnose", path, "--call", "far@198.51.100.2")
    assert ran.status == 0
    assert b"No call has this Call-ID as its own" in ran.out


def test_bad_files_are_told_beside_the_ladder(process: Process, capture: Path) -> None:
    ran = process("diagnose", capture, "/nowhere.pcap", "--call", "blocked-1")
    assert ran.status == 1
    assert "ringthrough: /nowhere.pcap: expected a file, found no file of this name" in ran.err
    assert b"network_blocked" in ran.out


def test_a_pasted_message_has_no_times(process: Process, tmp_path: Path) -> None:
    path = tmp_path / "pasted.txt"
    head = "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa\nFrom: <sip:+13125550349@192.0.2.1>;tag=a\n"
    rest = "To: <sip:+12135550603@192.0.2.9>\nCall-ID: pasted-1@192.0.2.1\nCSeq: 1 INVITE\nContent-Length: 0\n\n"
    path.write_text(f"INVITE sip:+12135550603@192.0.2.9 SIP/2.0\n{head}{rest}SIP/2.0 603 Decline\n{head}{rest}")
    ran = process("diagnose", path, "--call", "pasted-1")
    assert (ran.status, b"1970" in ran.out) == (0, False)
    assert b"the trace has no times: only the order of its messages is known" in ran.out
    assert b"1 call in 1 file, without times: nothing in the data says when" in process("diagnose", path).out
