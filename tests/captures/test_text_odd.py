"""What happens to messages on their way into a log, a mail or a terminal; and that they survive it."""

from __future__ import annotations

import io

import pytest

from ringthrough.calls.sighting import CUT, Sighting
from ringthrough.captures.text import UNTIMED, TraceReader, looks_like_text_trace, open_trace

VIA = b"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK75924cb30f903c;rport=5060;received=192.0.2.10"
SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
HEAD = b"U 2026/11/20 09:20:06.619098 192.0.2.1:5060 -> 198.51.100.2:5060 #6\n"


def message(
    *fields: bytes, body: bytes = b"", first: bytes = b"SIP/2.0 603 Decline", length: bytes | None = None
) -> bytes:
    said = str(len(body)).encode() if length is None else length
    lines = (first, VIA, b"Call-ID: a@b", b"CSeq: 1 INVITE", *fields, b"Content-Length: " + said, b"", b"")
    return b"\r\n".join(lines) + body


PLAIN = message()
INVITE = message(b"Content-Type: application/sdp", body=SDP, first=b"INVITE sip:a@b SIP/2.0")


def lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def read(text: bytes, **settings: object) -> tuple[list[Sighting], TraceReader]:
    trace = open_trace(io.BytesIO(text), name="odd.txt", **settings)  # type: ignore[arg-type]
    seen = list(trace)
    assert trace.tally.adds_up
    assert text[0] > 0xF0 or trace.tally.records == text.count(b"\n") + (not text.endswith(b"\n"))
    return seen, trace


WRAPPED = lf(PLAIN).replace(b"branch=z9hG4bK75924cb30f903c;rport", b"branch=z9hG4bK75924\ncb30f903c;rport")
BETWEEN = lf(PLAIN).replace(
    b"CSeq", b"[2026-11-20 09:20:06] NOTICE[1] x.c: hello\n[2026-11-20 09:20:06] WARNING[1] y\nCSeq"
)
SHORT = message(b"Content-Type: application/sdp", body=SDP, first=b"INVITE sip:a@b SIP/2.0", length=b"500")
LONG = message(b"Content-Type: application/sdp", body=SDP, first=b"INVITE sip:a@b SIP/2.0", length=b"7")
NO_LENGTH = b"\r\n".join(
    (b"INVITE sip:a@b SIP/2.0", VIA, b"CSeq: 1 INVITE", b"Content-Type: application/sdp", b"", SDP)
)
UNENDED = SDP[:-2]
INFO = message(b"Content-Type: text/plain", body=b"one\r\ntwo\r\n", first=b"MESSAGE sip:a@b SIP/2.0")
NOTIFY = message(
    b"Content-Type: message/sipfrag", body=b"SIP/2.0 603 Decline\r\nTo: <sip:x@y>\r\n", first=b"NOTIFY sip:a@b SIP/2.0"
)
PAGE = b"\n\n\nX & Y     Informational    [Page 7]\n\x0c\nRFC 9999   Title   2026\n\n\n"
SURVIVE = [
    ("as it is", PLAIN, PLAIN, ()),
    ("LF", lf(INVITE), INVITE, ()),
    ("CR CR LF", INVITE.replace(b"\r\n", b"\r\r\n"), INVITE, ()),
    ("^M", INVITE.replace(b"\r\n", b"^M\n"), INVITE, ()),
    ("#015", INVITE.replace(b"\r\n", b"#015\n"), INVITE, ()),
    ("no line end at the end", lf(PLAIN).rstrip(b"\n"), PLAIN, ()),
    ("byte order mark", b"\xef\xbb\xbf" + lf(PLAIN), PLAIN, ()),
    ("UTF-16, as PowerShell writes it", b"\xff\xfe" + PLAIN.decode().encode("utf-16-le"), PLAIN, ()),
    ("UTF-16, big-endian", b"\xfe\xff" + PLAIN.decode().encode("utf-16-be"), PLAIN, ()),
    ("colours", lf(PLAIN).replace(b"SIP/2.0", b"\x1b[1;31mSIP/2.0\x1b[0m", 1).replace(b"Via", b"\x1b[33mVia"),
     PLAIN, ()),
    ("colours by way of rsyslog", lf(PLAIN).replace(b"CSeq", b"#033[1mCSeq#033[0m"), PLAIN, ()),
    ("indent", b"".join(b"    " + line + b"\n" for line in lf(INVITE).split(b"\n")), INVITE, ()),
    ("indent by tab, bare blank lines", lf(b"\t" + INVITE).replace(b"\n", b"\n\t").replace(b"\t\n", b"\n"), INVITE, ()),
    ("mail", b"".join(b"> > " + line + b"\n" for line in lf(INVITE).split(b"\n")), INVITE, ()),
    ("comment", b"".join((b" # " + line).rstrip() + b"\n" for line in lf(INVITE).split(b"\n")), INVITE, ()),
    ("a word before", b"app.js:1 SEND: " + lf(PLAIN), PLAIN, ()),
    ("two blanks in the status line", lf(PLAIN).replace(b"2.0 603", b"2.0  603"),
     PLAIN.replace(b"2.0 603", b"2.0  603"), ()),
    ("broken by a terminal", WRAPPED, PLAIN, ("text-lines-joined",)),
    ("broken after a comma", lf(message(b"X-A: a, b")).replace(b"a, b", b"a,\nb"),
     message(b"X-A: a, b"), ("text-lines-joined",)),
    ("log lines in between", BETWEEN, PLAIN, ("text-lines-between",)),
    ("no blank line before the body", lf(INVITE).replace(b"\n\nv=", b"\nv="), INVITE, ()),
    ("body shorter than it says", lf(SHORT), SHORT, ("text-body-length",)),
    ("body longer than it says", lf(LONG), LONG, ("text-body-length",)),
    ("no Content-Length", lf(NO_LENGTH), NO_LENGTH, ()),
    ("body without line end", lf(message(b"Content-Type: application/sdp", body=UNENDED)) + b"\n",
     message(b"Content-Type: application/sdp", body=UNENDED), ()),
    ("body without line end, log after it", lf(message(b"c: application/sdp", body=UNENDED)) + b"\nmore of the log\n",
     message(b"c: application/sdp", body=UNENDED), ()),
    ("compact length", lf(INVITE).replace(b"Content-Length", b"l"), INVITE.replace(b"Content-Length", b"l"), ()),
    ("text as body", lf(INFO) + b"\n---\n", INFO, ()),
    ("a message as body", lf(NOTIFY) + b"and then more", NOTIFY, ()),
    ("folded after the colon", lf(PLAIN).replace(b"Via: ", b"Via:\n  "), PLAIN.replace(b"Via: ", b"Via:\r\n  "), ()),
    ("folded", lf(message(b"Subject: a\r\n  b\r\n\tc")), message(b"Subject: a\r\n  b\r\n\tc"), ()),
    ("page break", lf(PLAIN).replace(b"CSeq", PAGE + b"CSeq"), PLAIN, ()),
    ("JSON in JSON", b'{"m": "{\\"msg\\":\\"' + PLAIN.replace(b"\r\n", b"\\\\r\\\\n") + b'\\"}"}\n', PLAIN, ()),
    ("marked line ends", PLAIN.replace(b"\r\n", b"<CR><LF>") + b"\n", PLAIN, ()),
    ("one line without an end", b"x " + PLAIN.rstrip(b"\r\n").replace(b"\r\n", b"\\r\\n") + b"\n", PLAIN, ()),
    ("one line in quotes without an end", b'"' + PLAIN.rstrip(b"\r\n").replace(b"\r\n", b"\\n") + b'", 7\n', PLAIN, ()),
    ("one line, body cut", b"x " + SHORT.replace(b"\r\n", b"\\r\\n") + b"\n", SHORT, ("text-body-length",)),
    ("one line, body without line end", b'"' + message(body=UNENDED).replace(b"\r\n", b"\\r\\n") + b'",\n',
     message(body=UNENDED), ()),
    ("one line, fold",
     HEAD + b"  " + message(b"X: a\r\n\t;b\r\n ;c").replace(b"\r\n", b"..").replace(b"\t", b".") + b"\n",
     message(b"X: a\r\n\t;b\r\n ;c"), ()),
    ("a field of a box", b"| 7 | " + lf(PLAIN) + b" | SIP | udp:192.0.2.1:5060 | udp:192.0.2.2:5060 |\n", PLAIN, ()),
    ("a field of a box without blank line", b"| 7 | " + lf(PLAIN).rstrip(b"\n") + b"|\n", PLAIN, ()),
    ("CSV, quotes doubled", b'7,"' + lf(message(b'X: ""q""')) + b'",8\n', message(b'X: "q"'), ()),
    ("CSV without blank line", b'7,"' + lf(PLAIN).rstrip(b"\n") + b'",8\nmore\n', PLAIN, ()),
    ("CSV, mark on a line of its own", b'7,"' + lf(PLAIN).rstrip(b"\n") + b'\n",8\nmore\n', PLAIN, ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected", "notes"), [s[1:] for s in SURVIVE], ids=[s[0] for s in SURVIVE])
def test_survives(text: bytes, expected: bytes, notes: tuple[str, ...]) -> None:
    seen, trace = read(text)
    assert [s.data for s in seen] == [expected]
    assert tuple(note for note in trace.tally.notes if note[:9] in ("text-body", "text-line")) == notes
    assert looks_like_text_trace(text) is not None
    assert seen[0].flags == UNTIMED * (not text.startswith(HEAD)) | CUT * (expected is SHORT)


def test_secrets_of_a_trace_stay_what_they_are() -> None:
    """A header that looks like a head, a rule or a log line is content all the same when the message is in order."""
    odd = message(b"Subject: U 2026/11/20 09:20:06.6 192.0.2.1:5060 -> 192.0.2.2:5060", b"X: ----")
    assert [s.data for s in read(lf(odd))[0]] == [odd]


def test_two_messages_in_one_packet() -> None:
    seen, _ = read(b"\n" + HEAD.replace(b"U", b"T", 1) + (PLAIN + INVITE).replace(b"\r", b".") + b"\n")
    assert [s.data for s in seen] == [PLAIN, INVITE]
    assert seen[0][:8] == seen[1]._replace(frame=seen[0].frame)[:8]


def test_a_message_in_several_segments() -> None:
    head = HEAD.replace(b"U", b"T", 1).replace(b" #6", b" [AP] #6")
    back = b"T 2026/11/20 09:20:07.0 198.51.100.2:5060 -> 192.0.2.1:5060 [AP] #9\n"
    dots = INVITE.replace(b"\r", b".")
    text = b"\n".join(
        (
            b"",
            head + dots[:60],
            b"",
            head + dots[60:300],
            b"",
            head + dots[300:],
            b"",
            back + PLAIN.replace(b"\r", b"."),
            b"",
        )
    )
    seen, trace = read(text)
    assert [s.data for s in seen] == [INVITE, PLAIN]
    assert [s.transport for s in seen] == ["tcp", "tcp"]
    assert trace.tally.skipped["text-spacing"] >= 1


def test_a_packet_after_a_message_on_the_same_stream_is_no_part_of_it() -> None:
    head = HEAD.replace(b"U", b"T", 1)
    seen, trace = read(b"\n" + head + PLAIN.replace(b"\r", b".") + b"\n\n" + head + b"RTSP or whatever\n\n")
    assert [s.data for s in seen] == [PLAIN]
    assert trace.tally.skipped["text-other"] == 1


HEP = b"09:20:06.467000 IP 192.0.2.1.5060 > 192.0.2.9.9060: UDP, length 458\nE....HEP3....\n.........m"
SIP = b"09:20:06.466658 IP 192.0.2.1.5060 > 198.51.100.2.5060: SIP\nE.....@.@.."


def test_copies_in_hep() -> None:
    seen, trace = read(SIP + lf(PLAIN) + b"\n" + HEP + lf(PLAIN) + b"\n")
    assert [s.data for s in seen] == [PLAIN]
    assert trace.tally.notes["text-shown-twice"] == 1
    alone, trace = read(HEP + lf(PLAIN) + b"\n")
    assert [s[4:9] for s in alone] == [(b"", 0, b"", 0, PLAIN)]
    assert trace.tally.notes["text-hep-copy"] == 1


def test_a_retransmission_is_no_copy() -> None:
    seen, _ = read(2 * (SIP + lf(PLAIN) + b"\n"))
    assert len(seen) == 2


LOG = b"""[2026-11-20 09:20:06] VERBOSE[1] app.c: -- Got SIP response 603 "Declined" back from 192.0.2.1:5060
[2026-11-20 09:20:06] VERBOSE[1] app.c: -- Everyone is busy (1:1/0/0)
SIP/2.0 486 Busy Here
INVITE sip:a@b SIP/2.0
Request: OPTIONS 'sip:x' and SIP/2.0 200 OK

"""


def test_lines_that_name_a_status_are_counted_and_make_no_message() -> None:
    seen, trace = read(LOG)
    assert seen == []
    assert dict(trace.mentions) == {"603": 1, "486": 1, "INVITE": 1, "OPTIONS": 1, "200": 1}
    assert trace.tally.skipped == {"text-mention": 4, "text-other": 1, "text-spacing": 1}
    assert [p.code for p in trace.problems] == ["captures-no-messages"]


def test_header_fields_without_a_start_line_are_bad_lines() -> None:
    seen, trace = read(lf(PLAIN).partition(b"\n")[2] + b"\nTo: SIP/2.0 200 OK\n" + lf(PLAIN))
    assert [s.data for s in seen] == [PLAIN]
    assert trace.tally.bad == {"text-headless": 5}
    assert trace.mentions == {}


def test_a_start_line_is_a_message_only_below_a_head() -> None:
    alone = b"INVITE sip:a@b SIP/2.0\n\n"
    assert read(alone)[0] == []
    assert read(b"Received:\n" + alone)[0] == []
    seen, _ = read(HEAD + alone + b"recv 400 bytes from udp/[192.0.2.1] at 13:42:41.3:\n   SIP/2.0 100 Trying\n\n")
    assert [(s.data, s.flags) for s in seen] == [
        (b"INVITE sip:a@b SIP/2.0\r\n\r\n", CUT),
        (b"SIP/2.0 100 Trying\r\n\r\n", CUT),
    ]


NOT = [
    b"SIP/2.0 200 OK\nNOTICE: all is well\n", b"see SIP/2.0\nVia: x\n", b"get sip:a@b SIP/2.0\nVia: x\n",
    b"Via: SIP/2.0/UDP x\n", b"SIP/2.0 603", b"SIP/2.0 603.\\r\\nnothing", b"log SIP/2.0 603 Decline\nlog again\n",
    b"12:00 INVITE sip:a@b SIP/2.0\n12:01 and so on\n", b"12:00 INVITE sip:a@b SIP/2.0\n12:00 Via\n",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT)
def test_what_is_no_message(text: bytes) -> None:
    assert read(text)[0] == []


def test_a_tree_that_begins_in_the_middle() -> None:
    tree = b"Session Initiation Protocol (603)\n    Status-Line: SIP/2.0 603 Decline\n    Message Header\n"
    tree += b"        CSeq: 1 INVITE\n"
    tree += b"         [truncated]X: abc\n        Content-Length: 7\n    Message Body\n        7b 7d\n"
    seen, trace = read(tree)
    assert [s.data for s in seen] == [b"SIP/2.0 603 Decline\r\nCSeq: 1 INVITE\r\nX: abc\r\nContent-Length: 7\r\n\r\n"]
    assert seen[0].flags == CUT | UNTIMED
    assert {"text-header-truncated", "text-body-length", "text-time-missing"} <= set(trace.tally.notes)
    named = b"Frame 7:\nInternet Protocol Version 4, Src: a (192.0.2.1), Dst: 192.0.2.2\n"
    named += b"Transmission Control Protocol, Src Port: sip (5060), Dst Port: 999999, Seq: 1\n" + tree
    assert read(named)[0][0][3:8] == ("tcp", b"\xc0\0\2\1", 5060, b"\xc0\0\2\2", 0)
    assert read(b"Frame 7:\n" + tree)[0][0][3:8] == ("", b"", 0, b"", 0)


def test_rows_without_ends_are_no_rows() -> None:
    row = b"7,2026-11-20 09:20:06,619098,'" + PLAIN.replace(b"\r\n", b"\\r\\n") + b"',%b\n"
    one = read(row % b"'udp:192.0.2.1:5060'")[0][0]
    assert one[3:8] == ("", b"", 0, b"", 0)
    seen, _ = read(row % b"'udp:192.0.2.1:5060','tcp:[2001:db8::1]:99999'" + row % b"nothing")
    assert [(s.src, s.sport, s.dst[:4], s.dport) for s in seen] == [
        (b"\xc0\0\2\1", 5060, b" \x01\r\xb8", 0),
        (b"", 0, b"", 0),
    ]
    assert seen[0].at_us % 1_000_000 == 619_098
