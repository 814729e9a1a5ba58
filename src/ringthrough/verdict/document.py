"""The ladder as tables for the documentation, written from the data so that they cannot grow stale."""

from __future__ import annotations

from .conditions import (
    All,
    Any,
    AtLeast,
    Below,
    Condition,
    Contains,
    Is,
    Missing,
    Not,
    OneOf,
    Present,
    Words,
)
from .ladder import RULES
from .remarks import HIDDEN_CANDIDATE, REMARKS

__all__ = ["BEGIN", "END", "in_words", "renew", "rule_table"]

BEGIN = "<!-- rules: begin, written by ringthrough.verdict.document.renew -->"
END = "<!-- rules: end -->"


def in_words(condition: Condition, *, inside: bool = False) -> str:
    """
    A condition as a person reads it.

    Args:
        condition: what to write out.
        inside: put parentheses around several parts, because the text becomes a part itself.
    """
    match condition:
        case Not(Is(column, True)):
            return f"no {column}"
        case Not(part):
            return f"not {in_words(part, inside=True)}"
        case All(()):
            return "always"
        case All(parts):
            text = " and ".join(in_words(part, inside=True) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
        case Any(parts):
            text = " or ".join(in_words(part, inside=True) for part in parts)
            return f"({text})" if inside and len(parts) > 1 else text
        case Is(column, True):
            return column
        case Is(column, value):
            return f"{column} = {value}"
        case OneOf(column, values):
            return f"{column} in {', '.join(map(str, values))}"
        case AtLeast(column, bound):
            return f"{column} >= {bound}"
        case Below(column, bound):
            return f"{column} < {bound}"
        case Missing(column):
            return f"no {column}"
        case Present(column):
            return f"{column} known"
        case Contains(column, piece):
            return f"{column} contains {piece}"
        case Words(column, words):
            return f"{column} has a word of: {', '.join(words)}"


def rule_table() -> str:
    """The rules, the remarks and the condition of a hidden candidate as Markdown."""
    lines = [
        "| # | Rule | When | Verdict | Confidence | Because | What would settle it | Sources |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for number, rule in enumerate(RULES, 1):
        lines.append(
            _row(
                str(number),
                f"`{rule.name}`",
                in_words(rule.when),
                f"`{rule.verdict}`",
                f"{rule.confidence:.2f}",
                rule.because,
                rule.settle,
                "; ".join(rule.sources),
            )
        )
    lines += ["", "Remarks, added to the sentence of whatever rule decided:", ""]
    lines += ["| Remark | When | Sentence | What would settle it | Sources |", "|---|---|---|---|---|"]
    for remark in REMARKS:
        name, sources = f"`{remark.name}`", "; ".join(remark.sources)
        lines.append(_row(name, in_words(remark.when), remark.because, remark.settle, sources))
    lines += ["", f"`hidden_candidate` is true when: {_cell(in_words(HIDDEN_CANDIDATE))}."]
    return "\n".join(lines) + "\n"


def renew(document: str) -> str:
    """
    A document with the table between its marks `BEGIN` and `END` written anew; without the marks, as it was.

    To mend docs/concepts/verdicts.md after a change of the rules: write back what this makes of it.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n\n{rule_table()}\n{end}{after}" if end else document


def _row(*cells: str) -> str:
    return "| " + " | ".join(map(_cell, cells)) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[").replace("]", "\\]")
