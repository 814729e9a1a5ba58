"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "analytics-alerts-newer": "The file of what stands was written by a later version of this program.",
    "analytics-alerts-rules": "The rules of alerts are no TOML, or hold a table, key or value that is not known.",
    "analytics-alerts-state": "The file of what stands is torn, altered, or another file.",
    "analytics-alerts-time": "Alerts were asked for as of a time before that of the state they go on from.",
    "analytics-by": "Metrics are asked for by a dimension that there is not, or by one of them twice.",
    "analytics-columns": "The table is no call table: columns that the metrics need are missing.",
    "analytics-hold": "A table was to be held beside the calls with a column of a type that engines do not share.",
    "analytics-metric": "A metric is asked for that there is not, or none at all.",
    "analytics-query": "A statement means nothing to Spark.",
    "analytics-risk-dno": "A do-not-originate list holds a line that is no number and no beginning of one.",
    "analytics-risk-period": "The period of risk factors ends before it begins, is over ten years, or in no calendar.",
    "analytics-risk-thresholds": "A file of thresholds is no TOML, or holds a key or a value that there is not.",
    "analytics-source": "Metrics were to be made of something that is no calls, store, relation or engine.",
    "analytics-spark-failed": "Spark cannot read the calls, or a cluster failed while it was at it.",
    "analytics-spark-java": "Spark runs in Java, and there is none.",
    "analytics-spark-missing": "The calls are to be read by Spark, and its package for Python is not installed.",
    "analytics-spark-no-core": "No worker of the Spark cluster had a core for us in time.",
    "analytics-spark-running": "A Spark session runs in this process already, and a process can have one.",
    "analytics-spark-start": "Spark does not start, or the master refuses us.",
    "analytics-spark-unreachable": "The master of the Spark cluster does not answer.",
}
"Slug -> one sentence for docs/reference/problems.md."
