"""Alerts as plain data: what a webhook, a file and `--json` hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ringthrough.analytics.alerts.alert import Alert
from ringthrough.analytics.alerts.times import time_text
from ringthrough.numbers import mask, mask_text

__all__ = ["alert_record", "masked_alert", "notice_record"]

_OPEN = ("last_redress_tel",)
"Fields of the evidence that stay when numbers are masked: the number to appeal to is no caller's."


def masked_alert(alert: Alert) -> Alert:
    """
    Return an alert with its telephone numbers masked, wherever they stand in it.

    Keys of two numbers may become alike by it; the incident in `id` still tells them apart.
    """
    hidden = mask(alert.number) if alert.number else ""

    def free(text: str) -> str:
        # What is masked must not be masked again: seven digits are still a number.
        parts = text.split(alert.number) if alert.number else [text]
        return hidden.join(map(mask_text, parts))

    def value(name: str, found: Any) -> Any:
        if isinstance(found, str):
            return found if name in _OPEN else free(found)
        if isinstance(found, dict):
            return {inner: value(inner, one) for inner, one in found.items()}
        return [value(name, one) for one in found] if isinstance(found, list) else found

    return alert._replace(
        number=hidden, carrier=free(alert.carrier), key=free(alert.key), title=free(alert.title),
        detail=free(alert.detail), evidence={name: value(name, found) for name, found in alert.evidence.items()},
    )  # fmt: skip


def alert_record(alert: Alert) -> dict[str, Any]:
    """Return an alert as JSON holds it: times are ISO 8601, UTC."""
    made = alert._asdict()
    since_us, at_us = made.pop("since_us"), made.pop("at_us")
    incident, _, _message = alert.id.rpartition("-")
    return {
        "id": made.pop("id"), "incident": incident, "kind": made.pop("kind"), "state": made.pop("state"),
        "severity": made.pop("severity"), "since": time_text(since_us), "at": time_text(at_us), **made,
    }  # fmt: skip


def notice_record(alerts: Sequence[Alert], *, version: str, at_us: int, standing: int) -> dict[str, Any]:
    """
    Return what a webhook gets: all alerts of one delivery.

    Args:
        alerts: what is told.
        version: of the program.
        at_us: as of when.
        standing: alerts that stand after it.
    """
    return {
        "format": "ringthrough-alerts", "format_version": 1, "tool_version": version, "at": time_text(at_us),
        "standing": standing, "alerts": [alert_record(alert) for alert in alerts],
    }  # fmt: skip
