"""What the assembler remembers while a call is open: `Attempt` for one INVITE transaction, `OpenCall` for a Call-ID."""

from __future__ import annotations

__all__ = ["Attempt", "OpenCall"]


class Attempt:
    """
    One INVITE transaction at one hop: the request, its responses, its CANCEL. Mutable, owned by the assembler.

    Times are microseconds since 1970 UTC; 0 means "not seen" (no capture is from 1970).
    """

    __slots__ = (
        "ack_us", "at_us", "branch", "cancel_data", "cancel_file", "cancel_frame", "cancel_ident", "cancel_last_us",
        "cancel_us", "cseq", "dport", "dst", "early", "eighteen_us", "file", "final", "final_data", "final_file",
        "final_frame", "final_ident", "final_last_us", "final_tag", "final_us", "frame", "ident", "last_status",
        "last_us", "orphan", "reply_ident", "reply_us", "ring_file", "ring_frame", "ring_us", "sport", "src",
        "transport", "trying_us", "vias",
    )  # fmt: skip

    def __init__(
        self,
        at_us: int,
        file: int,
        frame: int,
        transport: str,
        src: bytes,
        sport: int,
        dst: bytes,
        dport: int,
        cseq: int,
        branch: bytes,
        vias: int,
        ident: int,
        orphan: bool = False,
    ) -> None:
        self.at_us = at_us
        "First sight of the INVITE (of the first message, for an orphan)."
        self.file = file
        self.frame = frame
        self.transport = transport
        self.src = src
        self.sport = sport
        self.dst = dst
        self.dport = dport
        self.cseq = cseq
        self.branch = branch
        self.vias = vias
        "Number of Via values of the INVITE: each proxy adds one, so this is the depth of the hop."
        self.ident = ident
        self.orphan = orphan
        "No INVITE was seen, only what followed it."
        self.last_us = at_us
        self.trying_us = self.eighteen_us = self.ring_us = self.reply_us = 0
        self.ring_file = self.ring_frame = 0
        self.last_status = 0
        self.reply_ident = -1
        self.early = False
        self.final = 0
        self.final_us = self.final_last_us = 0
        self.final_file = self.final_frame = 0
        self.final_data = self.final_tag = b""
        self.final_ident = -1
        self.cancel_us = self.cancel_last_us = 0
        self.cancel_file = self.cancel_frame = 0
        self.cancel_data = b""
        self.cancel_ident = -1


class OpenCall:
    """Everything seen under one Call-ID that is not yet a row. Mutable, owned by the assembler."""

    __slots__ = (
        "answered", "attempts", "bye_branch", "bye_by_caller", "bye_data", "bye_file", "bye_frame", "bye_ident",
        "bye_last_us", "bye_us", "call_id", "callee_raw", "caller_raw", "children", "closed", "deadline_us",
        "duplicates", "from_tag", "keys", "kind", "last_us", "open_members", "parent", "repeats", "shadowed",
        "user_agent",
    )  # fmt: skip

    def __init__(self, call_id: bytes, at_us: int) -> None:
        self.call_id = call_id
        self.last_us = at_us
        self.deadline_us = 0
        "When it is over if nothing more is heard."
        self.closed = False
        self.attempts: list[Attempt] = []
        self.answered = False
        self.from_tag = b""
        self.caller_raw = self.callee_raw = self.user_agent = ""
        self.kind = "call"
        self.bye_us = self.bye_last_us = 0
        self.bye_file = self.bye_frame = 0
        self.bye_by_caller = False
        self.bye_branch = self.bye_data = b""
        self.bye_ident = -1
        self.repeats = 0
        self.duplicates = 0
        self.parent: OpenCall | None = None
        "The leg that this leg continues (through a B2BUA, or after a failed route); None for the first."
        self.children: list[OpenCall] = []
        self.open_members = 1
        "On the first leg: how many legs of the whole call are still open."
        self.keys: tuple[object, ...] = ()
        "Under which keys the joiner holds this leg."
        self.shadowed = False
        "Another process may know the beginning of this call: its sightings are kept for that one (see `shard`)."

    def root(self) -> OpenCall:
        """Return the first leg of the whole call."""
        call = self
        while call.parent is not None:
            call = call.parent
        return call

    def members(self) -> list[OpenCall]:
        """Return this leg and all that continue it, in the order they were joined, parents first."""
        found = [self]
        for call in found:
            found.extend(call.children)
        return found
