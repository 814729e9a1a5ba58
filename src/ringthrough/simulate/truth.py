"""
What really happened in every simulated call, and the file that says so.

A truth file is JSON lines: one `header`, one `call` per call, one `totals`. Its words are this room's own. They are
written down while a scenario plays, never read back from the messages, so that no reader can agree with it by sharing
its mistakes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TextIO

__all__ = ["CLAIMS", "CallTruth", "TruthFile"]

CLAIMS = ("unwanted", "network_blocked", "provider_blocked", "identity_failed")
"Verdicts that nobody may give to a call whose truth says `explicit: false`."


@dataclass(slots=True)
class CallTruth:
    """The truth about one call."""

    scenario: str
    "Name of the scenario that was played."
    call_id: str = ""
    "Call-ID of the first INVITE that was sent; of the first message that is seen when the start is cut off."
    kind: str = "call"
    "`call`, or `scanner` for an internet scanner. The verdict of a scanner means nothing."
    verdict: str = "incomplete"
    "The expected verdict: a slug of the call table. Where `explicit` is false it is only the fairest reading."
    explicit: bool = True
    "The messages settle the verdict. False: they do not, and none of `CLAIMS` may be claimed for this call."
    hidden: bool = False
    "An analytics block ended this call and the messages do not say so."
    true_cause: str = ""
    "What really ended the call, in a few words: what no capture can show."
    at_us: int = 0
    "When the first INVITE, else the first message that is in the capture, was sent: microseconds since 1970 UTC."
    caller: str = ""
    "Calling number, E.164."
    callee: str = ""
    "Called number, E.164."
    carrier: str = ""
    "Name of the carrier that the last attempt went to."
    direction: str = "outbound"
    "`outbound` or `inbound`, as our own network sees it."
    final_code: int | None = None
    "Status of the last final response as the caller got it; null when none is in the capture."
    far_code: int | None = None
    "Status on the farthest leg, where it differs from `final_code`."
    signal: str = ""
    "What the refusal says, a slug: 603plus, 603plus_defective, 603plus_rewritten, 607, 608, provider ...; or empty."
    signal_in: str = ""
    "Message that carries the signal: response, bye or cancel."
    defect: str = ""
    "What is wrong with a defective 603+ or how it was rewritten, in this room's words."
    contact: dict[str, str] = field(default_factory=dict)
    "Where to appeal, as the refusal says: url, tel, email, id."
    card_uri: str = ""
    "URI of the signed contact card of a 608."
    provider_code: str = ""
    "A provider's own code for its own block."
    attempts: int = 1
    "INVITE transactions towards the callee that are seen, without retries for credentials or a session timer."
    challenges: int = 0
    "401 and 407 challenges that were answered with a new INVITE."
    forks: int = 0
    "Further branches that were tried at the same time."
    legs: int | None = 1
    "Hops and joined legs that show this call; null where it depends on how one counts."
    retransmissions: int = 0
    "Repeated requests and responses; the ACK of a repeated response is not counted (RFC 3261 §17.1.1.2)."
    duplicates: int = 0
    "Copies of frames made by a mirror port."
    trying_ms: int | None = None
    "First INVITE to first 100, ms."
    pdd_ms: int | None = None
    "First INVITE to first 18x, ms."
    ring_ms: int | None = None
    "First 180 to the final response or CANCEL, ms; null when there was no 180."
    setup_ms: int | None = None
    "First INVITE to the last final response, ms."
    talk_ms: int | None = None
    "Answer to BYE, ms; null when there is no BYE."
    cancel_ms: int | None = None
    "First INVITE to CANCEL, ms."
    cut: str = ""
    "Edge of the capture that cuts the call: start, end; empty for none."

    def says(self, verdict: str, cause: str, *, explicit: bool = True, hidden: bool = False) -> None:
        """Set the expected verdict and what really happened."""
        self.verdict, self.true_cause, self.explicit, self.hidden = verdict, cause, explicit, hidden

    def signals(self, signal: str, *, where: str = "response", **contact: str) -> None:
        """Set what the refusal says, the message that carries it, and the contact it names."""
        self.signal, self.signal_in, self.contact = signal, where, contact

    def forgets_the_end(self, after_ms: int) -> None:
        """Take away what the messages would have told that came this long, ms, after the first INVITE, or later."""
        self.says("incomplete", f"cut by the end of the capture: {self.true_cause}")
        self.signal = self.signal_in = self.defect = self.card_uri = self.provider_code = ""
        self.contact = {}
        self.final_code = self.far_code = self.setup_ms = self.talk_ms = self.cancel_ms = self.ring_ms = None
        self.pdd_ms = None if self.pdd_ms is None or self.pdd_ms >= after_ms else self.pdd_ms
        self.trying_ms = None if self.trying_ms is None or self.trying_ms >= after_ms else self.trying_ms
        self.attempts, self.challenges, self.forks, self.cut = 1, 0, 0, "end"
        self.legs = self.legs if self.legs == 1 else None


_FIELDS = tuple(one.name for one in fields(CallTruth))


class TruthFile:
    """Writes a truth file line by line, so that a day of calls never lies in memory."""

    def __init__(self, handle: TextIO) -> None:
        self._handle = handle
        self.calls = 0
        "Calls written so far."

    def header(self, facts: Mapping[str, Any]) -> None:
        """Write the first line: seed, mix, version and the elements of the made-up network."""
        self._line({"type": "header", **facts})

    def call(self, truth: CallTruth) -> None:
        """Write the truth about one call; this is the sink to hand to `traffic`."""
        self.calls += 1
        self._line({"type": "call", **{name: getattr(truth, name) for name in _FIELDS}})

    def totals(self, facts: Mapping[str, Any]) -> None:
        """Write the last line: how much of everything there is."""
        self._line({"type": "totals", **facts})

    def _line(self, record: Mapping[str, Any]) -> None:
        self._handle.write(json.dumps(record, separators=(",", ":")) + "\n")
