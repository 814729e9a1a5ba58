"""
What a record's words of a refusal say, through `signals`: the same columns that a capture of the same answer gives.

Facts
- A record keeps pieces of a message: a status, perhaps a phrase, perhaps a Reason header. They are put together again
  as the message they came from (a response; the BYE of an answered call) and read by `signals`.
- A phrase that the dialect never keeps cannot have been changed on the way: a Reason with v=analytics1 of a 603 is then
  read as if its phrase were the due one, so that the record is not blamed for what it leaves out.
- A Reason that was cut off inside v=analytics1 stands where the phrase would, in the dialect that cuts it: it is read
  in the same way, and the record is not blamed for what was cut.
- For the same reason a record is not blamed for a Reason or a contact card that its dialect does not keep.
- Nothing is read into a cause alone: Q.850 cause 21 is what a dozen SIP statuses become.
"""

from __future__ import annotations

import re
from operator import attrgetter

from ringthrough.signals import Causes, Refusal, causes, read_octets

__all__ = ["SILENT", "Said", "said"]

Said = tuple[
    str, str, int | None, str, str, int | None, int | None, str, str, str, str, str, str, str, str, str
]  # fmt: skip
"The columns `signal` to `card_uri` of a call, in order."
SILENT: Said = ("", "", None, "", "", None, None, "", "", "", "", "", "", "", "", "")
"Of a record without a refusal."
_NEVER_KEPT = frozenset({"signals-608-no-card"})
"Defects that no record can show, because none keeps a Call-Info header."
_CODE_OF = attrgetter("code")
_ANALYTICS = "analytics"
# v=analytics1 of a Reason that the record cut off within the word, as AudioCodes does after 26 characters
_CUT_SHORT = re.compile(r"v=an[a-z]{0,7}\Z", re.IGNORECASE)
_OF_THE_CUT = frozenset({"signals-603plus-foreign-reason", "signals-603plus-no-location"})
"Defects that a Reason has because the record cut it off."


def said(
    *, answered: bool, phrases: bool, reasons: bool, code: int | None = None, phrase: str = "", reason: str = "",
    q850: int | None = None, location: str = "", provider: str = "",
) -> Said:  # fmt: skip
    """
    The signal columns of one record.

    Args:
        code: SIP status; None where the record has none.
        phrase: its phrase.
        reason: Reason header values, joined with commas.
        q850: Q.850 cause of the record, used where the Reason has none.
        location: location of that cause, likewise.
        provider: code of a provider's own block.
        answered: the call was answered, so the Reason is that of a BYE.
        phrases: whether the dialect keeps phrases.
        reasons: whether it keeps Reason headers.
    """
    found: Refusal | None = None
    cut = _CUT_SHORT.search(reason) is not None
    about = Causes("", None, None, "")
    carried_in = ""
    if reason:
        about = causes(_octets("BYE sip:record SIP/2.0", reason))
    if answered:
        if reason:
            found, carried_in = read_octets(_octets("BYE sip:record SIP/2.0", reason), 0), "bye"
    else:
        status = code or about.sip or 0
        if 300 <= status < 700:
            shown = phrase
            unkept = code is None or not phrases or cut
            if not shown and status == 603 and (cut or _ANALYTICS in reason.lower()) and unkept:
                shown = "Network Blocked"
            found = read_octets(_octets(f"SIP/2.0 {status} {_line(shown)}", reason), status)
            carried_in = "response" if code else ""
    if found is None:
        if not (reason or q850 or location or provider):
            return SILENT
        kind, signal_code, signal_phrase = ("provider", code, phrase) if provider else ("", None, "")
        return (
            kind, "response" if kind and code else "", signal_code, signal_phrase, reason, about.sip,
            about.q850 if about.q850 is not None else q850, about.location or location, provider,
            "", "", "", "", "", "", "",
        )  # fmt: skip
    kind = found.kind
    unseen = _NEVER_KEPT if reasons else _NEVER_KEPT | {"signals-603plus-no-reason"}
    if cut:
        unseen |= _OF_THE_CUT
    defects = " ".join(slug for slug in map(_CODE_OF, found.defects) if slug not in unseen)
    if provider and kind in ("603", "403"):
        kind = "provider"
    return (
        kind, carried_in, found.code if code or carried_in else None,
        phrase if carried_in != "bye" else found.phrase, reason,
        found.sip_cause, found.q850_cause if found.q850_cause is not None else q850, found.location or location,
        found.provider_code or provider, defects, found.blocker, found.url, found.tel, found.email, found.id,
        found.card_uri,
    )  # fmt: skip


def _octets(first: str, reason: str) -> bytes:
    head = f"{first}\r\nReason: {_line(reason)}\r\n\r\n" if reason else f"{first}\r\n\r\n"
    return head.encode("utf-8", "backslashreplace")


def _line(text: str) -> str:
    """Text that cannot begin a line of its own."""
    return " ".join(text.split()) if "\r" in text or "\n" in text else text
