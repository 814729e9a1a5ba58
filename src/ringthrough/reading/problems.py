"""Every problem of this room, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "reading-contradiction": "The Reason of a response names another SIP status than the response has.",
    "reading-no-cause": "A Reason value has no cause that is a number.",
    "reading-not-understood": "The pasted text holds no SIP message, header, ladder or cause that could be recognised.",
    "reading-passport": "The PASSporT of an Identity header cannot be decoded.",
    "reading-too-long": "The pasted text is longer than what people paste; a capture goes to `ringthrough diagnose`.",
    "reading-unknown-cause": "A cause is outside of what Q.850 numbers (1 to 127) and no SIP status either.",
    "reading-unknown-code": "A status is not in the catalogue of response codes.",
}
"Slug -> one sentence for docs/reference/problems.md."
