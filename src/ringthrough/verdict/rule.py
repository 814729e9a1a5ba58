"""What a rule and a remark are made of."""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import Condition

__all__ = ["Remark", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the ladder: the first row whose condition holds decides."""

    name: str
    "Stable slug, printed with every verdict."
    when: Condition
    "When it holds."
    verdict: str
    "One of `calls.schema.VERDICTS`."
    confidence: float
    "How sure the class is, given only this call: 0..1 in hundredths."
    because: str
    "Template of the sentence that says why; see `templates`."
    settle: str = ""
    "What would settle the question; empty where it is not open."
    sources: tuple[str, ...] = ()
    "Where the rule comes from."


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence that is added to whatever rule decided: every remark whose condition holds is added, in order."""

    name: str
    "Stable slug."
    when: Condition
    "When it is added."
    because: str
    "Template of the sentence."
    settle: str = ""
    "What would settle the question that it opens."
    sources: tuple[str, ...] = ()
    "Where it comes from."
