"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "analytics-by": "Metrics are asked for by a dimension that there is not, or by one of them twice.",
    "analytics-columns": "The table is no call table: columns that the metrics need are missing.",
    "analytics-metric": "A metric is asked for that there is not, or none at all.",
    "analytics-source": "Metrics were to be made of something that is no calls, store, relation or engine.",
}
"Slug -> one sentence for docs/reference/problems.md."
