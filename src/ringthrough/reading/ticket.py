"""The text of a support ticket about a reading: what happened, who said so, the evidence; numbers masked."""

from __future__ import annotations

import re

from ringthrough.numbers import mask, mask_text

from .result import Reading

__all__ = ["masked", "ticket"]

# ATIS-1000099: the number to appeal to stands as `tel=`; it is nobody's to hide. Neither is that of the standard.
_APPEAL = re.compile(r"(\btel=\+?[0-9().\- ]+|\btelephone:? \+?[0-9().\- ]+|\bATIS-1000[0-9]{3}\b)")
# The user part of a SIP, SIPS or TEL URI, up to its host or parameters (RFC 3261 §25.1, RFC 3966 §3).
_USER = re.compile(r"(?:(?<=sip:)|(?<=sips:))([^@;>\s,\"?]+)(?=@)|(?<=tel:)([^;>\s,\"?]+)", re.IGNORECASE)
_NAMED = re.compile(
    r"(?:f|from|t|to|m|contact|p-asserted-identity|p-preferred-identity|remote-party-id|diversion|history-info|"
    r"referred-by|b|refer-to|r)[ \t]*:",
    re.IGNORECASE,
)
_DISPLAY = re.compile(r'"((?:[^"\\]|\\.)*)"(?=\s*<)|(?<=[:,])([^<"@:,]*)(?=<)')
# No caller's number stands in them, but long digits do.
_KEPT = re.compile(
    r"(?:v|via|l|content-length|cseq|rseq|rack|timestamp|date|expires|x|session-expires|min-se|min-expires|"
    r"max-forwards|retry-after)[ \t]*:",
    re.IGNORECASE,
)


def ticket(reading: Reading) -> str:
    """
    A text to paste into a ticket. Numbers, users and display names are masked, secrets were never in the reading.

    Args:
        reading: of `read_paste`.
    """
    origin, who, _, rewritten, _ = reading.answers
    refusal = reading.refusal
    lines = [f"Subject: {_subject(reading)}", ""]
    lines += ["What we saw", f"  {reading.what}"]
    if reading.assumed:
        lines.append(f"  {reading.assumed}")
    lines += ["", "What it says", f"  {origin.question} {origin.short}. {origin.text}"]
    lines.append(f"  {who.question} {who.short}. {who.text}")
    lines.append(f"  {rewritten.question} {rewritten.short}. {rewritten.text}")
    if refusal is not None:
        contact = [("page", refusal.url), ("telephone", refusal.tel), ("mail", refusal.email),
                   ("card", refusal.card_uri), ("reference", refusal.id)]  # fmt: skip
        if any(said for _, said in contact):
            lines += ["", "Contact it names (unverified)"]
            lines += [f"  {name}: {said}" for name, said in contact if said]
    facts = [f for f in reading.fields if f.name.lower() in _FACTS]
    if facts:
        lines += ["", "The call"]
        lines += [f"  {fact.name}: {fact.value}" for fact in facts]
    if reading.defects:
        lines += ["", "What is wrong with it"]
        lines += [f"  {problem}" for problem in reading.defects[:8]]
    lines += ["", "Evidence (numbers masked, secrets left out)"]
    lines += [f"  {line}".rstrip() for line in reading.shown.split("\n")[:_MOST]]
    lines += ["", "Please tell us who refused the call and why, and how the refusal is lifted if it was wrong.", "",
              "Add before sending: the full numbers (if the receiver may have them), the time in UTC, your trunk or "
              "account, and how many calls ended like this."]  # fmt: skip
    return "\n".join(masked(line) for line in lines) + "\n"


_FACTS = frozenset({"call-id", "i", "date", "from", "f", "to", "t", "p-asserted-identity", "server", "session-id"})
_MOST = 80


def _subject(reading: Reading) -> str:
    if reading.refusal is not None:
        said = f"{reading.refusal.code or ''} {reading.refusal.phrase}".strip()
        return f"Calls refused with {said or reading.entry}: who and why?"
    return f"Calls end with {reading.entry or reading.kind.replace('_', ' ')}: why?"


def masked(line: str) -> str:
    """
    A line with numbers, users and display names masked; the number to appeal to stays.

    Args:
        line: `Name: value`, or free text.
    """
    bare = line.lstrip()
    if _KEPT.match(bare):
        return line
    if _NAMED.match(bare):
        line = _DISPLAY.sub(lambda m: re.sub(r"(?<=\w)\w", "x", m[0]), line)
    made, at = [], 0
    for user in _USER.finditer(line):  # what is masked must not be masked again: seven digits are still a number
        start, end = user.span(1) if user[1] else user.span(2)
        made += [_free(line[at:start]), mask(line[start:end])]
        at = end
    made.append(_free(line[at:]))
    return "".join(made)


def _free(text: str) -> str:
    return "".join(part if number % 2 else mask_text(part) for number, part in enumerate(_APPEAL.split(text)))
