"""The metrics as tables for the documentation, written from the data so that they cannot grow stale."""

from __future__ import annotations

from ringthrough.analytics.definitions import COUNTS, METRICS, Mean, Quantiles, columns_of
from ringthrough.analytics.dimensions import DIMENSIONS

__all__ = ["BEGIN", "END", "metric_tables", "renew"]

BEGIN = "<!-- metrics: begin, written by ringthrough.analytics.document.renew -->"
END = "<!-- metrics: end -->"


def metric_tables() -> str:
    """Return the metrics, the plain counts and the dimensions as Markdown."""
    lines = _table(
        ("Metric", "Name", "Numerator, or what is measured", "Denominator: the calls it is measured on", "Source"),
        [
            (_names(name), metric.title, metric.numerator, metric.denominator, metric.source)
            for name, metric in METRICS.items()
        ],
    )
    lines += ["", "Counts, known for every group:", ""]
    lines += _table(("Column", "Counts"), [(f"`{count.name}`", count.formula) for count in COUNTS])
    lines += ["", "What metrics can be grouped by:", ""]
    lines += _table(("Dimension", "What it is"), [(f"`{name}`", made.meaning) for name, made in DIMENSIONS.items()])
    return "\n".join(lines) + "\n"


def renew(document: str) -> str:
    """
    Return a document with the tables between its marks `BEGIN` and `END` written anew; without the marks, as it was.

    To mend docs/concepts/metrics.md after a change of the definitions: write back what this makes of it.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n\n{metric_tables()}\n{end}{after}" if end else document


def _names(name: str) -> str:
    """The columns with a value, for means and quantiles whose names say more than the metric's."""
    if isinstance(METRICS[name], (Mean, Quantiles)):
        return ", ".join(f"`{column}`" for column in columns_of(METRICS[name]) if not column.endswith("_n"))
    return f"`{name}`"


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    lines = [header, tuple("---" for _ in header), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
