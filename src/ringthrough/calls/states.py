"""
What the assembler remembers while a call is open: `Attempt` for one INVITE transaction, `OpenCall` for a Call-ID.

Both are mutable and owned by the assembler. Most of what could be noted about a call never happens, so the fields have
their first values on the class and cost an object nothing until they are set. Times are microseconds since 1970 UTC; 0
means "not seen" (no capture is from 1970).
"""

from __future__ import annotations

__all__ = ["Attempt", "OpenCall"]


class Attempt:
    """One INVITE transaction at one hop: the request, its responses, its CANCEL."""

    trying_us = 0
    "First 100 Trying."
    eighteen_us = 0
    "First 18x."
    ring_us = 0
    "First 180 Ringing, with its file and frame."
    ring_file = 0
    ring_frame = 0
    early = False
    "A provisional response carried a session description."
    last_status = 0
    "The latest provisional response: status, To tag, time, IP identification."
    last_tag = b""
    reply_us = 0
    reply_ident = -1
    final = 0
    "Status of the final response, with time, time of its latest copy, place, To tag, IP identification and octets."
    final_us = 0
    final_last_us = 0
    final_file = 0
    final_frame = 0
    final_tag = b""
    final_ident = -1
    final_data = b""
    cancel_us = 0
    "CANCEL, with time of its latest copy, place, IP identification and octets."
    cancel_last_us = 0
    cancel_file = 0
    cancel_frame = 0
    cancel_ident = -1
    cancel_data = b""
    orphan = False
    "No INVITE was seen, only what followed it; the fields below then describe the first message, as if it were one."

    def __init__(
        self,
        at_us: int,
        file: int,
        frame: int,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        cseq: int,
        branch: bytes,
        vias: int,
        ident: int,
    ) -> None:
        self.at_us = at_us
        "First sight of the INVITE."
        self.file = file
        self.frame = frame
        self.src = src
        self.sport = sport
        self.dst = dst
        self.dport = dport
        self.cseq = cseq
        self.branch = branch
        self.vias = vias
        "Number of Via values of the INVITE: each proxy adds one, so this is the depth of the hop."
        self.ident = ident
        self.last_us = at_us
        "Latest sight of the INVITE."


class OpenCall:
    """Everything seen under one Call-ID that is not yet a row."""

    closed = False
    answered = False
    "Some INVITE got a 2xx."
    kind = "call"
    "`call` or `scanner`."
    caller_raw = ""
    callee_raw = ""
    user_agent = ""
    invite_data = b""
    "Octets of the first INVITE that carries an Identity; empty when none did."
    bye_us = 0
    "First BYE, with time of its latest copy, place, branch, IP identification, octets and who sent it."
    bye_last_us = 0
    bye_file = 0
    bye_frame = 0
    bye_branch = b""
    bye_ident = -1
    bye_data = b""
    bye_by_caller = False
    repeats = 0
    "Retransmissions."
    duplicates = 0
    "Copies made by a mirror port."
    parent: OpenCall | None = None
    "The leg that this leg continues (through a B2BUA, or after a failed route); None for the first."
    children: tuple[OpenCall, ...] = ()
    open_members = 1
    "On the first leg: how many legs of the whole call are still open."
    number_key: tuple[bytes, str] | None = None
    "Keys under which the joiner holds this leg."
    route_key: tuple[bytes, str, str] | None = None
    session = ""
    shadowed = False
    "Another process may know the beginning of this call: its sightings are kept for that one (see `begin_shard`)."

    def __init__(self, call_id: bytes, from_tag: bytes, first: Attempt, deadline_us: int) -> None:
        self.call_id = call_id
        self.from_tag = from_tag
        self.attempts = [first]
        self.deadline_us = deadline_us
        "When it is over if nothing more is heard."

    def root(self) -> OpenCall:
        """Return the first leg of the whole call."""
        call = self
        while call.parent is not None:
            call = call.parent
        return call

    def members(self) -> list[OpenCall]:
        """Return this leg and all that continue it, parents before children."""
        found = [self]
        for call in found:
            found.extend(call.children)
        return found
