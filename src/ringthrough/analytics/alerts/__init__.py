"""
Alerts: what somebody has to be told of an operator's calls, once, and that it is over.

Promise: the same calls, rules, state and time give the same alerts; one alert stands per key at a time, and every
raised one ends in an all-clear that says why; a figure that hovers at a threshold does not flap; what the calls cannot
say is neither raised nor cleared. Nothing here sends, reads a clock or opens a file.
"""

from ringthrough.analytics.alerts.alert import CLEARED, KINDS, RAISED, SEVERITIES, STANDING, Alert, key_of
from ringthrough.analytics.alerts.document import alert_record, masked_alert, notice_record
from ringthrough.analytics.alerts.drop import Compared, compare
from ringthrough.analytics.alerts.evaluate import evaluate, last_call_us
from ringthrough.analytics.alerts.finding import Finding, Level
from ringthrough.analytics.alerts.rules import AlertRules, Mute, default_rules, read_rules
from ringthrough.analytics.alerts.state import STATE_VERSION, AlertState, Standing
from ringthrough.analytics.alerts.times import time_text
from ringthrough.analytics.alerts.transitions import step

__all__ = [
    "CLEARED",
    "KINDS",
    "RAISED",
    "SEVERITIES",
    "STANDING",
    "STATE_VERSION",
    "Alert",
    "AlertRules",
    "AlertState",
    "Compared",
    "Finding",
    "Level",
    "Mute",
    "Standing",
    "alert_record",
    "compare",
    "default_rules",
    "evaluate",
    "key_of",
    "last_call_us",
    "masked_alert",
    "notice_record",
    "read_rules",
    "step",
    "time_text",
]
