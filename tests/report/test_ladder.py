from __future__ import annotations

from collections.abc import Callable

from ringthrough.calls import CUT
from ringthrough.numbers import mask_text
from ringthrough.report.ladder import draw, evidence, steps

from .messages import BLOCKED, HEAD, A, B, C, request, response, seen


def test_a_ladder_by_hand() -> None:
    assert draw(steps(BLOCKED)) == [
        "starts at 2026-01-01 00:00:00.000000 UTC",
        "                  192.0.2.10              198.51.100.2",
        "+0.000 s              |- INVITE +12125550199 ->|  #1",
        "+0.020 s              |<------ 100 Trying -----|  #2",
        "+0.412 s              |<- 603 Network Blocked -|  #3",
        "+0.415 s              |--- ACK +12125550199 -->|  #4",
    ]


def test_a_trace_without_times_has_a_ladder_without_times() -> None:
    made_up = 4
    found = [one._replace(at_us=1_000 * (n + 1), flags=made_up) for n, one in enumerate(BLOCKED)]
    lines = draw(steps(found, made_up=made_up))
    assert lines[0] == "the trace has no times: only the order of its messages is known"
    assert [line.strip() for line in lines[2:]] == [
        line.split(" s ")[1].strip() for line in draw(steps(BLOCKED))[2:]
    ]  # fmt: skip
    # Whole seconds carry the same flag and were read; and a capture of 1970 is one whose clock was never set.
    assert draw(steps([one._replace(flags=made_up) for one in BLOCKED], made_up=made_up)) == draw(steps(BLOCKED))
    assert draw(steps([one._replace(flags=0) for one in found], made_up=made_up))[0].startswith("starts at 1970-01-01")
    last = BLOCKED[-1]
    assert draw(steps([*found[:-1], last], made_up=made_up))[0] == "starts at 2026-01-01 00:00:00.415000 UTC"


def test_arrows_point_the_right_way_and_name_the_frame() -> None:
    lines = draw(steps(BLOCKED))
    assert len(lines) == 6
    assert ">|" in lines[2]
    assert "|<" in lines[3]
    assert "603 Network Blocked" in lines[4]
    assert [line.split("#")[1] for line in lines[2:]] == ["1", "2", "3", "4"]
    assert lines[4].startswith("+0.412 s")


def test_copies_and_retransmissions_are_told_apart() -> None:
    invite = request()
    found = steps(
        [
            seen(1, invite, ident=7),
            seen(2, invite, ident=7, ms=1),
            seen(3, invite, ident=8, ms=500),
            seen(4, invite, ident=8, ms=1_500),
            seen(5, invite[:100], ms=1_600, flags=CUT),
        ]
    )
    assert [step.mark for step in found] == ["", "copy", "again", "again", "cut"]
    assert draw(found)[3].endswith("#2  [copy]")


def test_labels() -> None:
    found = steps(
        [
            seen(1, request()),
            seen(2, response("200 OK", method="BYE"), ms=1),
            seen(3, b"OPTIONS sip:192.0.2.1 SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n", ms=2),
            seen(4, b"rubbish", ms=3),
        ]
    )
    assert [step.label for step in found] == ["INVITE +12125550199", "200 OK (BYE)", "OPTIONS", "rubbish"]
    assert steps([seen(1, request())], show=mask_text)[0].label == "INVITE +1212555xxxx"
    assert found[0].call_id == "a84b4c76e66710@pc33.example.com"


def test_two_parties_on_one_address_are_told_apart_by_port() -> None:
    found = steps([seen(1, request(), A, A, dport=5080), seen(2, response("486 Busy Here"), A, A, sport=5080, ms=3)])
    assert "192.0.2.10:5060" in draw(found)[1]
    assert "192.0.2.10:5080" in draw(found)[1]
    same = steps([seen(1, request(), A, A)])
    assert "(to itself) INVITE" in draw(same)[2]


def test_three_hosts_and_several_files() -> None:
    found = steps([seen(1, request()), seen(2, request(), B, C, ms=5, file=1), seen(3, request(), C, A, ms=6)])
    lines = draw(found, ["a.pcap", "b.pcap"])
    assert "203.0.113.7" in lines[1]
    assert lines[2].endswith("a.pcap #1")
    assert lines[3].endswith("b.pcap #2")
    assert "|<--" in lines[4]


def test_many_hosts_are_written_out() -> None:
    found = steps([seen(n, request(), bytes([10, 0, 0, n]), bytes([10, 0, 0, n + 1]), ms=n) for n in range(1, 12)])
    assert draw(found)[1].split("  ")[1:3] == ["10.0.0.1 -> 10.0.0.2", "INVITE +12125550199"]


def test_long_labels_are_cut_and_nothing_is_drawn_for_nothing() -> None:
    [line] = draw(steps([seen(1, b"SIP/2.0 603 " + b"x" * 200 + b"\r\n\r\n", b"", B)]))[2:]
    assert "…" in line
    assert draw([]) == ["no messages"]


def test_escapes_of_a_stranger_do_not_reach_the_terminal() -> None:
    lines = draw(steps([seen(1, b"SIP/2.0 603 \x1b[2J\r\n" + HEAD.encode() + b"CSeq: 1 INVITE\r\n\r\n")]))
    assert "\x1b" not in "".join(lines)


def test_evidence_names_frame_and_header(row: Callable) -> None:
    call, verdict = row(redress_tel="+18005550100", settle="Ask them.", hidden_candidate=True, cut="end", legs=2)
    other = seen(9, request().replace(b"a84b4c76e66710", b"b2bua-leg"), B, C)
    text = "\n".join(evidence(call, verdict, [*BLOCKED, other], ["a.pcap"]))
    for said in (
        "network_blocked, confidence 0.95",
        "It says so.",
        "603plus (rules 1)",
        "Ask them.",
        "compare this number over many calls",
        "+18005550100",
        "to the final response 412 ms",
        "1 x attempt, 2 x hop or leg; cut by the end of the capture",
        "first INVITE  frame 1 of a.pcap: INVITE sip:+12125550199@198.51.100.2 SIP/2.0",
        "decided by    frame 3 of a.pcap: SIP/2.0 603 Network Blocked",
        "Reason: SIP;cause=603",
        "Server: edge",
        "further Call-IDs: b2bua-leg@pc33.example.com",
    ):
        assert said in text


def test_evidence_without_its_messages(row: Callable) -> None:
    call, verdict = row(rules_version="", final_frame=8, frame=None)
    lines = evidence(call, verdict, [seen(8, b"rubbish\r\n\r\n")], ["a.pcap"])
    assert "decided by    frame 8 of a.pcap: rubbish" in lines
    assert "rule          603plus" in lines
    assert evidence(call, verdict, [], ["a.pcap"])[-1] == "decided by    frame 8 of a.pcap"
    bye = [seen(8, request("BYE", "Reason: Q.850;cause=16\r\nUser-Agent: x\r\n"))]
    text = "\n".join(evidence(call, verdict, bye, ["a.pcap"]))
    assert "Reason: Q.850;cause=16" in text
    assert "User-Agent" not in text
