"""Alerts in words: the subject and text of a mail, the lines for a terminal, the rows of `--csv` and `--json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ringthrough import __version__
from ringthrough.analytics import Table
from ringthrough.analytics.alerts import (
    CLEARED,
    KINDS,
    RAISED,
    Alert,
    alert_record,
    masked_alert,
    notice_record,
    time_text,
)
from ringthrough.report.words import safe

if TYPE_CHECKING:
    from ringthrough.drivers.notify import Notice

__all__ = ["alerts_table", "notice_of"]

_WORDS = {RAISED: "RAISED", CLEARED: "OVER"}
_AGAIN = "STANDS"
_HIDDEN = ("factors",)
"Evidence that has lines of its own."


def notice_of(alerts: Sequence[Alert], *, at_us: int, standing: int, masked: bool) -> Notice:
    """
    Return what a channel gets.

    Args:
        alerts: what it has not been told yet.
        at_us: as of when.
        standing: how many stand.
        masked: whether telephone numbers are masked.
    """
    from ringthrough.drivers.notify import Notice

    shown = [masked_alert(alert) if masked else alert for alert in alerts]
    digest = hashlib.sha256("\n".join(alert.id for alert in alerts).encode()).hexdigest()[:24]
    head = f"{_counted(alerts)}. {standing} {'stands' if standing == 1 else 'stand'} as of {time_text(at_us)}.\n"
    return Notice(
        digest, at_us / 1_000_000, f"[ringthrough] {_subject(shown)}", "\n".join([head, *map(_paragraph, shown)]),
        notice_record(shown, version=__version__, at_us=at_us, standing=standing), tuple(map(alert_record, shown)),
    )  # fmt: skip


def _counted(alerts: Sequence[Alert]) -> str:
    """How many are new, told again, and over."""
    raised = sum(alert.state == RAISED for alert in alerts)
    over = sum(alert.state == CLEARED for alert in alerts)
    parts = ((raised, "raised"), (len(alerts) - raised - over, "told again"), (over, "over"))
    return ", ".join(f"{count} {word}" for count, word in parts if count) or "Nothing new"


def _subject(alerts: Sequence[Alert]) -> str:
    if len(alerts) == 1:
        (alert,) = alerts
        word = "over" if alert.state == CLEARED else alert.severity
        return f"{word}: {safe(alert.title)}"
    worst = sum(alert.severity == "critical" and alert.state != CLEARED for alert in alerts)
    return _counted(alerts) + (f" ({worst} critical)" if worst else "")


def _paragraph(alert: Alert) -> str:
    head = f"{_WORDS.get(alert.state, _AGAIN):<6}  {alert.severity:<8}  {safe(alert.title)}\n"
    lines = [safe(alert.detail)] if alert.detail else []
    factors = alert.evidence.get("factors")
    lines += [
        f"{safe(str(one.get('factor')))}: {safe(str(one.get('advice')))}"
        for one in (factors if isinstance(factors, list) else ())
        if isinstance(one, dict)  # the file of what stands may have been altered
    ]
    figures = [
        f"{name} {_figure(value)}" for name, value in alert.evidence.items()
        if name not in _HIDDEN and value not in (None, "", [])
    ]  # fmt: skip
    if figures:
        lines.append("; ".join(figures))
    lines.append(f"since {time_text(alert.since_us)}; {KINDS[alert.kind].rstrip('.')} ({alert.kind}); {alert.id}")
    return head + "".join(f"        {line}\n" for line in lines)


def _figure(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_figure, value))
    return f"{value:g}" if isinstance(value, float) else safe(str(value))


def alerts_table(records: Sequence[dict[str, Any]], form: str) -> Table:
    """Rows as `as_lines` takes them; in CSV the evidence is a text of JSON."""
    columns = (
        "id", "incident", "kind", "state", "severity", "since", "at", "key", "number", "carrier", "title", "detail",
        "evidence",
    )  # fmt: skip
    rows = [
        tuple(json.dumps(record[name]) if form == "csv" and name == "evidence" else record[name] for name in columns)
        for record in records
    ]
    return Table(columns, tuple(rows))
