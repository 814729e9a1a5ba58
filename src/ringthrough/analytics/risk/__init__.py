"""
Risk factors: what makes calling numbers look like a spammer's, each with value, threshold, its source and advice.

Promise: a factor is measured on the calls that can tell it, or is `not_measurable` and says what is missing, never 0;
every threshold stands in risk.toml with its source and can be changed; the score of a number is 100 less the points
that are listed with it, and nothing else. DuckDB and NumPy are imported when the first calls are read.
"""

from ringthrough.analytics.risk.assess import assess
from ringthrough.analytics.risk.caller import DoNotOriginate, parse_dno
from ringthrough.analytics.risk.finding import STATES, RiskFactor, Risks, Score
from ringthrough.analytics.risk.thresholds import SENSES, Definition, Thresholds, parse_thresholds, shipped

__all__ = [
    "SENSES",
    "STATES",
    "Definition",
    "DoNotOriginate",
    "RiskFactor",
    "Risks",
    "Score",
    "Thresholds",
    "assess",
    "parse_dno",
    "parse_thresholds",
    "shipped",
]
