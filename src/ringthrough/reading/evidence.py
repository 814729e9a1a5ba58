"""What a paste holds that bears on the answers: the message to judge, who refused, and what came before it."""

from __future__ import annotations

from dataclasses import dataclass

from ringthrough.signals import Refusal
from ringthrough.wire import Message, Request, Response

from .cases import CAUSE_CASES, STATUS_CASES

__all__ = ["Evidence", "case_of"]

_KINDS = {"603plus_defective": "603plus", "603plus_rewritten": "603plus"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything the answers look at."""

    message: Message | None
    "The message that is judged; None for causes and drawn ladders."
    refusal: Refusal | None
    status: int | None
    "Status that was pasted or assumed; None when there is none."
    phrase: str
    made_up: bool
    "The status was not pasted but assumed."
    q850: int | None
    "Q.850 cause, of a Reason or of a call record."
    rang: bool
    "A 180 came before, in the same paste."
    finals: tuple[tuple[int, str], ...]
    "Status and phrase of every final response of the paste, in order."


def case_of(evidence: Evidence) -> str:
    """Slug of `CASES` that a paste comes down to."""
    if evidence.refusal is not None:
        kind = evidence.refusal.kind
        return _KINDS.get(kind, kind)
    status = evidence.status
    if status is None:
        if evidence.q850 is not None:
            return CAUSE_CASES.get(evidence.q850, "unknown")
        return "request" if isinstance(evidence.message, Request) else "unknown"
    if status in STATUS_CASES:
        return STATUS_CASES[status]
    by_class = {1: "provisional", 2: "answered", 3: "redirect", 5: "fault"}
    return by_class.get(status // 100, "unknown")


def server_of(evidence: Evidence) -> str:
    """What the element that answered calls itself; "" when it does not say."""
    message = evidence.message
    if not isinstance(message, Response):
        return ""
    return message.server or message.user_agent or ""
