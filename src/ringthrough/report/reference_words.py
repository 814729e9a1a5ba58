"""Words of the reference pages: where a page lies, what a section is called, the glossary."""

from __future__ import annotations

from ringthrough.reference import Entry

__all__ = [
    "ASKED_FOR",
    "GLOSSARY",
    "LEVELS",
    "cited",
    "class_page",
    "colour_class",
    "compare_page",
    "entry_page",
    "slug",
]

ASKED_FOR = ("603", "608", "607", "603+", "403", "480", "486", "404", "503", "408", "487", "Q.850:21")
"Entries that people look up most, for the first page; the selection is ours."

LEVELS = {
    "explicit": "It says so itself.",
    "explicit_user": "It is a person's own rejection.",
    "explicit_in_reason": "It can say so in its Reason.",
    "policy_block": "It is a block by rules.",
    "can_hide": "It can hide one.",
    "not_expected": "Not expected.",
}
"Level of `Blocks` -> the answer in a few words."

GLOSSARY: tuple[tuple[str, str, str], ...] = (
    ("603+", "A 603 with the phrase Network Blocked and a Reason whose text begins with v=analytics1 and names a "
     "contact: a US network's analytics blocked the call.", "ATIS-1000099 [secondary sources]"),
    ("Analytics", "Software of a network that judges calling numbers by their behaviour, to label or block them.",
     "RFC 8688 §1"),
    ("Attestation", "How sure the signing provider is of the caller: A customer and number known, B customer known, C "
     "neither.", "RFC 8588 §4"),
    ("B2BUA", "An element that ends a call leg and begins a new one, and so writes every answer anew.", "RFC 3261 §6"),
    ("Branch", "One of several paths a request takes when a proxy forks it.", "RFC 3261 §16.7"),
    ("Call-Info", "Header with a link; purpose jwscard in a 608 leads to the contact of who rejected.", "RFC 8688 §3"),
    ("Cause", "Number from 1 to 127 by which telephone networks say why a call ended.", "ITU-T Q.850"),
    ("CDR", "Call detail record: what a switch writes about a call, often with nothing but a cause.", "common usage"),
    ("Dialog", "What the two ends of a call share; some failures end it, others only the request.", "RFC 5057"),
    ("DNO", "Do not originate: a list of numbers from which no call may come. Such blocks are no 603+.",
     "47 CFR 64.1200(o)"),
    ("Early media", "Sound before the answer, after a 183; announcements come this way, so it is no proof of ringing.",
     "RFC 3960"),
    ("Final response", "Any answer from 200 to 699; it ends the request.", "RFC 3261 §7.2"),
    ("Forking", "A proxy tries several targets at once; a 6xx stops them all.", "RFC 3261 §16.7"),
    ("Identity", "Header with the signed claim about the caller.", "RFC 8224 §4"),
    ("Intermediary", "An element of the network that answers on the user's behalf.", "RFC 8688 §3"),
    ("jCard", "Contact data as JSON; inside a 608's card it says whom to ask.", "RFC 7095"),
    ("Location", "Who gave the cause: U user, LN and RLN the networks of caller and callee, TN transit, LPN and RPN "
     "private networks.", "RFC 8606 §4"),
    ("PASSporT", "The signed token inside an Identity header.", "RFC 8225"),
    ("Provisional response", "Any answer from 100 to 199; the call goes on.", "RFC 3261 §7.2"),
    ("Reason", "Header that says why: a SIP code, a Q.850 cause, or a STIR failure, with words.", "RFC 3326"),
    ("Redress", "The way for a wrongly blocked caller to be heard.", "47 CFR 64.1200(k)(8)"),
    ("Retry-After", "Header with the seconds after which trying again may help.", "RFC 3261 §20.33"),
    ("Route advance", "Trying the next carrier after a failure; wrong after a 6xx.", "RFC 3261 §16.7"),
    ("SBC", "Session border controller: a B2BUA at the edge of a network.", "RFC 5853"),
    ("STIR/SHAKEN", "Signing and checking of caller numbers, and the profile of US networks.", "RFC 8224, RFC 8588"),
    ("Target", "One address at which the callee may be reached.", "RFC 3261 §16.5"),
    ("TDM", "The classic telephone network; phrase and Reason text do not survive it.", "RFC 3398"),
    ("UAC and UAS", "Whoever sends a request, and whoever answers it.", "RFC 3261 §6"),
)  # fmt: skip
"Term, what it means, and a source."


def slug(id: str) -> str:  # noqa: A002 - the word the catalogue uses
    """Name of an entry in addresses: `608`, `603plus`, `q850-21`."""
    return id.lower().replace("q.850:", "q850-").replace("+", "plus")


def entry_page(entry: Entry) -> str:
    """Page of an entry, from the folder of the site."""
    return f"code/{slug(entry.id)}.html"


def compare_page(a: Entry, b: Entry) -> str:
    """Page of a pair; the same for both orders."""
    first, second = sorted((a, b), key=lambda e: (e.kind == "cause", e.code, e.id))
    return f"compare/{slug(first.id)}-or-{slug(second.id)}.html"


def class_page(entry: Entry) -> str:
    """Page of the class of an entry."""
    if entry.kind == "cause":
        return "class/q850.html"
    return f"class/{entry.class_[:3]}.html" if entry.class_[1:3] == "xx" else "class/other.html"


def colour_class(entry: Entry) -> str:
    """Style class of an entry's number."""
    if entry.kind == "cause":
        return "kq"
    return f"k{entry.class_[0]}" if entry.class_[:1] in "123456" else "k4"


def cited(entry: Entry) -> str:
    """Document and section."""
    section = f"§{entry.section}" if entry.section[:1].isdigit() else entry.section
    return f"{entry.rfc} {section}".strip()
