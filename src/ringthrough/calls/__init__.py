"""
Calls: the one table everything downstream reads, and the assembler that makes its rows from SIP messages.

Promise: what happened, once, with evidence; no judgement. Retransmissions, hops, retries and copies of one call are one
row; a fact that was not seen is None.
"""

from ringthrough.calls.addresses import endpoint, host
from ringthrough.calls.assemble import GRACE_US, Assembler, EndKey, HandOver
from ringthrough.calls.carriers import Carrier, Carriers, Networks
from ringthrough.calls.fold import Folder
from ringthrough.calls.problems import PROBLEMS
from ringthrough.calls.schema import (
    BLIND_SPOTS,
    COLUMNS,
    FACTS,
    INFERRED,
    JUDGED,
    OUTCOMES,
    VERDICTS,
    Call,
    Column,
    Verdict,
)
from ringthrough.calls.sighting import CUT, ENCRYPTED_HOP, Sighting

__all__ = [
    "BLIND_SPOTS",
    "COLUMNS",
    "CUT",
    "ENCRYPTED_HOP",
    "FACTS",
    "GRACE_US",
    "INFERRED",
    "JUDGED",
    "OUTCOMES",
    "PROBLEMS",
    "VERDICTS",
    "Assembler",
    "Call",
    "Carrier",
    "Carriers",
    "Column",
    "EndKey",
    "Folder",
    "HandOver",
    "Networks",
    "Sighting",
    "Verdict",
    "endpoint",
    "host",
]
