"""
The signed contact card of a 608: read it, judge it, make it, serve it (RFC 8688 §3.2).

Apart from the rest of `signals`, because it needs `jose` and with it a library of cryptography that takes a tenth of a
second to load: who only reads refusals never pays for it.
"""

from ..card_outcomes import CARD_OUTCOMES, CARD_REASONS
from .jcard import CONTACTS, Card, Contact, Property, make_jcard, read_jcard
from .token import FORMS, MAX_CARD, MEDIA_TYPE, SignedCard, make_card, read_card
from .urls import CardAnswer, PerCallCards, SharedCard
from .verifying import AHEAD_S, FRESHNESS_S, Answer, RedressOutcome, verify_redress

__all__ = [
    "AHEAD_S",
    "CARD_OUTCOMES",
    "CARD_REASONS",
    "CONTACTS",
    "FORMS",
    "FRESHNESS_S",
    "MAX_CARD",
    "MEDIA_TYPE",
    "Answer",
    "Card",
    "CardAnswer",
    "Contact",
    "PerCallCards",
    "Property",
    "RedressOutcome",
    "SharedCard",
    "SignedCard",
    "make_card",
    "make_jcard",
    "read_card",
    "read_jcard",
    "verify_redress",
]
