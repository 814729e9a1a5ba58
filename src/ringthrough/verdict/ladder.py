"""
THE LADDER: one table of rules. The first row whose condition holds decides, and the last row always holds.

Order
1. Calls that were answered, and calls whose beginning was not seen: nothing that happened on the way matters.
2. Refusals that say what they are: 607, 608, 603+, a network location, a code of a provider, STIR.
3. Call records: what their dialect keeps of the end, and what it cannot know.
4. Calls that were cancelled or have no final answer: behind these, a final status is known.
5. Plain statuses: what rang first, then what a Q.850 cause says, then the status alone.
"""

from __future__ import annotations

from ringthrough.calls.schema import INFERRED, VERDICTS
from ringthrough.errors import LocalError, Problem

from .conditions import ALWAYS
from .facts import check, check_literal
from .ladder_codes import CODE_RULES
from .ladder_records import RECORD_ANSWERED_RULES, RECORD_RULES
from .ladder_signals import ANSWERED_RULES, SIGNAL_RULES
from .ladder_unfinished import UNFINISHED_RULES
from .remarks import REMARKS
from .rule import Remark, Rule
from .templates import parse

__all__ = ["RULES", "RULES_VERSION", "check_ladder"]

RULES_VERSION = "2"
"Grows with every change of a rule, a remark, a threshold or a sentence; printed in every row."

RULES: tuple[Rule, ...] = (
    *ANSWERED_RULES,
    *RECORD_ANSWERED_RULES,
    *SIGNAL_RULES,
    *RECORD_RULES,
    *UNFINISHED_RULES,
    *CODE_RULES,
)
"All rules, in order."


def check_ladder(rules: tuple[Rule, ...]) -> None:
    """
    Make sure that rules can be read as a ladder by every engine.

    Raises:
        LocalError: a name occurs twice, a slug is unknown, a confidence is no number of hundredths from 0 to 1, the
            last row does not always hold, or a condition or a sentence is wrong.
    """
    rows: tuple[Rule | Remark, ...] = (*rules, *REMARKS)
    names = [row.name for row in rows]
    for row in rows:
        if names.count(row.name) > 1:
            raise LocalError(Problem("verdict-ladder", f"two rows are called {row.name!r}"))
        check(row.when)
        parse(row.because)
        check_literal(row.name)
        check_literal(row.settle)
    for rule in rules:
        if (
            rule.verdict not in VERDICTS
            or rule.verdict in INFERRED
            or not 0 <= rule.confidence <= 1
            or round(rule.confidence * 100) / 100 != rule.confidence
        ):
            raise LocalError(Problem("verdict-ladder", f"no such verdict or confidence: {rule.name!r}"))
    if not rules or rules[-1].when != ALWAYS:
        raise LocalError(Problem("verdict-ladder", "the last row has to hold always"))
