"""
What call records say of a call, as texts, and the small templates in which `dialects.toml` asks for it.

Facts
- `{name}` in a template stands for a fact, `{name|text}` for a fact or, where there is none, the text. A cell whose
  template asks for a fact that the call does not have is left empty.
- A switch without a Reason header makes the Q.850 cause from the status, each by its own table (`reference`, gateways);
  one that got a cause in a Reason header keeps that.
- Whole seconds are differences of whole seconds: what a record counts fits the times that stand beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache

from ringthrough.calls import Call
from ringthrough.cdr.vocabulary import CAUSE_NAMES, LOCATIONS
from ringthrough.reference import lookup

__all__ = ["Fact", "Facts", "cause_of", "outcome_of", "template"]

Fact = Callable[[Call], str]
_PLACE = re.compile(r"\{([a-z_0-9]+)(?:\|([^{}]*))?\}")
_INVALID = frozenset((404, 410, 484, 485, 604))
_NAMES = {number: name for name, number in CAUSE_NAMES.items()}
_LOCATION_NUMBERS = {token: number for number, token in LOCATIONS.items()}
_OWN_NAMES = {487: "ORIGINATOR_CANCEL", 607: "UNWANTED"}
"Names of FreeSWITCH for causes that have no Q.850 number (mod_sofia)."
_SHORT = 26
"AudioCodes cuts words of a refusal to this length."
_NORMAL_CLEARING = 16
_UNSPECIFIED = 31


def outcome_of(call: Call) -> str:
    """How a call record would say that a call ended: a slug of `calls.OUTCOMES`."""
    code = call.final_code or 0
    if code // 100 == 2:
        return "answered"
    if code in (486, 600):
        return "busy"
    if code == 487:
        return "cancelled"
    if code in _INVALID:
        return "invalid"
    if code in (408, 480):
        return "no_answer"
    if code >= 600 or code == 403:
        return "rejected"
    return "congestion" if code in (503, 504) else "failed"


def cause_of(call: Call, product: str = "") -> int:
    """
    The Q.850 cause in a call record.

    Args:
        call: the call.
        product: beginning of a name in the gateway tables of `reference`; empty for RFC 3398.
    """
    code = call.final_code or 0
    if code // 100 == 2 or code == 487:  # hung up, or given up by the caller: cleared as any call is
        return _NORMAL_CLEARING
    return call.q850_cause or _mapped(code, product)


@cache
def _mapped(code: int, product: str) -> int:
    entry = lookup(code)
    if product:
        for gateway in entry.gateways:
            number = re.match(r"[0-9]+", gateway.gives)
            if gateway.name.startswith(product) and number and int(number[0]) < 128:
                return int(number[0])
    known = entry.to_q850
    return known.cause if known is not None and known.cause else _UNSPECIFIED


@cache
def _cause_text(cause: int) -> str:
    return lookup(f"Q.850:{cause}").name.lower().partition(" (")[0]


def template(text: str, facts: Mapping[str, Fact]) -> Fact:
    """
    A template as a function.

    Args:
        text: literal text with `{fact}` and `{fact|other}` in it.
        facts: what may be asked for.

    Raises:
        KeyError: it asks for a fact that there is not.
    """
    pieces: list[str | tuple[Fact, str | None]] = []
    at = 0
    for found in _PLACE.finditer(text):
        pieces += [text[at : found.start()], (facts[found[1]], found[2])]
        at = found.end()
    pieces = [piece for piece in (*pieces, text[at:]) if piece != ""]
    if not pieces:
        return lambda _call: ""
    if len(pieces) == 1 and isinstance(only := pieces[0], tuple):
        fact, other = only
        return fact if not other else lambda call: fact(call) or other

    def fill(call: Call) -> str:
        made = ""
        for piece in pieces:
            if isinstance(piece, str):
                made += piece
                continue
            fact, other = piece
            said = fact(call)
            if not said and other is None:
                return ""
            made += said or other or ""
        return made

    return fill


class Facts(dict[str, Fact]):
    """
    Facts of calls as one dialect spells them, by name.

    Args:
        form: how it writes times: a pattern of strftime, `iso`, `epoch`, `rfc2822`.
        local: ISO times carry no zone.
        coarse: times are whole seconds.
        upper: times are in capitals.
        product: whose table of causes it uses.
    """

    def __init__(self, *, form: str, local: bool, coarse: bool, upper: bool, product: str) -> None:
        super().__init__()
        self._form, self._local, self._coarse, self._upper = form, local, coarse, upper
        for name, instant in _INSTANTS.items():
            self[name] = self._told(instant, self.time)
            self[f"{name}_us"] = self._told(instant, str)
            self[f"{name}_epoch"] = self._told(instant, lambda at_us: str(at_us // 1_000_000))
            self[f"{name}_clock"] = self._told(instant, lambda at_us: f"{_moment(at_us):%Y-%m-%d %H:%M:%S}")
            self[f"{name}_syslog"] = self._told(instant, _syslog)
        self.update(_PLAIN)
        self["cause"] = lambda call: str(cause_of(call, product))
        self["cause3"] = lambda call: f"{cause_of(call, product):03d}"
        self["cause_hex"] = lambda call: f"{cause_of(call, product):X}"
        self["cause_text"] = lambda call: _cause_text(cause_of(call, product))
        self["cause_name"] = lambda call: _OWN_NAMES.get(call.final_code or 0) or _NAMES[cause_of(call, product)]

    @staticmethod
    def _told(instant: Callable[[Call], int | None], write: Callable[[int], str]) -> Fact:
        def tell(call: Call) -> str:
            at_us = instant(call)
            return "" if at_us is None else write(at_us)

        return tell

    def time(self, at_us: int) -> str:
        """A time as the dialect writes it."""
        form = self._form
        if form.startswith("epoch"):
            scale = {"epoch": 1_000_000, "epoch_ms": 1000, "epoch_us": 1}[form]
            whole, rest = divmod(at_us, scale)
            return str(whole) if self._coarse or scale < 1_000_000 else f"{whole}.{rest:06d}"
        moment = _moment(at_us)
        thousandths = f"{at_us % 1_000_000 // 1000:03d}"
        if form == "iso":
            clock = f"{moment:%Y-%m-%d %H:%M:%S}" if self._local else f"{moment:%Y-%m-%dT%H:%M:%S}"
            return clock + ("" if self._coarse else f".{thousandths}") + ("" if self._local else "Z")
        if form == "rfc2822":
            return f"{moment:%a, %d %b %Y %H:%M:%S} +0000"
        text = moment.strftime(form.replace("%f", thousandths))
        return text.upper() if self._upper else text


def _moment(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us // 1_000_000, UTC)


def _syslog(at_us: int) -> str:
    moment = _moment(at_us)
    return f"{moment:%b} {moment.day:2d} {moment:%H:%M:%S}"


def _answered(call: Call) -> bool:
    return (call.final_code or 0) // 100 == 2


def _after(call: Call, span_ms: int | None) -> int | None:
    return None if span_ms is None else call.at_us + span_ms * 1000


def _answer(call: Call) -> int | None:
    return _after(call, call.setup_ms or 0) if _answered(call) else None


def _end(call: Call) -> int:
    return call.at_us + ((call.setup_ms or 0) + (call.talk_ms or 0)) * 1000


_INSTANTS: dict[str, Callable[[Call], int | None]] = {
    "at": lambda call: call.at_us,
    "ring": lambda call: _after(call, None if call.ring_ms is None else call.pdd_ms),
    "media": lambda call: _after(call, call.pdd_ms if call.early_media else None),
    "answer": _answer,
    "settled": lambda call: _after(call, call.setup_ms or 0),
    "end": _end,
}
"Times of a call, microseconds since 1970 UTC; `settled` is when the final response came."


def _whole_s(since_us: int | None, until_us: int) -> str:
    return "0" if since_us is None else str(until_us // 1_000_000 - since_us // 1_000_000)


def _span(span_ms: int | None, unit_ms: int = 1) -> str:
    return "" if span_ms is None else str(span_ms // unit_ms)


def _digest(call: Call) -> str:
    return hashlib.sha1(call.call_id.encode(), usedforsecurity=False).hexdigest()


def _uuid(call: Call) -> str:
    made = _digest(call)
    return f"{made[:8]}-{made[8:12]}-5{made[13:16]}-a{made[17:20]}-{made[20:32]}"


def _conference(call: Call) -> str:
    made = _digest(call).upper()
    return f"{made[:8]} {made[8:16]} {made[16:24]} {made[24:32]}"


_PLAIN: dict[str, Fact] = {
    "total_s": lambda call: _whole_s(call.at_us, _end(call)),
    "talk_s": lambda call: _whole_s(_answer(call), _end(call)),
    "setup_s": lambda call: _whole_s(call.at_us, call.at_us + (call.setup_ms or 0) * 1000),
    "talk_msec": lambda call: str(call.talk_ms or 0),
    "ring_msec": lambda call: "" if call.ring_ms is None else _span(call.pdd_ms),
    "media_msec": lambda call: _span(call.pdd_ms) if call.early_media else "",
    "pdd_msec": lambda call: _span(call.pdd_ms),
    "call_id": lambda call: call.call_id,
    "uuid": _uuid,
    "conference": _conference,
    "number": lambda call: str(int(_digest(call)[:12], 16)),
    "caller": lambda call: call.caller,
    "callee": lambda call: call.callee,
    "carrier": lambda call: call.carrier,
    "trunk": lambda call: call.trunk,
    "campaign": lambda call: call.campaign,
    "far_host": lambda call: call.answered_by.rpartition(":")[0],
    "code": lambda call: str(call.final_code or ""),
    "phrase": lambda call: call.final_phrase,
    "reason": lambda call: call.reason,
    "failure": lambda call: "" if _answered(call) else str(call.final_code or ""),
    "failure_phrase": lambda call: "" if _answered(call) else call.final_phrase,
    "failure_said": lambda call: "" if _answered(call) else (call.reason or call.final_phrase)[:_SHORT].strip(),
    "reason_cause": lambda call: str(call.q850_cause or ""),
    "plus": lambda call: call.reason if "v=analytics" in call.reason else "",
    "location_number": lambda call: _LOCATION_NUMBERS.get(call.location, ""),
    "outcome": outcome_of,
    "ending": lambda call: call.ended_by if _answered(call) else outcome_of(call),
    "ended_by": lambda call: call.ended_by,
    "attestation": lambda call: call.attestation,
    "server": lambda call: call.server,
    "user_agent": lambda call: call.user_agent,
}
