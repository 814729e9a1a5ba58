"""
The catalogue of SIP response codes and Q.850 causes: what a code says, who sends it, what to do, and two side by side.

Facts come from data files that a test holds against the IANA registry; each entry names its sources. Nothing here reads
a message: that is the room `reading`. Loading is quick, so that a command can show one code at once.
"""

from .entries import Blocks, Entry, Evidence, FromCause, Gateway, Header, Loss, Retry, ToCause
from .finding import causes, codes, lookup, search
from .pairing import Comparison, Difference, Effect, Shared, compare
from .problems import PROBLEMS, NotFound
from .shape import catalogue, schema
from .tabling import Row, Table, side_by_side

__all__ = [
    "PROBLEMS",
    "Blocks",
    "Comparison",
    "Difference",
    "Effect",
    "Entry",
    "Evidence",
    "FromCause",
    "Gateway",
    "Header",
    "Loss",
    "NotFound",
    "Retry",
    "Row",
    "Shared",
    "Table",
    "ToCause",
    "catalogue",
    "causes",
    "codes",
    "compare",
    "lookup",
    "schema",
    "search",
    "side_by_side",
]
