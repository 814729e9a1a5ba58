"""One Identity header under examination: what was found so far, in the order of RFC 8224 §6.2."""

from __future__ import annotations

from ringthrough import jose
from ringthrough.errors import Problem

from .header import IdentityHeader
from .outcomes import OUTCOMES, RANKS
from .passport import Passport
from .verification import HeaderOutcome

__all__ = ["Look"]


class Look:
    """Facts about one header, gathered step by step; `closed` makes the answer of them."""

    __slots__ = (
        "certificate",
        "chain",
        "dest_matches",
        "faults",
        "fresh",
        "header",
        "notes",
        "orig_matches",
        "passport",
        "signature_valid",
    )

    def __init__(self, header: IdentityHeader) -> None:
        self.header = header
        self.passport: Passport | None = None
        self.certificate: jose.Certificate | None = None
        self.chain: jose.ChainOutcome | None = None
        self.signature_valid: bool | None = None
        self.fresh: bool | None = None
        self.orig_matches: bool | None = None
        self.dest_matches: bool | None = None
        self.faults: list[tuple[str, Problem]] = []
        "Outcomes that were found, each with its problem."
        self.notes: list[Problem] = []
        "What is odd and no fault."

    def fail(self, outcome: str, code: str, detail: str, source: str) -> None:
        """Note a fault."""
        self.faults.append((outcome, Problem(code, detail, "Identity", source, None, OUTCOMES[outcome].status)))

    def closed(self) -> HeaderOutcome:
        """The answer: the fault that comes first in RFC 8224 §6.2, or `valid`."""
        problems = tuple(self.notes)
        outcome = "valid"
        if self.faults:
            self.faults.sort(key=lambda fault: RANKS[fault[0]])
            outcome = self.faults[0][0]
            problems = (*(problem for _, problem in self.faults), *problems)
        return HeaderOutcome(
            outcome,
            self.header,
            self.passport,
            self.certificate,
            self.chain,
            self.signature_valid,
            self.fresh,
            self.orig_matches,
            self.dest_matches,
            problems,
        )
