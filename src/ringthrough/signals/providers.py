"""
Blocks that a provider signals in its own way: a header, a code at the end of the phrase, or plain words.

Facts:
- Twilio sends its own fraud and regulatory blocks as `603 Decline` with `X-Twilio-Error: 32203` (livekit/sip, pull
  request 737); the header counts on every status that can be a refusal.
- Telnyx ends the phrase of its own 403 and 603 with a code: `403 Caller Origination Number is Invalid D35` (Telnyx
  support article 4409457, SIP response codes).
- Words count on 403 and 603 only: `404 Spam filter not found` means a missing user. They are whole words, so that
  `CLI` is not found in `client` and `DNO` not in `Madno`.
- A Q.850 cause, DNO and deny lists are policy and not analytics: they are never a 603+ (ATIS-1000099 [S]).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ringthrough.wire import ReasonValue, Response

__all__ = ["WORDS", "Word", "provider_code"]


class Word(NamedTuple):
    """A word that gives a provider's policy away."""

    slug: str
    "What stands in the provider code: `phrase:caller-id`."
    pattern: str
    "Regular expression, matched as whole words without regard to case."
    meaning: str
    "What the provider objects to."
    source: str
    "Where the word was seen."


WORDS: tuple[Word, ...] = (
    Word("caller-id", r"caller[ _-]?id(?:s|entity|entification)?", "the caller ID is not allowed or not the customer's",
         "Telnyx article 5025298; Twilio: Caller ID is unauthorized"),
    Word("cli", r"CLI", "the calling line identity has the wrong form or is not allowed",
         "call analysis of a Finnish trunk at fspbx.com"),
    Word("origination", r"origination", "the calling number is not allowed to originate",
         "Telnyx: Caller Origination Number is Invalid D35"),
    Word("spam", r"(?:anti-?)?spam(?:mer|mers|ming)?", "the number is marked as spam",
         "Alibaba Cloud: anti-spam mode or number marked spam"),
    Word("fraud", r"(?:anti-?)?fraud(?:ulent)?", "the call looks like fraud", "Twilio error 32203"),
    Word("list", r"(?:black|block|deny)[ -]?list(?:ed|ing)?", "the number stands on a list of the provider",
         "Twilio error 32216; synthflow.ai: Phone number is blacklisted"),
    Word("dno", r"DNO|do[ -]not[ -]originate", "the number is on a Do-Not-Originate list",
         "FCC 25-15, 47 CFR 64.1200(o)"),
    Word("analytics", r"analytics", "the provider's own analytics", "FCC 25-15"),
)  # fmt: skip
"Every word that counts, with its source."

_WORDS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    + "|".join(f"(?P<w{n}>{word.pattern})" for n, word in enumerate(WORDS))
    + r")(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_TELNYX = re.compile(r".*\s(D[0-9]{1,3})\s*", re.DOTALL)
_DIGITS = re.compile(r"[0-9]{1,9}")
_PLAIN = frozenset({"forbidden", "decline", "declined", "network blocked", "stale date", ""})
_LONGEST = 1024  # characters of a text that are searched for words; honest ones are far shorter


def provider_code(response: Response, values: tuple[ReasonValue, ...], *, words: bool = True) -> str:
    """
    How a provider's own block was known; "" when nothing says so.

    `twilio:<code>` on every status (`twilio` when the header holds no code); on 403 and 603 also `telnyx:D<n>`,
    `warning:399`, and `x-reason:<slug>`, `phrase:<slug>`, `reason:<slug>` with a slug of `WORDS`. The first that
    applies, in this order.

    Args:
        response: a final response.
        values: its Reason values.
        words: False looks for the Twilio header alone, which is all that matters when the signal is a stronger one.
    """
    headers = response.headers
    twilio = headers.get("X-Twilio-Error")
    if twilio is not None:
        found = _DIGITS.search(twilio)
        return f"twilio:{found.group()}" if found else "twilio"
    if not words or response.status not in (403, 603):
        return ""
    phrase = response.phrase.strip()
    plain = phrase.lower() in _PLAIN
    if not plain:
        code = _TELNYX.fullmatch(phrase[-16:])
        if code is not None:
            return f"telnyx:{code[1]}"
    if "Warning" in headers:
        for warning in response.warning:
            if warning.code == 399 and _word(warning.text):
                return "warning:399"
    if "X-Reason" in headers:
        slug = _word(headers.get("X-Reason") or "")
        if slug:
            return f"x-reason:{slug}"
    if not plain:
        slug = _word(phrase)
        if slug:
            return f"phrase:{slug}"
    for value in values:
        slug = _word(value.text or "")
        if slug:
            return f"reason:{slug}"
    return ""


def _word(text: str) -> str:
    match = _WORDS.search(text[:_LONGEST])
    return WORDS[int((match.lastgroup or "w0")[1:])].slug if match else ""
