"""
Tidy lines to what is in them: messages, header fields on their own, causes, arrows of a ladder.

Theory of operation
- A start line may have a log's time and process in front of it; the same is then expected in front of the fields.
- A message ends at its empty line, at the next start line, or at a line of drawing (`=== reply ===`). Lines without a
  colon continue the field before them: mail programs break an Identity anywhere.
- Outside of messages a line counts only if it is known for what it is; prose around a paste is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ringthrough.wire.names import COMPACT, KEYS

from .hangup_names import HANGUP_NAMES, SIP_NAMES

__all__ = ["Cause", "Cut", "Drawn", "Head", "cut"]

# RFC 3261 §7.1, §7.2. `Status-Line:` and `Request-Line:` are tshark's.
_STATUS = re.compile(r"(?<![\w/.])SIP/[0-9]\.[0-9][ \t]+[0-9]{3}(?:[ \t].*)?$", re.IGNORECASE)
_REQUEST = re.compile(r"(?<![\w/.-])([A-Z]{2,20})[ \t]+(?:sips?|tel|urn):\S+[ \t]+SIP/2\.0[ \t]*$")
_BARE_STATUS = re.compile(r"(?:sip[ \t:/-]*)?([1-6][0-9]{2})(?:[ \t:,-]+([A-Za-z][A-Za-z0-9 '()/_-]*))?", re.IGNORECASE)

_NAMES = sorted(
    {*KEYS.values(), *(name.lower() for name in COMPACT.values()), "authorization", "proxy-authorization", "error-info",
     "www-authenticate", "proxy-authenticate", "unsupported", "x-twilio-error", "x-reason", "resource-priority",
     "geolocation", "origination-id", "x-asterisk-hangupcause", "x-asterisk-hangupcausecode", "priority", "in-reply-to",
     "alert-info", "organization", "min-expires", "proxy-require", "path", "service-route", "p-preferred-identity"},
    key=len, reverse=True,
)  # fmt: skip
_LONG = re.compile(r"(?:^|(?<=[\s\]:>|)]))(" + "|".join(map(re.escape, _NAMES)) + r")[ \t]*:", re.IGNORECASE)
_SHORT = re.compile(r"[a-z][ \t]*:", re.IGNORECASE)
_ANY = re.compile(r"[A-Za-z][A-Za-z0-9_.!%*+`'~-]*[ \t]*:")
_VALUES = (
    ("Reason", re.compile(r"(?:SIP|Q\.850|STIR|Preemption|RELEASE_CAUSE)[ \t]*;.*\b(?:cause|text)\b", re.IGNORECASE)),
    ("Reason", re.compile(r".*\btext[ \t]*=[ \t]*\"?[ \t]*v[ \t]*=[ \t]*analytics", re.IGNORECASE)),
    ("Call-Info", re.compile(r"<[^<>\s]+>[ \t]*;.*\bpurpose[ \t]*=", re.IGNORECASE)),
    ("Identity", re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.")),
    ("Warning", re.compile(r"[1-9][0-9]{2}[ \t]+\S+[ \t]+\"")),
)  # fmt: skip
_RULE = re.compile(r"[ \t]*(?:[=#*_-]{3,}|[─━═]{2,}|//|\(|\[)")
_PROSE = re.compile(r"[A-Za-z']+(?:[ \t,.;:!?]+[A-Za-z'0-9]+){4,}")

_ARROW = re.compile(r"-+[>)]|[<(]-+|=+>|<=+|[→←⟶⟵➜]|--+\|>")
_STEP_STATUS = re.compile(r"(?<![\w.:+/])([1-6][0-9]{2})(?![\w.:/])(?:[ \t]+([A-Za-z]+(?:[ '/-][A-Za-z]+)*))?")
_STEP_METHOD = re.compile(
    r"\b(INVITE|ACK|BYE|CANCEL|PRACK|UPDATE|REGISTER|OPTIONS|MESSAGE|SUBSCRIBE|NOTIFY|REFER|INFO|PUBLISH)\b"
)

_CAUSE = re.compile(
    r"(?:^|[\s,;{\"'])(?P<key>[a-z0-9_.:/ -]*?(?:hangup|cause|disposition|q\.?850|isdn|term_status|failure_status|"
    r"sip_code|response_code|dialstatus|sip)[a-z0-9_-]*)[\"']?[ \t]*(?:[=:#]|[ \t]|->)[ \t]*[\"']?"
    r"(?P<value>[0-9]{1,3}|sip:[0-9]{3}|" + "|".join((*HANGUP_NAMES, *SIP_NAMES)) + r")(?![\w.])",
    re.IGNORECASE,
)
# Consoles of switches: `Got SIP response 603 "Decline" back from 198.51.100.2:5060`
_LOGGED = re.compile(r"\bSIP[ -]response(?: code)?[ :]+\"?([1-6][0-9]{2})\"?(?:[ :]+\"([^\"]{0,80})\")?", re.IGNORECASE)
MAX_FIELD = 8_192
"Characters read of one header field; what is behind is cut off. Precedent: Apache's LimitRequestFieldSize, 8,190."
_LONGEST = 1024  # characters of a line that is looked through for causes and arrows
_BARE_CAUSE = re.compile(r"[0-9]{1,3}|[A-Z]+(?:_[A-Z]+)+")


@dataclass(slots=True)
class Head:
    """A message as pasted."""

    start: str
    fields: list[str] = field(default_factory=list)
    "`name: value`, unfolded."
    body: list[str] = field(default_factory=list)

    def octets(self) -> bytes:
        """The message with the line ends that are due."""
        body = "\r\n".join(self.body)
        if body:
            body += "\r\n"
        text = "\r\n".join((self.start, *self.fields)) + "\r\n\r\n" + body
        return text.encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class Cause:
    """A cause as a call record names it."""

    protocol: str
    "`Q.850` or `SIP`."
    number: int
    said: str
    "As pasted."


@dataclass(frozen=True, slots=True)
class Drawn:
    """One arrow of a ladder."""

    status: int | None
    phrase: str
    method: str


@dataclass(slots=True)
class Cut:
    """Everything that was recognised, in its order."""

    heads: list[Head] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    "Header fields outside of any message, `name: value`."
    causes: list[Cause] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)


def cut(lines: Iterable[str]) -> Cut:
    """Sort the lines of a paste."""
    found = Cut()
    head: Head | None = None
    in_body = False
    prefix = ""
    last: list[str] | None = None  # the list whose last field the next line may continue
    for line in lines:
        at = _start_at(line)
        if at is not None:
            prefix = line[:at]
            head = Head(line[at:].strip())
            found.heads.append(head)
            in_body, last = False, None
            continue
        bare = _behind(prefix, line)
        if head is not None and _RULE.match(bare):
            head, last = None, None
            continue
        if not bare.strip():
            in_body = head is not None and (in_body or bool(head.fields))
            last = None
            continue
        if head is not None and in_body:
            if _is_body(bare, head):
                head.body.append(bare)
                continue
            head = None
        named = _field(bare, inside=head is not None)
        if named:
            last = head.fields if head is not None else found.loose
            last.append(named[:MAX_FIELD])
        elif last and not (head is None and _PROSE.match(bare.strip())):
            _continue(last, bare.strip())
        else:
            last = None
            if head is None:
                _other(bare.strip(), found)
    return found


def _start_at(line: str) -> int | None:
    """Where a start line begins; None when there is none. One behind an arrow or in a header's value is none."""
    match = _STATUS.search(line) or _REQUEST.search(line)
    if match is None or _ARROW.search(line[: match.start()]):
        return None
    before = line[: match.start()].rstrip()
    if before.lower().endswith(("via:", "v:")) or len(before) > 200:
        return None
    return match.start()


def _behind(prefix: str, line: str) -> str:
    """A line without what a log wrote in front, which looks like it did before the start line."""
    front = line[: len(prefix)]
    if not prefix.strip():
        return line[len(prefix) :] if not front.strip() else line
    # Digits stand for digits; of an empty line the blank behind the prefix was trimmed.
    alike = re.sub(r"[0-9]", "0", front).rstrip() == re.sub(r"[0-9]", "0", prefix).rstrip()
    return line[len(prefix) :] if alike else line


def _is_body(line: str, head: Head) -> bool:
    if head.body:
        return not _RULE.match(line)
    # RFC 8866 §5: a session description begins with v=; other bodies are declared by a Content-Type
    return line.startswith("v=") or any(f.lower().startswith(("content-type", "c:")) for f in head.fields)


def _field(line: str, *, inside: bool) -> str:
    """`name: value` when the line holds a header field, without what a log wrote in front; else ""."""
    begins = line.lstrip()
    own = _ANY.match(begins)
    known = _LONG.search(line)
    if known is not None and (own is None or known.start() <= len(line) - len(begins)):
        return line[known.start() :].strip()
    if _SHORT.match(begins) and begins[0].lower() in COMPACT and not _is_sdp(begins):
        return begins.strip()
    if known is not None and not begins.lower().startswith(("x-", "p-")):
        return line[known.start() :].strip()
    if own is not None and (inside or begins.lower().startswith(("x-", "p-"))):
        return "" if inside and line[:1] in " \t" and begins.lower().startswith(("sip:", "tel:")) else begins.strip()
    for name, pattern in _VALUES:
        if not inside and pattern.match(begins):
            return f"{name}: {begins.strip()}"
    return ""


def _is_sdp(line: str) -> bool:
    return line[1:2] == "="


def _continue(fields: list[str], rest: str) -> None:
    """Join a folded line: an Identity without a blank, for it is one word."""
    identity = fields[-1][:8].lower() == "identity" and ";" not in fields[-1]
    fields[-1] = fields[-1][:MAX_FIELD]
    fields[-1] += rest if identity or fields[-1].endswith("=") else f" {rest}"


def _other(line: str, found: Cut) -> None:
    """A line outside of a message that is no header field: an arrow, a status, a cause, or nothing."""
    if len(line) > _LONGEST:
        return
    if _ARROW.search(line):
        step = _drawn(line)
        if step is not None:
            found.drawn.append(step)
        return
    status = _BARE_STATUS.fullmatch(line)
    if status is not None:
        found.heads.append(Head(f"SIP/2.0 {status[1]} {(status[2] or '').strip()}"))
        return
    logged = _LOGGED.search(line)
    if logged is not None:
        found.heads.append(Head(f"SIP/2.0 {logged[1]} {(logged[2] or '').strip()}"))
        return
    if _BARE_CAUSE.fullmatch(line):
        _cause("", line, line, found)
        return
    for match in _CAUSE.finditer(line):
        _cause(match["key"].lower(), match["value"], match[0].strip(" ,;{\"'"), found)


def _drawn(line: str) -> Drawn | None:
    method = _STEP_METHOD.search(line)
    status = _STEP_STATUS.search(line)
    if status is not None:
        return Drawn(int(status[1]), (status[2] or "").strip(" -"), method[1] if method else "")
    return Drawn(None, "", method[1]) if method is not None else None


def _cause(key: str, value: str, said: str, found: Cut) -> None:
    upper = value.upper()
    if upper in HANGUP_NAMES:
        found.causes.append(Cause("Q.850", HANGUP_NAMES[upper], said))
    elif upper in SIP_NAMES:
        found.causes.append(Cause("SIP", SIP_NAMES[upper], said))
    elif upper.startswith("SIP:"):
        found.causes.append(Cause("SIP", int(value[4:]), said))
    elif value.isdigit():
        number = int(value)
        # Over 127 Q.850 has no cause; call records then hold the SIP status
        protocol = "SIP" if number >= 300 or ("sip" in key and "q850" not in key and number >= 100) else "Q.850"
        found.causes.append(Cause(protocol, number, said))
