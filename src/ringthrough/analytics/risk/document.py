"""The risk factors as a table for the documentation, written from risk.toml so that it cannot grow stale."""

from __future__ import annotations

from ringthrough.analytics.risk.thresholds import SENSES, Definition, shipped

__all__ = ["BEGIN", "END", "factor_tables", "renew"]

BEGIN = "<!-- risk factors: begin, written by ringthrough.analytics.risk.document.renew -->"
END = "<!-- risk factors: end -->"


def factor_tables() -> str:
    """Return the factors, what each measures and what it cannot see, as Markdown."""
    factors = tuple(shipped().factors.values())
    made = _table(
        ("", "Factor", "Warn", "High", "At least", "Points", "Thresholds from", "Published"),
        [
            (
                str(each.number), f"`{each.name}`", _limit(each, each.warn), _limit(each, each.high),
                f"n = {each.least}",
                f"{each.points_warn:g}, {each.points_high:g}", each.source, each.published,
            )
            for each in factors
        ],
    )  # fmt: skip
    made += ["", "What each measures, and what it cannot see:", ""]
    made += _table(
        ("", "Factor", "Title", "Value", "Limits", "Settings"),
        [
            (
                str(each.number), f"`{each.name}`", each.title, f"{each.measures} ({each.unit}; of the {each.scope})",
                each.limits, ", ".join(f"`{key}` = {value:g}" for key, value in each.settings.items()),
            )
            for each in factors
        ],
    )  # fmt: skip
    return "\n".join(made) + "\n"


def renew(document: str) -> str:
    """
    Return a document with the tables between its marks `BEGIN` and `END` written anew; without the marks, as it was.

    To mend docs/concepts/risk.md after a change of risk.toml: write back what this makes of it.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n\n{factor_tables()}\n{end}{after}" if end else document


def _limit(each: Definition, threshold: float | None) -> str:
    if threshold is None:
        return "never"
    return (
        f"{SENSES[each.sense]} {threshold * 100:g} %" if each.unit == "share" else f"{SENSES[each.sense]} {threshold:g}"
    )


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    every = [header, tuple("---" for _ in header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in every]
