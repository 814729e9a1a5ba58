"""
A `Leg`: one SIP dialog on its way over one hop or several, message by message.

Facts
- The first host is the one that calls, the last the one that is called, those between are proxies. A message passes
  every hop and is seen on each, with the Via values that it has there (RFC 3261 §16.6, §16.7).
- A time is when the message is seen on the hop nearest the caller; the other hops lie `HOP_US` apart.
- 100, CANCEL, its 200, and the ACK of a refusal belong to one hop each (RFC 3261 §16.7, §16.10, §17.1.1.3).
- Nothing here knows how a message is read. What a scenario needs to say about itself it says to the truth directly.
"""

from __future__ import annotations

from collections.abc import Sequence

from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.scene import HOP_US, Scene
from ringthrough.simulate.styles import Header
from ringthrough.simulate.world import Host

__all__ = ["PHRASES", "Leg"]

PHRASES = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK",
    302: "Moved Temporarily", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    407: "Proxy Authentication Required", 408: "Request Timeout", 410: "Gone", 422: "Session Interval Too Small",
    428: "Use Identity Header", 436: "Bad Identity Info", 437: "Unsupported Credential",
    438: "Invalid Identity Header", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    484: "Address Incomplete", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    491: "Request Pending", 500: "Server Internal Error", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Server Time-out", 600: "Busy Everywhere", 603: "Decline", 604: "Does Not Exist Anywhere", 607: "Unwanted",
    608: "Rejected",
}  # fmt: skip
"Reason phrases as they are registered."

_ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, PRACK, UPDATE, INFO"


class Leg:
    """One dialog between a caller's and a callee's element."""

    def __init__(
        self,
        scene: Scene,
        hosts: Sequence[Host],
        *,
        leads: bool = True,
        twin: Leg | None = None,
        first_hop: int = 0,
        user: str = "",
        extra: Sequence[Header] = (),
        session: tuple[str, str] | None = None,
    ) -> None:
        """
        Begin a leg; nothing is sent yet.

        Args:
            scene: where its messages and truth go.
            hosts: the elements it passes, the calling one first.
            leads: the caller's own leg, whose messages make the times and codes of the truth.
            twin: another branch of the same request: shares its Call-ID, From tag and CSeq.
            first_hop: the first hop on which this leg's messages are seen.
            user: user part of the Request-URI; the called number by default.
            extra: headers of every request and response of this leg.
            session: the two halves of a Session-ID (RFC 7989 §5), the caller's and the callee's.
        """
        self.scene = scene
        self.hosts = tuple(hosts)
        self.leads = leads
        self.first_hop = first_hop
        self.extra = tuple(extra)
        self._session = session
        self._twin = twin
        party = scene.party
        caller, callee = self.hosts[0], self.hosts[-1]
        self.user = user or party.callee
        if twin is None:
            self.call_id = scene.hexes(24) if scene.chance(0.5) else f"{scene.hexes(16)}@{caller.name}"
            self._from = f"<sip:{party.caller}@{caller.name}>;tag={scene.hexes(10)}"
            self.cseq = scene.between(1, 60000)
        else:
            self.call_id, self._from, self.cseq = twin.call_id, twin._from, twin.cseq
        self._to = f"<sip:{self.user}@{callee.name}>"
        self._uri = f"sip:{self.user}@{callee.name}:{callee.port};user=phone"
        self.to_tag = ""
        self._vias: list[str] = []
        self._callee_cseq = scene.between(1, 900)
        self._invite: Datagram | None = None
        self._moved_on = False
        self._ring_ms: int | None = None
        self._answer_ms = 0
        if leads:
            scene.truth.call_id = self.call_id
            scene.truth.legs = len(self.hosts) - 1

    # ------------------------------------------------------------------------------------------------ the INVITE

    def invite(
        self, at: int, *, extra: Sequence[Header] = (), sdp: bool = True, next_cseq: bool = False, retry: bool = False
    ) -> None:
        """
        Send an INVITE.

        Args:
            at: ms since the start of the scene.
            extra: headers of this request alone.
            sdp: it carries an offer.
            next_cseq: it is a new request within the same Call-ID.
            retry: it repeats the attempt with credentials.
        """
        truth = self.scene.truth
        if next_cseq:
            self.cseq += 1
        if self.leads and self._invite is not None and not retry:
            truth.attempts += 1
        self._vias = self._new_vias()
        if self._twin is not None:
            self._vias[0] = self._twin._vias[0]
        self.to_tag = ""
        headers = [
            ("Contact", self._contact(self.hosts[0])),
            ("User-Agent", self.hosts[0].product),
            ("Allow", _ALLOW),
            ("Supported", "100rel, timer, replaces"),
            ("P-Asserted-Identity", f"<sip:{self.scene.party.caller}@{self.hosts[0].name}>"),
            *extra,
        ]
        if self.scene.habits.identity and self.scene.chance(self.scene.habits.identity):
            headers.append(("Identity", _identity(self.scene)))
        body = self._sdp(self.hosts[0]) if sdp else ""
        self._invite = self._forward(at, "INVITE", f"{self.cseq} INVITE", self._uri, headers, body)
        self._moved_on = False

    def repeat_invite(self, at: int) -> None:
        """Send the same INVITE again, as a client does that hears nothing (RFC 3261 §17.1.1.2)."""
        if self.scene.transport == "udp" and self._invite is not None:
            self.scene.out.append(self._invite._replace(at_us=self._us(at), ident=self.scene.rng.getrandbits(16)))
            self.scene.truth.retransmissions += 1

    def reroute(self, hosts: Sequence[Host]) -> None:
        """Let the next INVITE go another way: the To stays, the Request-URI does not (RFC 3261 §16.6)."""
        self.hosts = tuple(hosts)
        callee = self.hosts[-1]
        self._uri = f"sip:{self.user}@{callee.name}:{callee.port};user=phone"

    def reply(
        self, at: int, code: int, phrase: str | None = None, *, extra: Sequence[Header] = (), sdp: bool = False
    ) -> None:
        """Answer the INVITE; 100 is answered hop by hop, all else by the called element."""
        truth = self.scene.truth
        if code == 100:
            for hop in range(self.first_hop, len(self.hosts) - 1):
                self._back(at + hop, 100, "Trying", f"{self.cseq} INVITE", extra, "", hops=(hop,), tagged=False)
            if self.leads and truth.trying_ms is None:
                truth.trying_ms = at
            return
        self.to_tag = self.to_tag or self.scene.hexes(8)
        headers = [("Contact", self._contact(self.hosts[-1])), *extra] if code < 400 else list(extra)
        body = self._sdp(self.hosts[-1]) if sdp else ""
        words = PHRASES[code] if phrase is None else phrase
        seen = self._back(at, code, words, f"{self.cseq} INVITE", headers, body)
        if self._invite is not None and not self._moved_on and self.leads:
            self._moved_on = True
            self.scene.pairs.append((self._invite, seen))
        self._last = seen
        if code >= 200:
            self.scene.decided(self._us(at) - (len(self.hosts) - 2) * HOP_US)
        if self.leads:
            self._note(at, code)

    def _note(self, at: int, code: int) -> None:
        truth = self.scene.truth
        if code < 200:
            truth.pdd_ms = at if truth.pdd_ms is None else truth.pdd_ms
            if code == 180 and self._ring_ms is None:
                self._ring_ms = at
            return
        truth.final_code, truth.setup_ms = code, at
        if self._ring_ms is not None and truth.cancel_ms is None:
            truth.ring_ms = at - self._ring_ms
        if code == 200:
            self._answer_ms = at

    def ack(self, at: int) -> None:
        """Acknowledge the answer: a request of its own, from end to end (RFC 3261 §13.2.2.4)."""
        vias = self._new_vias()
        self._forward(at, "ACK", f"{self.cseq} ACK", self._target(), [], "", vias=vias)
        if self.leads:
            self.scene.answered_us = self._us(at) + 1000

    def refuse(self, at: int, code: int, phrase: str | None = None, *, extra: Sequence[Header] = ()) -> int:
        """Answer the INVITE with a refusal and acknowledge it; return the time of the ACK, ms."""
        self.reply(at, code, phrase, extra=extra)
        sent = self._last
        done = at + 4 + self.scene.between(0, 6)
        acks = [
            self._forward(done, "ACK", f"{self.cseq} ACK", self._uri, [], "", hops=(hop,))
            for hop in range(self.first_hop, len(self.hosts) - 1)
        ]
        if self.leads and len(self.hosts) == 2:
            self.scene.pairs.append((sent, acks[0]))
        return done

    def cancel(self, at: int, *, extra: Sequence[Header] = ()) -> int:
        """Give up: CANCEL, its 200, 487 and ACK (RFC 3261 §9.1); return the time of the last, ms."""
        for hop in range(self.first_hop, len(self.hosts) - 1):
            self._forward(at + hop, "CANCEL", f"{self.cseq} CANCEL", self._uri, extra, "", hops=(hop,))
        self.scene.decided(self._us(at))
        if self.leads:
            self.scene.truth.cancel_ms = at
            if self._ring_ms is not None:
                self.scene.truth.ring_ms = at - self._ring_ms
        rtt = self.scene.between(12, 60)
        for hop in range(self.first_hop, len(self.hosts) - 1):
            self._back(at + rtt + hop, 200, "OK", f"{self.cseq} CANCEL", [], "", hops=(hop,))
        return self.refuse(at + rtt + 8, 487)

    # --------------------------------------------------------------------------------------------- in the dialog

    def request(
        self,
        at: int,
        method: str,
        *,
        by_caller: bool = True,
        extra: Sequence[Header] = (),
        sdp: bool = False,
        code: int = 200,
        reply_extra: Sequence[Header] = (),
    ) -> int:
        """Send a request within the dialog and answer it; return the time of the answer, ms."""
        vias = self._new_vias(by_caller=by_caller)
        if by_caller:
            self.cseq += 1
            cseq = f"{self.cseq} {method}"
        else:
            self._callee_cseq += 1
            cseq = f"{self._callee_cseq} {method}"
        sender = self.hosts[0] if by_caller else self.hosts[-1]
        answerer = self.hosts[-1] if by_caller else self.hosts[0]
        body = self._sdp(sender) if sdp else ""
        headers = [("Contact", self._contact(sender)), *extra] if method != "BYE" else list(extra)
        done = at + self.scene.between(10, 60)
        answer = self._sdp(answerer) if sdp and code == 200 else ""
        if by_caller:
            self._forward(at, method, cseq, self._target(), headers, body, vias=vias)
            self._back(done, code, PHRASES[code], cseq, reply_extra, answer, vias=vias)
        else:
            self._back_request(at, method, cseq, headers, body, vias)
            self._forward_reply(done, code, cseq, reply_extra, answer, vias)
        return done

    def bye(self, at: int, *, by_caller: bool = True, extra: Sequence[Header] = ()) -> None:
        """Hang up."""
        if self.leads:
            self.scene.truth.talk_ms = at - self._answer_ms
        self.request(at, "BYE", by_caller=by_caller, extra=extra)

    def reinvite(self, at: int, *, by_caller: bool = True, code: int = 200) -> None:
        """Change the session of an answered call: INVITE, final response, ACK."""
        done = self.request(at, "INVITE", by_caller=by_caller, sdp=True, code=code)
        cseq = f"{self.cseq if by_caller else self._callee_cseq} ACK"
        vias = self._new_vias(by_caller=by_caller)
        if by_caller:
            self._forward(done + 5, "ACK", cseq, self._target(), [], "", vias=vias)
        else:
            self._back_request(done + 5, "ACK", cseq, [], "", vias)

    # ---------------------------------------------------------------------------------------------- one message

    def _us(self, at: int) -> int:
        return self.scene.start_us + at * 1000

    def _new_vias(self, *, by_caller: bool = True) -> list[str]:
        scene = self.scene
        hosts = self.hosts[:-1] if by_caller else self.hosts[:0:-1]
        token = scene.transport.upper()
        return [f"SIP/2.0/{token} {h.name}:{h.port};branch=z9hG4bK{scene.hexes(14)};rport" for h in hosts]

    def _contact(self, host: Host) -> str:
        suffix = "" if self.scene.transport == "udp" else f";transport={self.scene.transport}"
        return f"<sip:{self.user if host is self.hosts[-1] else 'us'}@{host.name}:{host.port}{suffix}>"

    def _target(self) -> str:
        return f"sip:{self.user}@{self.hosts[-1].name}:{self.hosts[-1].port}"

    def _tagged_to(self) -> str:
        return f"{self._to};tag={self.to_tag}" if self.to_tag else self._to

    def _forward(
        self,
        at: int,
        method: str,
        cseq: str,
        uri: str,
        headers: Sequence[Header],
        body: str,
        *,
        hops: Sequence[int] | None = None,
        vias: Sequence[str] | None = None,
    ) -> Datagram:
        """Send a request from the caller's side along the hops; return it as the first of these shows it."""
        seen = None
        alone = hops is not None
        for hop in hops or range(self.first_hop, len(self.hosts) - 1):
            stack = [(vias or self._vias)[hop]] if alone else (vias or self._vias)[hop::-1]
            lines = self._request_lines(stack, 70 - hop, self._from, self._tagged_to(), cseq, hop and not alone)
            payload = self._render(self.hosts[0], f"{method} {uri} SIP/2.0", lines, headers, body)
            datagram = self.scene.emit(self._us(at) + hop * HOP_US, self.hosts[hop], self.hosts[hop + 1], payload)
            seen = seen or datagram
        if seen is None:
            raise AssertionError("a leg has at least one hop")
        return seen

    def _back_request(
        self, at: int, method: str, cseq: str, headers: Sequence[Header], body: str, vias: Sequence[str]
    ) -> None:
        hosts = self.hosts[::-1]
        uri = f"sip:us@{self.hosts[0].name}:{self.hosts[0].port}"
        for index in range(len(hosts) - 1):
            lines = self._request_lines(vias[index::-1], 70 - index, self._tagged_to(), self._from, cseq, index)
            payload = self._render(hosts[0], f"{method} {uri} SIP/2.0", lines, headers, body)
            at_us = self._us(at) - (len(hosts) - 2 - index) * HOP_US
            self.scene.emit(at_us, hosts[index], hosts[index + 1], payload)

    def _back(
        self,
        at: int,
        code: int,
        phrase: str,
        cseq: str,
        headers: Sequence[Header],
        body: str,
        *,
        hops: Sequence[int] | None = None,
        tagged: bool = True,
        vias: Sequence[str] | None = None,
    ) -> Datagram:
        """Send a response from the callee's side back along the hops; return it as the caller got it."""
        stack = vias or self._vias
        seen = None
        for hop in hops or range(len(self.hosts) - 2, self.first_hop - 1, -1):
            own = [stack[hop]] if hops is not None else stack[hop::-1]
            writer = self.hosts[-1] if hops is None else self.hosts[hop + 1]
            to = self._tagged_to() if tagged else self._to
            lines = [*(("Via", via) for via in own), ("From", self._from), ("To", to)]
            lines += [("Call-ID", self.call_id), ("CSeq", cseq)]
            if writer.product:
                lines.append(("Server", writer.product))
            payload = self._render(writer, f"SIP/2.0 {code} {phrase}", lines, headers, body)
            seen = self.scene.emit(self._us(at) - hop * HOP_US, self.hosts[hop + 1], self.hosts[hop], payload)
        if seen is None:
            raise AssertionError("a leg has at least one hop")
        return seen

    def _forward_reply(
        self, at: int, code: int, cseq: str, headers: Sequence[Header], body: str, vias: Sequence[str]
    ) -> None:
        hosts = self.hosts
        for index in range(len(hosts) - 1):
            lines = [("Via", via) for via in vias[len(hosts) - 2 - index :: -1]]
            lines += [("From", self._tagged_to()), ("To", self._from), ("Call-ID", self.call_id), ("CSeq", cseq)]
            payload = self._render(hosts[0], f"SIP/2.0 {code} {PHRASES[code]}", lines, headers, body)
            self.scene.emit(self._us(at) + index * HOP_US, hosts[index], hosts[index + 1], payload)

    def _request_lines(
        self, vias: Sequence[str], forwards: int, sender: str, receiver: str, cseq: str, proxied: bool | int
    ) -> list[Header]:
        lines = [("Via", via) for via in vias]
        if proxied:
            lines.append(("Record-Route", f"<sip:{self.hosts[1].name};lr>"))
        lines += [("Max-Forwards", str(forwards)), ("From", sender), ("To", receiver), ("Call-ID", self.call_id)]
        lines.append(("CSeq", cseq))
        return lines

    def _render(self, writer: Host, start: str, lines: list[Header], headers: Sequence[Header], body: str) -> bytes:
        whole = [*lines, *headers, *self.extra]
        if self._session is not None:
            near, far = self._session if writer is self.hosts[0] else self._session[::-1]
            known = self.to_tag or writer is not self.hosts[0]
            whole.append(("Session-ID", f"{near};remote={far if known else '0' * 32}"))
        if body:
            whole.append(("Content-Type", "application/sdp"))
        whole.append(("Content-Length", str(len(body))))
        return writer.style.render(start, whole, body)

    def _sdp(self, host: Host) -> str:
        family = "IP6" if self.scene.world.ipv6 else "IP4"
        address = host.name.strip("[]")
        port = 16384 + 2 * self.scene.between(0, 8000)
        return (
            f"v=0\r\no=- {self.scene.start_us} 1 IN {family} {address}\r\ns=-\r\nc=IN {family} {address}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
        )


def _identity(scene: Scene) -> str:
    """Make a header of the size and shape of RFC 8224 §4; its signature is chance and verifies nowhere."""
    claims = scene.hexes(400)
    signature = scene.hexes(86)
    uri = "<https://certificates.example/sp.pem>"
    return f"eyJhbGciOiJFUzI1NiIsInBwdCI6InNoYWtlbiJ9.{claims}.{signature};info={uri};alg=ES256;ppt=shaken"
