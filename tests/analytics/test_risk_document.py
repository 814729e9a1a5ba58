"""The page of risk factors is written from risk.toml."""

from __future__ import annotations

from pathlib import Path

from ringthrough.analytics.risk import shipped
from ringthrough.analytics.risk.document import BEGIN, END, factor_tables, renew

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "risk.md"


def test_the_page_is_fresh() -> None:
    page = PAGE.read_text("utf-8")
    assert BEGIN in page
    assert renew(page) == page, (
        "docs/concepts/risk.md is stale: write back ringthrough.analytics.risk.document.renew(page)"
    )


def test_every_factor_is_in_it_with_its_source() -> None:
    text = factor_tables()
    for name, factor in shipped().factors.items():
        assert text.count(f"| `{name}` |") == 2
        assert factor.source in text
        assert factor.limits in text


def test_only_what_is_between_the_marks_is_written() -> None:
    assert renew(f"a\n{BEGIN}old{END}\nb") == f"a\n{BEGIN}\n\n{factor_tables()}\n{END}\nb"
    assert renew("no marks") == "no marks"
