"""
A period summed up for people who decide: what is blocked, by whom, since when, what it costs, what to do first.

Promise: every figure is counted by the portable statements of this room or derived from them by a rule that
docs/guides/report.md states; an estimate is named as one and carries its ends; what nothing can know is None.
"""

from ringthrough.analytics.overview.making import overview
from ringthrough.analytics.overview.shapes import (
    GROUPS,
    Action,
    Answers,
    Block,
    Bucket,
    CarrierSigns,
    Change,
    Contact,
    Example,
    Figure,
    Loss,
    Matrix,
    MatrixCell,
    Moved,
    Overview,
    Period,
    Quality,
    RiskPart,
    RiskRow,
    Sign,
    SourceLine,
    TimeBin,
    group_of,
)

__all__ = [
    "GROUPS",
    "Action",
    "Answers",
    "Block",
    "Bucket",
    "CarrierSigns",
    "Change",
    "Contact",
    "Example",
    "Figure",
    "Loss",
    "Matrix",
    "MatrixCell",
    "Moved",
    "Overview",
    "Period",
    "Quality",
    "RiskPart",
    "RiskRow",
    "Sign",
    "SourceLine",
    "TimeBin",
    "group_of",
    "overview",
]
