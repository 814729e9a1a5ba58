"""
The catalogue of SIP response codes and Q.850 causes: what a code says, who sends it, what to do, and two side by side.

Facts come from data files that a test holds against the IANA registry; each entry names its sources. Nothing here reads
a message: that is the room `reading`. Loading is quick, so that a command can show one code at once.
"""

from .entries import Blocks, Entry, Evidence, FromCause, Gateway, Header, Loss, Retry, ToCause
from .finding import causes, codes, lookup, search
from .problems import PROBLEMS, NotFound

__all__ = [
    "PROBLEMS",
    "Blocks",
    "Entry",
    "Evidence",
    "FromCause",
    "Gateway",
    "Header",
    "Loss",
    "NotFound",
    "Retry",
    "ToCause",
    "causes",
    "codes",
    "lookup",
    "search",
]
