"""
`read_paste`: whatever a person pastes, read.

Theory of operation
- `tidy` takes off what terminals and mails put around it, `cut` sorts the lines, `wire` and `signals` read messages.
- Of several messages one is judged: the most telling refusal, else the last final response.
- Lone header fields are read as if they stood in the response they fit; `Reading.assumed` says which.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ringthrough.errors import LocalError, Problem
from ringthrough.reference import search
from ringthrough.signals import Refusal
from ringthrough.signals import read as read_refusal
from ringthrough.wire import Malformed, Message, ReasonValue, Request, Response, decode, validate
from ringthrough.wire.names import KEYS, key_of

from .answers import answers
from .blot import hide, hide_line
from .catalogue import cause_entry, status_entry
from .cut import Cause, Cut, Drawn, Head, cut
from .evidence import Evidence
from .fields import cause_field, fields_of, passport_problems, status_field
from .result import Field, Reading
from .tidy import tidy

__all__ = ["read_paste"]

EXPECTED = (
    "expected a status line (SIP/2.0 603 Decline), a SIP message, a header (Reason: SIP;cause=603), a ladder, "
    "or a cause (cause=21)"
)
_ALONE = "Only the status line was pasted; the header fields (Reason, Call-Info, Server) would say more."
_PLAIN = frozenset({"603", "403"})
_STIR = {428: "Use Identity Header", 436: "Bad Identity Info", 437: "Unsupported Credential",
         438: "Invalid Identity Header"}  # fmt: skip
_STALE = 403
_MANDATORY = ("Via", "From", "To", "Call-ID", "CSeq")
# Owed to pasting, not to the sender
_OF_PASTING = frozenset({"wire-bare-lf", "wire-body-short", "wire-head-unterminated", "wire-header-no-colon",
                         "wire-leading-crlf", "wire-content-length-missing", "wire-start-line-space"})  # fmt: skip
_OF_EXCERPTS = frozenset({"wire-header-missing", "wire-contact-missing", "wire-from-no-tag", "wire-branch-2543",
                          "wire-max-forwards-missing", "wire-content-type-missing"})  # fmt: skip
# Header fields that a status line alone cannot have
_OF_HEADERS = frozenset({"signals-603plus-no-reason", "signals-608-no-card"})
_SECRET_HEADERS = frozenset({"identity", "authorization", "proxy-authorization", "authentication-info"})


def read_paste(text: str | bytes) -> Reading:
    """
    Read a status line, a message, header fields, a ladder or the cause of a call record.

    Args:
        text: as pasted: indentation, colours, log prefixes, mail quotes and missing header names are forgiven.

    Raises:
        LocalError: nothing could be recognised (`reading-not-understood`), or it is too long (`reading-too-long`).
    """
    lines = tidy(text)
    found = cut(lines)
    if len(found.heads) == 1 and not found.heads[0].fields:
        found.heads[0].fields = found.loose
        found.loose = []
    bare = _bare_cause(found)
    if bare is not None:
        found = bare
    if found.heads:
        return _of_messages(found)
    if found.loose:
        return _of_fields(found.loose, found.causes)
    if any(step.status for step in found.drawn):
        return _of_ladder(found.drawn)
    if found.causes:
        return _of_causes(found.causes)
    raise LocalError(Problem("reading-not-understood", f"{EXPECTED}, found {_nearest(lines)}", "paste"))


def _bare_cause(found: Cut) -> Cut | None:
    """`102` alone: no status of that number exists, but a cause does."""
    if len(found.heads) == 1 and not found.heads[0].fields:
        number = found.heads[0].start.removeprefix("SIP/2.0 ").strip()
        if number.isdigit() and 100 < int(number) <= 127:
            return Cut(causes=[Cause("Q.850", int(number), number)])
    return None


def _nearest(lines: Sequence[str]) -> str:
    """What was found, and what it comes nearest to."""
    said = next((line.strip() for line in lines if line.strip()), "")
    if not said:
        return "nothing"
    shown = hide("", said if len(said) <= 60 else said[:57] + "...")
    name = said.partition(":")[0].strip().lower()
    near = difflib.get_close_matches(name[:40], sorted(set(KEYS.values())), 1, 0.75) if ":" in said else []
    if near:
        return f"{shown!r}; the nearest header is {near[0].title()}"
    entries = search(said[:80], 3)
    if entries:
        return f"{shown!r}; nearest in the catalogue: " + ", ".join(e.title for e in entries)
    return repr(shown)


def _of_messages(found: Cut) -> Reading:
    decoded = [(head, message) for head in found.heads if not isinstance(message := decode(head.octets()), Malformed)]
    steps = [step for _, message in decoded if (step := _short(message))]
    head, message, refusal = _judged(decoded)
    responses = [m for _, m in decoded if isinstance(m, Response)]
    status, phrase = (message.status, message.phrase) if isinstance(message, Response) else (None, "")
    if status is None and refusal is not None:
        status = refusal.code
    evidence = Evidence(
        message,
        refusal,
        status,
        phrase,
        made_up=False,
        q850=_q850(message),
        rang=any(r.status == 180 for r in responses),
        finals=tuple((r.status, r.phrase) for r in responses if r.status >= 200),
    )
    several = len(decoded) > 1
    alone = not head.fields and not head.body
    kind = "ladder" if several else "status_line" if alone else _kind(message)
    defects = tuple(_defects(message, refusal, excerpt=_is_excerpt(message)))
    return Reading(
        kind=kind,
        what=_what(kind, message, len(decoded)),
        entry=_entry(evidence),
        fields=(*fields_of(message, start_line=True), *_beside(decoded, message)),
        defects=tuple(p for p in defects if not (alone and p.code in _OF_HEADERS)),
        answers=answers(evidence, defects),
        refusal=_unsecret_refusal(refusal),
        assumed=_ALONE if alone and not several else "",
        steps=tuple(steps) if several else (),
        shown="\n\n".join(_shown(head) for head, _ in decoded),
    )


def _beside(decoded: Sequence[tuple[Head, Request | Response]], judged: Message) -> Iterator[Field]:
    """What the other messages say about caller and refusal."""
    for _, message in decoded:
        if message is not judged:
            for field in fields_of(message, start_line=False):
                if field.name.partition(" ")[0] in ("Identity", "Reason", "Call-Info", "Warning", "Feature-Caps"):
                    yield replace(field, name=f"{_short(message)}: {field.name}")


def _kind(message: Message) -> str:
    return "response" if isinstance(message, Response) else "request"


def _judged(decoded: Sequence[tuple[Head, Request | Response]]) -> tuple[Head, Request | Response, Refusal | None]:
    """The message that says most about a refusal."""
    read = [(head, message, read_refusal(message)) for head, message in decoded]

    def weight(item: tuple[Head, Request | Response, Refusal | None]) -> int:
        _, message, refusal = item
        if refusal is not None:
            return 5 if refusal.kind not in _PLAIN else 4
        if not isinstance(message, Response):
            return 0
        if message.status >= 300 and message.status not in (401, 407, 487):
            return 3
        return 2 if message.status >= 200 else 1

    best = max(map(weight, read))
    return next(item for item in reversed(read) if weight(item) == best)


def _short(message: Request | Response) -> str:
    if isinstance(message, Response):
        cseq = message.cseq
        return f"{message.status} {message.phrase}".strip() + (f" ({cseq.method})" if cseq else "")
    return message.method


def _q850(message: Message) -> int | None:
    return next((v.cause for v in message.reason if v.protocol.upper() == "Q.850"), None)


def _is_excerpt(message: Message) -> bool:
    return sum(name in message.headers for name in _MANDATORY) < len(_MANDATORY) - 1


def _what(kind: str, message: Message, count: int) -> str:
    said = f"{message.status} {message.phrase}".strip() if isinstance(message, Response) else ""
    if isinstance(message, Request):
        said = f"{message.method} request"
    said = hide("", said)
    if kind == "ladder":
        return f"{count} messages; the one that matters is {said}."
    if kind == "status_line":
        return f"A status line: {said}."
    fields = len(message.headers)
    return f"A SIP {kind}, {said}, with {fields} header field{'s' if fields != 1 else ''}."


def _shown(head: Head) -> str:
    return "\n".join((hide("", head.start), *map(hide_line, head.fields), *([""] if head.body else []),
                      *map(hide_line, head.body)))  # fmt: skip


def _entry(evidence: Evidence) -> str:
    """Id in the catalogue."""
    refusal = evidence.refusal
    if refusal is not None and refusal.kind.startswith("603plus"):
        return "603+"
    if refusal is not None and refusal.kind in ("607", "608"):
        return refusal.kind
    for found in (
        status_entry(evidence.status) if evidence.status is not None else None,
        cause_entry(evidence.q850) if evidence.q850 is not None else None,
    ):
        if found is not None:
            return found.id
    return ""


def _defects(message: Request | Response, refusal: Refusal | None, *, excerpt: bool) -> Iterator[Problem]:
    if refusal is not None:
        yield from (replace(p, detail=hide("", p.detail)) for p in refusal.defects)
    if isinstance(message, Response):
        yield from _contradictions(message, refusal)
        if status_entry(message.status) is None:
            said = f"expected a registered status, found {message.status}"
            yield Problem("reading-unknown-code", said, "status", "RFC 3261 §8.1.3.2")
    for value in message.reason:
        if value.cause is None and value.protocol.upper() in ("SIP", "Q.850", "STIR"):
            said = f"expected cause=NUMBER, found {hide('', value.raw[:60])!r}"
            yield Problem("reading-no-cause", said, "Reason", "RFC 3326 §2")
    yield from passport_problems(message)
    left_out = _OF_PASTING | _OF_EXCERPTS if excerpt else _OF_PASTING
    for problem in validate(message):
        if problem.code not in left_out:
            yield _unsecret(problem)


def _unsecret(problem: Problem) -> Problem:
    """A problem whose detail quotes no secret."""
    if key_of(problem.where) in _SECRET_HEADERS:
        return replace(problem, detail=problem.detail.partition(", found")[0] + ", found something else")
    return replace(problem, detail=hide("", problem.detail))


def _unsecret_refusal(refusal: Refusal | None) -> Refusal | None:
    """A refusal whose free text quotes no secret."""
    if refusal is None:
        return None
    defects = tuple(replace(p, detail=hide("", p.detail)) for p in refusal.defects)
    return replace(refusal, reason=hide("", refusal.reason), phrase=hide("", refusal.phrase), defects=defects)


def _contradictions(response: Response, refusal: Refusal | None) -> Iterator[Problem]:
    if response.status < 300 or (refusal is not None and refusal.kind not in _PLAIN):
        return
    for value in response.reason:
        cause = value.cause
        if value.protocol.upper() == "SIP" and cause is not None and cause != response.status:
            said = f"expected cause={response.status} as the status says, found cause={cause}"
            yield Problem("reading-contradiction", said, "Reason", "RFC 3326 §2")


def _of_fields(loose: list[str], causes: Sequence[Cause]) -> Reading:
    """Header fields without their message."""
    head = Head("SIP/2.0 603 Decline", loose)
    probe = decode(head.octets())
    assert not isinstance(probe, Malformed)
    start = _fitting(probe)
    head.start = start or "SIP/2.0 500 Assumed"
    message = decode(head.octets())
    assert not isinstance(message, Malformed)
    refusal = read_refusal(message) if start else None
    status = message.status if start and isinstance(message, Response) else None
    q850 = _q850(message)
    if refusal is not None and refusal.kind in _PLAIN and q850 is not None:
        refusal, status, start = None, None, ""  # cause 21 alone names no SIP status
    code = message.headers.get("X-Asterisk-HangupCauseCode") or ""
    if q850 is None and code.isascii() and code.isdigit() and len(code) <= 3:
        q850 = int(code)
    if q850 is None and causes and status is None:
        q850 = next((c.number for c in causes if c.protocol == "Q.850"), None)
    phrase = message.phrase if isinstance(message, Response) and start else ""
    evidence = Evidence(message, refusal, status, phrase, made_up=True, q850=q850, rang=False, finals=())
    defects = tuple(
        p
        for p in _defects(message, refusal, excerpt=True)
        if p.code not in ("reading-contradiction", "wire-status-range")
    )
    names = list(dict.fromkeys(line.partition(":")[0].strip() for line in loose))
    plural = "s" if len(loose) > 1 else ""
    assumed = ""
    if isinstance(message, Response) and start:
        assumed = (
            f"Read as if it stood in a response {message.status} {message.phrase}".strip() + "; that was not pasted."
        )
    return Reading(
        kind="headers",
        what=f"Header field{plural}: {', '.join(names)}.",
        entry=_entry(evidence),
        fields=tuple(fields_of(message, start_line=False)),
        defects=defects,
        answers=answers(evidence, defects),
        refusal=_unsecret_refusal(refusal),
        assumed=assumed,
        steps=(),
        shown="\n".join(map(hide_line, loose)),
    )


def _fitting(message: Message) -> str:
    """The start line under which header fields make sense; "" when none is better than another."""
    headers = message.headers
    if any("analytics" in text.lower() for text in headers.all("Reason")):
        return "SIP/2.0 603 Network Blocked"
    if any(info.purpose == "jwscard" for info in message.call_info):
        return "SIP/2.0 608 Rejected"
    for value in message.reason:
        fitting = _status_for(value)
        if fitting:
            return fitting
    if "X-Twilio-Error" in headers or any(w.code == 399 for w in message.warning):
        return "SIP/2.0 403 Forbidden"
    if "Identity" in headers:
        return "INVITE sip:invalid SIP/2.0"
    return ""


def _status_for(value: ReasonValue) -> str:
    protocol, cause = value.protocol.upper(), value.cause
    if cause is None:
        return ""
    if protocol == "STIR" and (cause in _STIR or cause == _STALE):
        return f"SIP/2.0 {cause} {_STIR.get(cause, 'Stale Date')}"
    if protocol == "SIP" and 300 <= cause <= 699:
        return f"SIP/2.0 {cause} {_name(cause)}"
    if protocol == "Q.850" and cause in (21, 24, 55, 57, 87):
        return "SIP/2.0 603 Decline"
    return ""


def _name(status: int) -> str:
    entry = status_entry(status)
    return entry.name if entry is not None else ""


def _of_ladder(drawn: Sequence[Drawn]) -> Reading:
    """Arrows with codes at them."""
    heads = [Head(f"SIP/2.0 {step.status} {step.phrase}".rstrip() + ("" if step.phrase else " "))
             for step in drawn if step.status is not None]  # fmt: skip
    reading = _of_messages(Cut(heads=heads))
    steps = tuple(f"{s.status or s.method} {s.phrase}".strip() for s in drawn)
    said = reading.fields[0].value if reading.fields else ""
    what = f"A ladder of {len(drawn)} messages; the one that matters is {said}."
    return replace(reading, kind="ladder", what=what, steps=steps, shown="\n".join(steps))


def _of_causes(causes: Sequence[Cause]) -> Reading:
    """What a call record says."""
    sip = next((c for c in causes if c.protocol == "SIP" and 300 <= c.number <= 699), None)
    q850 = next((c for c in causes if c.protocol == "Q.850"), None)
    message: Response | None = None
    refusal = None
    status = None
    if sip is not None:
        status = sip.number
        made = decode(Head(f"SIP/2.0 {status} {_name(status)}").octets())
        assert isinstance(made, Response)
        message = made
        refusal = read_refusal(message)
    evidence = Evidence(message, refusal, status, message.phrase if message else "", made_up=True,
                        q850=q850.number if q850 else None, rang=False, finals=())  # fmt: skip
    fields: list[Field] = []
    defects: list[Problem] = []
    for cause in dict.fromkeys(replace(c, said="") for c in causes):
        name = "Status" if cause.protocol == "SIP" else "Q.850 cause"
        if cause.protocol == "SIP":
            fields.append(replace(status_field(cause.number, _name(cause.number)), name=name))
        else:
            fields.append(cause_field(cause.number, name))
        if (cause_entry if cause.protocol == "Q.850" else status_entry)(cause.number) is None:
            said = f"expected a cause from 1 to 127 or a SIP status, found {cause.number}"
            defects.append(Problem("reading-unknown-cause", said, "cause", "ITU-T Q.850 §2.2.7"))
    assumed = "" if sip is None else "A call record holds the status without phrase and Reason; they would say more."
    said = " and ".join(f"{field.name} {field.value}" for field in fields[:2])
    return Reading(
        kind="cause",
        what=f"A cause of a call record: {said}.",
        entry=_entry(evidence),
        fields=tuple(fields),
        defects=tuple(defects),
        answers=answers(evidence, defects),
        refusal=_unsecret_refusal(refusal),
        assumed=assumed,
        steps=(),
        shown="\n".join(hide("", c.said) for c in causes),
    )
