"""
Made-up traffic with known truth: captures of a day of calls, and a file that says what happened in each of them.

The promise: the same seed gives the same octets; what the truth file says was written down while the calls were played
and never read back from the messages; the truth and the captures share no rule, pattern or threshold with the rooms
that read and judge, so that their agreement proves something. `simulate.worlds` lays out its rows through `calls`,
never its truth.
"""

from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.mixes import BENCH, DEMO, EVERYTHING, MIXES, Mix
from ringthrough.simulate.output import FORMATS, Counts, simulate, write
from ringthrough.simulate.problems import PROBLEMS
from ringthrough.simulate.scene import Habits
from ringthrough.simulate.shapes import SHAPES, Shape
from ringthrough.simulate.traffic import traffic
from ringthrough.simulate.truth import CLAIMS, CallTruth, TruthFile
from ringthrough.simulate.world import World

__all__ = [
    "BENCH",
    "CLAIMS",
    "DEMO",
    "EVERYTHING",
    "FORMATS",
    "MIXES",
    "PROBLEMS",
    "SHAPES",
    "CallTruth",
    "Counts",
    "Datagram",
    "Habits",
    "Mix",
    "Shape",
    "TruthFile",
    "World",
    "simulate",
    "traffic",
    "write",
]
