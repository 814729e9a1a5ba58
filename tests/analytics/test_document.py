"""The page of metrics is written from the data, and every metric says where it comes from."""

from __future__ import annotations

from pathlib import Path

from ringthrough.analytics import DIMENSIONS, METRICS
from ringthrough.analytics.document import BEGIN, END, metric_tables, renew

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "metrics.md"


def test_the_page_is_fresh() -> None:
    page = PAGE.read_text("utf-8")
    assert BEGIN in page
    assert renew(page) == page, (
        "docs/concepts/metrics.md is stale: write back ringthrough.analytics.document.renew(page)"
    )


def test_every_metric_and_dimension_is_in_it() -> None:
    text = metric_tables()
    assert [name for name in METRICS if f"`{name}`" not in text and f"`{name}_" not in text] == []
    assert [name for name in DIMENSIONS if f"| `{name}` |" not in text] == []


def test_every_metric_is_told_in_words_and_has_a_source() -> None:
    for name, metric in METRICS.items():
        assert metric.name == name
        assert all((metric.title, metric.numerator, metric.denominator, metric.source)), name


def test_only_what_is_between_the_marks_is_written() -> None:
    assert renew(f"a\n{BEGIN}old{END}\nb") == f"a\n{BEGIN}\n\n{metric_tables()}\n{END}\nb"
    assert renew("no marks") == "no marks"
