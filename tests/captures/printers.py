"""
Printers: the same messages as ngrep, tcpdump, Asterisk and others write them. Our own, after the sources that
`captures/text/heads.py` names; what real tools wrote is read in test_text_truth.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from ringthrough.calls.addresses import endpoint, host
from ringthrough.calls.sighting import Sighting

__all__ = ["PRINTERS", "Printer"]


class Printer(NamedTuple):
    """How a tool prints, and what of a sighting survives."""

    print: Callable[[Sequence[Sighting]], bytes]
    step_us: int
    "What times are rounded down to; 0 when there are none."
    ends: str
    "`both`, `peer` or `none`."
    dated: bool = True
    transport: bool = True


def _stamp(s: Sighting, form: str, digits: int = 6) -> bytes:
    at = datetime.fromtimestamp(s.at_us // 1_000_000, UTC)
    fraction = f"{s.at_us % 1_000_000:06}"[:digits]
    return at.strftime(form).replace("%f", fraction).replace("~", fraction).encode()


def _ends(s: Sighting) -> tuple[bytes, bytes]:
    return endpoint(s.src, s.sport).encode(), endpoint(s.dst, s.dport).encode()


def received(s: Sighting) -> bool:
    """Which side wrote the log: for every other address the one, else the other."""
    return sum(s.src) % 2 == 0


def _peer(s: Sighting) -> bytes:
    return _ends(s)[0] if received(s) else _ends(s)[1]


def _dots(data: bytes) -> bytes:
    return re.sub(rb"[^\n\x20-\x7e]", b".", data)


def _lf(s: Sighting) -> bytes:
    return s.data.replace(b"\r\n", b"\n")


def _each(one: Callable[[Sighting], bytes], head: bytes = b"") -> Callable[[Sequence[Sighting]], bytes]:
    return lambda seen: head + b"".join(one(s) for s in seen)


def _ngrep_head(s: Sighting) -> bytes:
    return b"U %s %s -> %s #7" % (_stamp(s, "%Y/%m/%d %H:%M:%S.~"), *_ends(s))


def ngrep_byline(s: Sighting) -> bytes:
    return b"\n%s\n%s\n\n" % (_ngrep_head(s), _dots(s.data))


def ngrep_normal(s: Sighting) -> bytes:
    flat = re.sub(rb"[^\x20-\x7e]", b".", s.data)
    rows = [flat[n : n + 70].ljust(70) for n in range(0, len(flat), 70)]
    return b"\n%s\n%s\n" % (_ngrep_head(s), b"".join(b"  %s\n" % row for row in rows))


def ngrep_none(s: Sighting) -> bytes:
    return b"\n%s\n  %s\n\n" % (_ngrep_head(s), re.sub(rb"[^\x20-\x7e]", b".", s.data))


def ngrep_single(s: Sighting) -> bytes:
    return b"%s %s\n" % (_ngrep_head(s), re.sub(rb"[^\x20-\x7e]", b".", s.data))


def sipgrep_colours(s: Sighting) -> bytes:
    src, dst = _ends(s)
    first, _, rest = _dots(s.data).partition(b"\n")
    head = b"\x1b[1;32mU\x1b[0m %s \x1b[33m%s\x1b[0m -> \x1b[33m%s\x1b[0m" % (
        _stamp(s, "%Y/%m/%d %H:%M:%S.~"),
        src,
        dst,
    )
    return b"\n%s\n\n\x1b[1;31m%s\x1b[0m\n%s\n\n" % (head, first, rest)


def sngrep(s: Sighting) -> bytes:
    return b"%s %s -> %s\n%s\n\n" % (_stamp(s, "%Y/%m/%d %H:%M:%S.~"), *_ends(s), s.data)


def homer(s: Sighting) -> bytes:
    return b"proto:UDP %s  %s ---> %s\n\n%s\n\n" % (_stamp(s, "%Y-%m-%dT%H:%M:%S.~Z"), *_ends(s), s.data)


def _tcpdump_ends(s: Sighting) -> tuple[bytes, int, bytes, int]:
    return host(s.src).encode(), s.sport, host(s.dst).encode(), s.dport


_PACKET_HEAD = b"E....\n..@.\t6.A......!..."


def tcpdump(s: Sighting) -> bytes:
    first = s.data.split(b"\r\n")[0]
    head = b"%s IP %s.%d > %s.%d: SIP: %s\n" % (_stamp(s, "%H:%M:%S.~"), *_tcpdump_ends(s), first)
    return head + _PACKET_HEAD + _lf(s) + b"\n"


def tcpdump_dated_verbose(s: Sighting) -> bytes:
    stamp = _stamp(s, "%Y-%m-%d %H:%M:%S.~")
    head = b"%s IP (tos 0x0, ttl 64, id 4, offset 0, flags [DF], proto UDP (17), length %d)\n" % (stamp, len(s.data))
    head += b"    %s.%d > %s.%d: SIP\n" % _tcpdump_ends(s)
    decoded = b"".join(b"\t" + line + b"\n" for line in _lf(s).split(b"\n"))
    return head + decoded + _PACKET_HEAD + _lf(s) + b"\n"


def tcpdump_epoch(s: Sighting) -> bytes:
    stamp = f"{s.at_us // 1_000_000}.{s.at_us % 1_000_000:06}".encode()
    return (
        b"%s eth0  In  IP %s.%d > %s.%d: UDP, length 9\n" % (stamp, *_tcpdump_ends(s)) + _PACKET_HEAD + _lf(s) + b"\n"
    )


def tshark(s: Sighting) -> bytes:
    head, _, body = _lf(s).partition(b"\n\n")
    first, *fields = head.replace(b"\n\t", b"\\r\\n\\t").replace(b"\n ", b"\\r\\n ").split(b"\n")
    kind = b"Status" if first.startswith(b"SIP/") else b"Request"
    src, sport, dst, dport = _tcpdump_ends(s)
    lines = [
        b"Frame 12: 400 bytes on wire (3200 bits), 400 bytes captured (3200 bits)",
        b"    Arrival Time: %s000 CET" % _stamp(s, "%b %d, %Y %H:%M:%S.~"),
        b"    Epoch Time: %d.%06d000 seconds" % (s.at_us // 1_000_000, s.at_us % 1_000_000),
        b"    [Time delta from previous captured frame: 0.000100000 seconds]",
        b"Ethernet II, Src: 00:00:00_00:00:01 (00:00:00:00:00:01), Dst: 00:00:00_00:00:02 (00:00:00:00:00:02)",
        b"Internet Protocol Version 4, Src: %s, Dst: %s" % (src, dst),
        b"    Source Address: %s" % src,
        b"User Datagram Protocol, Src Port: %d, Dst Port: %d" % (sport, dport),
        b"    Length: 380",
        b"Session Initiation Protocol",
        b"    %s-Line: %s" % (kind, first),
        b"        [Resent Packet: False]",
        b"    Message Header",
    ]
    for field in fields:
        lines.append(b"        " + field)
        lines.append(b"            Something deeper: 12")
    if body:
        lines += [b"    Message Body", b"        Session Description Protocol"]
        lines += [b"            Line of it (%s): %s" % (line[:1], line[2:]) for line in body.split(b"\n") if line]
    return b"\n".join(lines) + b"\n\n"


def _pjsip_head(s: Sighting) -> bytes:
    what = b"response" if s.data.startswith(b"SIP/") else b"request"
    how, way = (b"Received", b"from") if received(s) else (b"Transmitting", b"to")
    return b"<--- %s SIP %s (%d bytes) %s UDP:%s --->" % (how, what, len(s.data), way, _peer(s))


def pjsip_log(s: Sighting) -> bytes:
    stamp = _stamp(s, "%Y-%m-%d %H:%M:%S.~", 3)
    noise = b"[%s] DEBUG[2211]: res_pjsip/pjsip_distributor.c:503 distributor: Searching for serializer\n" % stamp
    return b"[%s] VERBOSE[2211] res_pjsip_logger.c: %s\n%s\n%s" % (stamp, _pjsip_head(s), _lf(s), noise)


def pjsip_default_dates(s: Sighting) -> bytes:
    return b"[%s] VERBOSE[2211][C-00000001] res_pjsip_logger.c: %s\n%s\n" % (
        _stamp(s, "%b %e %H:%M:%S"),
        _pjsip_head(s),
        _lf(s),
    )


def pjsip_console(s: Sighting) -> bytes:
    return b"\x1b[0;37m%s\x1b[0m\n%s\n" % (_pjsip_head(s), _lf(s))


def pjsip_syslog(s: Sighting) -> bytes:
    stamp = _stamp(s, "%Y-%m-%dT%H:%M:%S.~") + b"+00:00"
    lines = (_pjsip_head(s) + b"\n" + _lf(s)).split(b"\n")
    return b"".join(b"%s pbx1 asterisk[%d]: %s\n" % (stamp, 2000 + len(line), line) for line in lines)


def chan_sip(s: Sighting) -> bytes:
    stamp = b"[%s] VERBOSE[7] chan_sip.c: " % _stamp(s, "%Y-%m-%d %H:%M:%S.~", 3)
    if received(s):
        return stamp + b"\n<--- SIP read from UDP:%s --->\n%s\n<------------->\n" % (_peer(s), _lf(s))
    if s.data.startswith(b"SIP/"):
        return stamp + b"\n<--- Transmitting (no NAT) to UDP:%s --->\n%s\n<------------>\n" % (_peer(s), _lf(s))
    return stamp + b"Reliably Transmitting (NAT) to UDP:%s:\n%s\n---\n" % (_peer(s), _lf(s))


def freeswitch(s: Sighting) -> bytes:
    way = b"recv %d bytes from" if received(s) else b"send %d bytes to"
    address, _, port = _peer(s).rpartition(b":")
    shown = b"" if port == b"5060" else b":" + port
    rule = b"   " + b"-" * 72 + b"\n"
    head = (way + b" udp/[%s]%s at %s:\n") % (len(s.data), address, shown, _stamp(s, "%H:%M:%S.~"))
    return head + rule + b"".join(b"   %s\n" % line for line in _lf(s).split(b"\n")) + rule


def drachtio(s: Sighting) -> bytes:
    way = b"recv %d bytes from" if received(s) else b"send %d bytes to"
    address, _, port = _peer(s).rpartition(b":")
    head = (b"%s " + way + b" udp/[%s]:%s at 00:00:00.000000:\n") % (
        _stamp(s, "%Y-%m-%d %H:%M:%S.~"), len(s.data), address, port,
    )  # fmt: skip
    return head + _lf(s) + b"\n"


def ccsip(s: Sighting) -> bytes:
    word = b"Received" if received(s) else b"Sent"
    stamp = _stamp(s, "%b %e %Y %H:%M:%S.~ UTC", 3)
    return b"661105: *%s: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:\n%s:\n%s\n" % (stamp, word, _lf(s))


def cucm(s: Sighting) -> bytes:
    address, _, port = _peer(s).rpartition(b":")
    way = b"Incoming SIP UDP message from %s on port %s index 9 with %d bytes:" if received(s) else b""
    way = way or b"Outgoing SIP UDP message to %s on port %s index 9 (%d) "
    head = b"01234567.001 |%s |AppInfo  |SIPUdp - wait_SdlReadRsp: " % _stamp(s, "%H:%M:%S.~", 3)
    return head + way % (address, port, len(s.data)) + b"\n[1234,NET]\n" + s.data + b"\n"


def oracle(s: Sighting) -> bytes:
    here, there = _ends(s)[::-1] if received(s) else _ends(s)
    way = b"received from" if received(s) else b"sent to"
    rule = b"-" * 40 + b"\n"
    return rule + b"%s On [0:0]%s %s %s\n%s\n" % (_stamp(s, "%b %e %H:%M:%S.~", 3), here, way, there, s.data) + rule


def audiocodes(s: Sighting) -> bytes:
    way = b"Incoming SIP Message from %s to SIPInterface #0 (WAN)" if received(s) else b""
    way = way or b"Outgoing SIP Message to %s from SIPInterface #0 (WAN)"
    prefix = b"%s  192.0.2.9  local0.notice  [S=81] [SID=ab:9] " % _stamp(s, "%H:%M:%S.~", 3)
    return (
        prefix
        + b"---- "
        + way % _peer(s)
        + b" UDP TO(#1) ----"
        + _stamp(s, " [Time:%d-%m@%H:%M:%S.~]", 3)
        + b"\n"
        + _lf(s)
    )


def sipp(s: Sighting) -> bytes:
    how = b"received [%d] bytes :" if received(s) else b"sent (%d bytes):"
    rule = b"-" * 47 + b" " + _stamp(s, "%Y-%m-%d %H:%M:%S.~") + b"\n"
    return rule + b"UDP message " + how % len(s.data) + b"\n\n" + s.data + b"\n"


def pjsua(s: Sighting) -> bytes:
    address, _, port = _peer(s).rpartition(b":")
    what = (
        b"Response msg 200/INVITE/cseq=1 (rdata0x1)"
        if s.data.startswith(b"SIP/")
        else b"Request msg X/cseq=1 (tdta0x1)"
    )
    way = b"RX %d bytes %s from" if received(s) else b"TX %d bytes %s to"
    head = b"%s   pjsua_core.c  ." % _stamp(s, "%H:%M:%S.~", 3) + way % (len(s.data), what)
    return head + b" UDP %s:%s:\n%s\n--end msg--\n" % (address, port, _lf(s))


def linphone(s: Sighting) -> bytes:
    head = _stamp(s, "%Y-%m-%d %H:%M:%S:~", 3) + b" belle-sip-message-channel [0x1]: "
    if received(s):
        head += b"received [%d] new bytes from [UDP://%s]:" % (len(s.data), _peer(s))
    else:
        head += b"message sent to [UDP://%s], size: [%d] bytes" % (_peer(s), len(s.data))
    return head + b"\n" + _lf(s) + b"\n"


def in_comments(s: Sighting) -> bytes:
    return b"".join((b"//  " + line).rstrip() + b"\n" for line in freeswitch(s).splitlines())


def in_mail(s: Sighting) -> bytes:
    return b"".join((b"> " + line).rstrip(b" ") + b"\n" for line in sngrep(s).replace(b"\r\n", b"\n").split(b"\n"))


def bare(s: Sighting) -> bytes:
    return s.data


def bare_lf(s: Sighting) -> bytes:
    return _lf(s) + b"\n"


def _row(s: Sighting) -> tuple[bytes, ...]:
    ends = tuple(b"udp:" + end for end in _ends(s))
    stamp, micro = _stamp(s, "%Y-%m-%d %H:%M:%S"), str(s.at_us % 1_000_000).encode()
    return (b"7", stamp, micro, b"4711@host", b"", s.data, b"INVITE", b"", *ends, b"ftag", b"", b"in")


COLUMNS = (
    "id", "time_stamp", "time_us", "callid", "traced_user", "msg", "method", "status", "fromip", "toip", "fromtag",
    "totag", "direction",
)  # fmt: skip


def _sql(value: bytes) -> bytes:
    for plain, escaped in ((b"\\", b"\\\\"), (b"'", b"\\'"), (b'"', b'\\"'), (b"\r", b"\\r"), (b"\n", b"\\n")):
        value = value.replace(plain, escaped)
    return b"'%s'" % value


def siptrace_insert(seen: Sequence[Sighting]) -> bytes:
    rows = b",".join(b"(%s)" % b",".join(_sql(v) for v in _row(s)) for s in seen)
    return b"-- a dump\nINSERT INTO `sip_trace` VALUES " + rows + b";\n"


def siptrace_list(s: Sighting) -> bytes:
    lines = [b"%s: %s\n" % (name.rjust(12).encode(), value) for name, value in zip(COLUMNS, _row(s), strict=True)]
    return b"*************************** 1. row ***************************\n" + b"".join(lines)


def siptrace_csv(s: Sighting) -> bytes:
    return b",".join(b'"%s"' % value.replace(b'"', b'""') for value in _row(s)) + b"\n"


def siptrace_copy(s: Sighting) -> bytes:
    escaped = (v.replace(b"\\", b"\\\\").replace(b"\r", b"\\r").replace(b"\n", b"\\n") for v in _row(s))
    return b"\t".join(escaped) + b"\n"


def siptrace_ends_first(s: Sighting) -> bytes:
    row = dict(zip(COLUMNS, _row(s), strict=True))
    return b"\t".join(
        row[name].replace(b"\\", b"\\\\").replace(b"\r", b"\\r").replace(b"\n", b"\\n")
        for name in ("time_stamp", "time_us", "fromip", "toip", "msg")
    ) + b"\n"  # fmt: skip


def json_lines(s: Sighting) -> bytes:
    line = {"at": _stamp(s, "%Y-%m-%dT%H:%M:%S.~Z").decode(), "message": s.data.decode("utf-8")}
    return json.dumps(line, ensure_ascii=False).encode() + b"\n"


def rsyslog(s: Sighting) -> bytes:
    stamp = _stamp(s, "%Y-%m-%dT%H:%M:%S.~Z")
    return b"%s gw sipd[4]: %s\n" % (stamp, s.data.replace(b"\r", b"#015").replace(b"\n", b"#012"))


PRINTERS: dict[str, Printer] = {
    "ngrep -W byline": Printer(_each(ngrep_byline, b"input: x.pcap\nfilter: ( port 5060 )\n"), 1, "both"),
    "ngrep": Printer(_each(ngrep_normal), 1, "both"),
    "ngrep -W none": Printer(_each(ngrep_none), 1, "both"),
    "ngrep -W single": Printer(_each(ngrep_single), 1, "both"),
    "sipgrep in colour": Printer(_each(sipgrep_colours), 1, "both"),
    "sngrep": Printer(_each(sngrep), 1, "both", transport=False),
    "homer": Printer(_each(homer), 1, "both"),
    "tcpdump -A": Printer(_each(tcpdump), 1, "both", dated=False),
    "tcpdump -A -tttt -v": Printer(_each(tcpdump_dated_verbose), 1, "both"),
    "tcpdump -A -tt -i any": Printer(_each(tcpdump_epoch), 1, "both"),
    "tshark -V": Printer(_each(tshark), 1, "both"),
    "asterisk pjsip log": Printer(_each(pjsip_log), 1000, "peer"),
    "asterisk pjsip, default dates": Printer(_each(pjsip_default_dates), 1_000_000, "peer"),
    "asterisk pjsip on the console": Printer(_each(pjsip_console), 0, "peer"),
    "asterisk pjsip by syslog": Printer(_each(pjsip_syslog), 1, "peer"),
    "asterisk chan_sip": Printer(_each(chan_sip), 1000, "peer"),
    "freeswitch siptrace": Printer(_each(freeswitch), 1, "peer", dated=False),
    "drachtio": Printer(_each(drachtio), 1, "peer"),
    "cisco ccsip": Printer(_each(ccsip, b"gw# debug ccsip messages\n"), 1000, "none", transport=False),
    "cisco cucm sdl": Printer(_each(cucm), 1000, "peer", dated=False),
    "oracle sipmsg.log": Printer(_each(oracle), 1000, "both", transport=False),
    "audiocodes syslog": Printer(_each(audiocodes), 1000, "peer"),
    "sipp -trace_msg": Printer(_each(sipp), 1, "none"),
    "pjsua": Printer(_each(pjsua), 1000, "peer", dated=False),
    "linphone": Printer(_each(linphone), 1000, "peer"),
    "code comments": Printer(_each(in_comments), 1, "peer", dated=False),
    "mail": Printer(_each(in_mail), 1, "both", transport=False),
    "bare messages": Printer(_each(bare), 0, "none", transport=False),
    "bare messages, LF": Printer(_each(bare_lf), 0, "none", transport=False),
    "sip_trace INSERT": Printer(siptrace_insert, 1, "both"),
    "sip_trace \\G": Printer(_each(siptrace_list), 1, "both"),
    "sip_trace CSV": Printer(_each(siptrace_csv), 1, "both"),
    "sip_trace COPY": Printer(_each(siptrace_copy), 1, "both"),
    "sip_trace, ends first": Printer(_each(siptrace_ends_first), 1, "both"),
    "JSON lines": Printer(_each(json_lines), 1, "none", transport=False),
    "rsyslog": Printer(_each(rsyslog), 1, "none", transport=False),
}
"What prints -> how."
