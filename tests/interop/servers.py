"""Kamailio and SIPp as others made them: how they are set up, started, waited for and always stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.interop.relay import HERE, free_port

__all__ = ["Answer", "call", "kamailio_running", "phone_running"]

DEADLINE_S = 10.0
"A server that has not started by then, or a caller that has not ended, is stopped, and the test fails."


class Answer(NamedTuple):
    """What Kamailio answers to an INVITE."""

    status: int
    phrase: str
    headers: Sequence[str] = ()


def kamailio_script(port: int, phone_port: int, answers: Mapping[str, Answer]) -> str:
    """Routing script: refuse by the dialled user, challenge, stay silent, or pass the call to the phone."""
    refusals = []
    for user, answer in answers.items():
        lines = [f'append_to_reply("{_escaped(header)}\\r\\n");' for header in answer.headers]
        lines.append(f'sl_send_reply("{answer.status}", "{answer.phrase}");')
        refusals.append(f'    if ($rU == "{user}") {{ {" ".join(lines)} exit; }}')
    return _SCRIPT % {"port": port, "phone": phone_port, "here": HERE, "refusals": "\n".join(refusals)}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


_SCRIPT = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=1
disable_tcp=yes
auto_aliases=no
listen=udp:%(here)s:%(port)d
loadmodule "pv.so"
loadmodule "kex.so"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "auth.so"
modparam("rr", "enable_full_lr", 1)

request_route {
    force_rport();
    if (is_method("OPTIONS")) { sl_send_reply("200", "Alive"); exit; }
    if (is_method("CANCEL")) {
        if ($rU =~ "^silent") { sl_send_reply("200", "Cancelling"); exit; }
        if (t_check_trans()) t_relay();
        exit;
    }
    if (has_totag()) {
        if (loose_route()) { t_relay(); exit; }
        if (is_method("ACK") && t_check_trans()) t_relay();
        exit;
    }
    if (!is_method("INVITE")) { sl_send_reply("405", "Method Not Allowed"); exit; }
%(refusals)s
    if ($rU == "challenged") { proxy_challenge("ringthrough.example", "0"); exit; }
    if ($rU =~ "^silent") { sl_send_reply("100", "Trying"); exit; }
    record_route();
    $du = "sip:%(here)s:%(phone)d";
    t_relay();
}
"""

_PHONE = """<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="a phone that does what its user name says">
  <recv request="INVITE" crlf="true" rrs="true">
    <action>
      <ereg regexp=".*" search_in="hdr" header="Via:" assign_to="first"/>
      <ereg regexp=".*" search_in="hdr" header="Via:" occurrence="2" assign_to="second"/>
      <ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>
      <ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>
      <ereg regexp="answers" search_in="hdr" header="To:" assign_to="answers"/>
      <ereg regexp="unwanted" search_in="hdr" header="To:" assign_to="unwanted"/>
      <ereg regexp="-486" search_in="hdr" header="To:" assign_to="busy"/>
      <ereg regexp="-480" search_in="hdr" header="To:" assign_to="away"/>
      <ereg regexp="-603" search_in="hdr" header="To:" assign_to="declined"/>
      <ereg regexp="-607" search_in="hdr" header="To:" assign_to="marked"/>
    </action>
  </recv>
  <nop next="1" test="answers"/>
  <nop next="2" test="busy"/>
  <nop next="3" test="away"/>
  <nop next="4" test="declined"/>
  <nop next="5" test="marked"/>
  <send>%(ringing)s</send>
  <recv request="CANCEL"/>
  <send>%(cancelled)s</send>
  <send next="8">%(terminated)s</send>

  <label id="1"/>
  <send>%(ringing)s</send>
  <send retrans="500">%(ok)s</send>
  <recv request="ACK"/>
  <nop next="6" test="unwanted"/>
  <recv request="BYE"/>
  <send next="9">%(bye_ok)s</send>

  <label id="6"/>
  <send retrans="500">%(bye)s</send>
  <recv response="200" next="9"/>

  <label id="2"/>
  <send>%(ringing)s</send>
  <send next="8">%(busy)s</send>
  <label id="3"/>
  <send>%(ringing)s</send>
  <send next="8">%(away)s</send>
  <label id="4"/>
  <send>%(ringing)s</send>
  <send next="8">%(declined)s</send>
  <label id="5"/>
  <send>%(ringing)s</send>
  <send next="8">%(marked)s</send>

  <label id="8"/>
  <recv request="ACK"/>
  <label id="9"/>
</scenario>
"""


def _message(*lines: str) -> str:
    return "<![CDATA[\n" + "\n".join(lines) + "\n\n]]>"


_TO_TAG = "[last_To:];tag=[pid]phone[call_number]"
_CONTACT = "Contact: <sip:phone@[local_ip]:[local_port]>"


def _answer(line: str, *more: str) -> str:
    return _message(
        f"SIP/2.0 {line}", "[last_Via:]", "[last_Record-Route:]", "[last_From:]", _TO_TAG, "[last_Call-ID:]",
        "[last_CSeq:]", _CONTACT, "Server: SIPp phone", *more, "Content-Length: 0",
    )  # fmt: skip


PHONE = _PHONE % {
    "ringing": _answer("180 Ringing"),
    "ok": _answer("200 OK"),
    "busy": _answer("486 Busy Here"),
    "away": _answer("480 Temporarily Unavailable"),
    "declined": _answer("603 Decline"),
    "marked": _answer("607 Unwanted"),
    "bye_ok": _message(
        "SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]",
        "Content-Length: 0",
    ),
    "cancelled": _message(
        "SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", _TO_TAG, "[last_Call-ID:]", "[last_CSeq:]",
        "Content-Length: 0",
    ),
    "terminated": _message(
        "SIP/2.0 487 Request Terminated", "Via:[$first]", "Via:[$second]", "[last_From:]", _TO_TAG, "[last_Call-ID:]",
        "CSeq:[$cseq]", "Content-Length: 0",
    ),
    "bye": _message(
        "BYE [next_url] SIP/2.0", "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]", "[routes]",
        "From: <sip:phone@[local_ip]:[local_port]>;tag=[pid]phone[call_number]", "To:[$caller]",
        "[last_Call-ID:]", "CSeq: 1 BYE", "Max-Forwards: 70", 'Reason: SIP;cause=607;text="Unwanted"',
        "Content-Length: 0",
    ),
}  # fmt: skip

_OFFER = (
    "v=0", "o=caller 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]", "t=0 0", "m=audio 6000 RTP/AVP 0",
)  # fmt: skip
_HEAD = (
    "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport",
    "From: <sip:+12155550123@[local_ip]:[local_port]>;tag=[pid]caller[call_number]",
)
_INVITE = _message(
    "INVITE sip:[field0]@[remote_ip]:[remote_port] SIP/2.0", *_HEAD, "To: <sip:[field0]@[remote_ip]:[remote_port]>",
    "Call-ID: [call_id]", "CSeq: 1 INVITE", "Contact: <sip:caller@127.0.0.1:[back_port]>", "Max-Forwards: 70",
    "User-Agent: SIPp caller", "Content-Type: application/sdp", "Content-Length: [len]", "", *_OFFER,
)  # fmt: skip
_SAME = "sip:[field0]@[remote_ip]:[remote_port] SIP/2.0"
_FROM = "From: <sip:+12155550123@[local_ip]:[local_port]>;tag=[pid]caller[call_number]"
_ACK_REFUSAL = _message(
    f"ACK {_SAME}", "[last_Via:]", _FROM, "[last_To:]", "Call-ID: [call_id]", "CSeq: 1 ACK", "Max-Forwards: 70",
    "Content-Length: 0",
)  # fmt: skip
_CANCEL = _message(
    f"CANCEL {_SAME}", "[last_Via:]", _FROM, "To: <sip:[field0]@[remote_ip]:[remote_port]>", "Call-ID: [call_id]",
    "CSeq: 1 CANCEL", "Max-Forwards: 70", "Content-Length: 0",
)  # fmt: skip
_ACK = _message(
    "ACK [next_url] SIP/2.0", _HEAD[0], "[routes]", _FROM, "[last_To:]", "Call-ID: [call_id]", "CSeq: 1 ACK",
    "Max-Forwards: 70", "Content-Length: 0",
)  # fmt: skip
_BYE = _message(
    "BYE [next_url] SIP/2.0", _HEAD[0], "[routes]", _FROM, "[last_To:]", "Call-ID: [call_id]", "CSeq: 2 BYE",
    "Max-Forwards: 70", "Content-Length: 0",
)  # fmt: skip
_BYE_OK = _message(
    "SIP/2.0 200 OK", "[last_Via:]", "[last_From:]", "[last_To:]", "[last_Call-ID:]", "[last_CSeq:]",
    "Content-Length: 0",
)  # fmt: skip
_PROVISIONALS = "".join(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183))
_TRYING = '<recv response="100" optional="true"/>'
_CALLERS = {
    "refused": _PROVISIONALS + "%(finals)s" + f'<label id="1"/><send>{_ACK_REFUSAL}</send>',
    "hangs up": _PROVISIONALS + f'<recv response="200" rrs="true"/><send>{_ACK}</send><send retrans="500">{_BYE}</send>'
    '<recv response="200"/>',
    "is hung up on": _PROVISIONALS + f'<recv response="200" rrs="true"/><send>{_ACK}</send><recv request="BYE"/>'
    f"<send>{_BYE_OK}</send>",
    # The phone needs a moment before it expects a CANCEL: SIPp acts on a timer.
    "gives up": _TRYING
    + f'<recv response="180"/><pause milliseconds="100"/><send retrans="500">{_CANCEL}</send><recv response="200"/>'
    f'<recv response="487"/><send>{_ACK_REFUSAL}</send>',
    "gives up on silence": f'<recv response="100"/><send retrans="500">{_CANCEL}</send><recv response="200"/>',
    "waits in vain": '<recv response="100"/>',
}
"What the caller does -> the rest of its scenario, after the INVITE."


def caller_scenario(what: str, statuses: Sequence[int]) -> str:
    """Scenario file of a caller; SIPp takes any number of optional answers before the one that is not."""
    *some, last = statuses
    finals = "".join(f'<recv response="{status}" optional="true" next="1"/>' for status in some)
    rest = _CALLERS[what].replace("%(finals)s", finals + f'<recv response="{last}"/>')
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{what}"><send>{_INVITE}</send>{rest}</scenario>\n'


@contextmanager
def _running(arguments: Sequence[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            for how, wait_s in ((signal.SIGTERM, 0.5), (signal.SIGKILL, 5)):
                if process.poll() is None:
                    try:
                        os.killpg(process.pid, how)  # its children are in its group, and nothing else is
                        process.wait(wait_s)
                    except subprocess.TimeoutExpired:
                        continue


@contextmanager
def kamailio_running(
    program: str, folder: Path, port: int, phone_port: int, answers: Mapping[str, Answer]
) -> Iterator[None]:
    """Have a Kamailio that answers OPTIONS."""
    script, log = folder / "kamailio.cfg", folder / "kamailio.log"
    script.write_text(kamailio_script(port, phone_port, answers))
    arguments: list[str | Path] = [
        program,
        "-f",
        script,
        "-DD",
        "-E",
        "-m",
        "16",
        "-M",
        "4",
        "-w",
        folder,
        "-Y",
        folder,
    ]
    with _running(arguments, log) as process:
        _await_answer(process, port, log)
        yield


def _await_answer(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((HERE, 0))
        probe.settimeout(0.1)
        own = probe.getsockname()[1]
        ask = (
            f"OPTIONS sip:{HERE} SIP/2.0\r\nVia: SIP/2.0/UDP {HERE}:{own};branch=z9hG4bKprobe\r\nMax-Forwards: 1\r\n"
            f"From: <sip:probe@{HERE}>;tag=p\r\nTo: <sip:{HERE}>\r\nCall-ID: probe\r\nCSeq: 1 OPTIONS\r\n"
            "Content-Length: 0\r\n\r\n"
        ).encode()
        while time.monotonic() < deadline and process.poll() is None:
            try:
                probe.sendto(ask, (HERE, port))
                if probe.recv(4096).startswith(b"SIP/2.0 200"):
                    return
            except OSError:  # nobody there yet: a time-out, or ICMP says so
                continue
    raise AssertionError(f"no server at port {port}:\n{log.read_text('utf-8', 'replace')[-2000:]}")


@contextmanager
def phone_running(program: str, folder: Path, port: int) -> Iterator[None]:
    """Have a SIPp at the other end that answers as the dialled user says."""
    scenario, log = folder / "phone.xml", folder / "phone.log"
    scenario.write_text(PHONE)
    arguments: list[str | Path] = [
        program,
        "-sf",
        scenario,
        "-i",
        HERE,
        "-p",
        str(port),
        "-ci",
        HERE,
        "-nostdin",
        "-trace_err",
    ]
    with _running(arguments, log) as process:
        deadline = time.monotonic() + DEADLINE_S
        while not _taken(port):
            assert process.poll() is None, log.read_text("utf-8", "replace")[-2000:]
            assert time.monotonic() < deadline, f"SIPp does not listen at port {port}"
        yield


def _taken(port: int) -> bool:
    """Whether some program has the port; waits a moment when not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.bind((HERE, port))
        except OSError:
            return True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nothing:
        nothing.bind((HERE, 0))
        nothing.settimeout(0.02)
        try:
            nothing.recv(1)
        except TimeoutError:
            return False
    return False


def call(
    program: str, folder: Path, what: str, users: Sequence[str], statuses: Sequence[int], relay_ports: tuple[int, int]
) -> None:
    """Let a SIPp call each of the users through the relay, and wait until all calls are over."""
    name = what.replace(" ", "-")
    scenario, table, log = (folder / f"{name}.{end}" for end in ("xml", "csv", "log"))
    scenario.write_text(caller_scenario(what, statuses))
    table.write_text("SEQUENTIAL\n" + "".join(f"{user}\n" for user in users))
    front, back = relay_ports
    arguments: list[str | Path] = [
        program, f"{HERE}:{front}", "-sf", scenario, "-inf", table, "-m", str(len(users)), "-r", "50", "-i", HERE,
        "-p", str(free_port()),
        "-ci", HERE, "-key", "back_port", str(back), "-nostdin", "-timeout", f"{DEADLINE_S:.0f}s", "-timeout_error",
        "-trace_err",
    ]  # fmt: skip
    with _running(arguments, log) as process:
        status = process.wait(DEADLINE_S + 5)
    errors = "".join(path.read_text("utf-8", "replace") for path in sorted(folder.glob(f"{name}_*_errors.log")))
    assert status == 0, (
        f"SIPp that {what} ended with {status}:\n{errors[:4000]}\n{log.read_text('utf-8', 'replace')[-1500:]}"
    )
