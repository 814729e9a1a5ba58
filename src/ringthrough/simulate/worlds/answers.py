"""
What a row says of a recipe: the columns that are the same for every call that goes by it.

They are read off a call that is played and assembled as any capture is, so that a row of a world is what a reader would
have made of the messages. Nothing of the truth comes from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ringthrough.calls import FACTS, Assembler, Call, Folder, Sighting
from ringthrough.simulate.datagrams import Datagram
from ringthrough.simulate.worlds.playing import Peer, play
from ringthrough.simulate.worlds.recipes import Recipe

__all__ = ["FIXED", "Answers", "assembled", "blank"]

FIXED = (
    "final_code", "final_phrase", "far_code", "far_phrase", "server", "signal", "signal_in", "signal_code",
    "signal_phrase", "reason", "sip_cause", "q850_cause", "location", "provider_code", "defects", "blocker",
    "redress_url", "redress_tel", "redress_email", "redress_id", "card_uri", "early_media", "ended_by", "legs", "card",
)  # fmt: skip
"Columns of the call table that a recipe settles."
_PEER = Peer("198.51.100.2", "sample")
_AT_US = 1_780_000_000_000_000


def blank(**columns: object) -> Call:
    """A row of an outbound call of which nothing is known yet but these columns."""
    empty: dict[str, object] = {column.name: "" if column.sql == "VARCHAR" else None for column in FACTS}
    counts = {"attempts": 1, "challenges": 0, "forks": 0, "legs": 1, "retransmissions": 0, "duplicates": 0}
    empty |= {"kind": "call", "method": "INVITE", "source": "capture", "direction": "outbound", "early_media": False}
    return Call(**(empty | counts | columns))  # type: ignore[arg-type]


def assembled(datagrams: Sequence[Datagram], folder: Folder) -> list[Call]:
    """Read messages as a capture is read: the rows of the calls in them, in order of their beginning."""
    assembler = Assembler(folder)
    for frame, d in enumerate(datagrams, start=1):
        assembler.feed(Sighting(d.at_us, 0, frame, d.transport, d.src, d.sport, d.dst, d.dport, d.payload))
    return sorted((row for _, row in assembler.finish()), key=lambda row: row.at_us)


class Answers:
    """Columns of recipes; each image on the wire is played once."""

    def __init__(self) -> None:
        self._known: dict[Recipe, tuple[object, ...]] = {}
        self._folder = Folder(["sample"])

    def columns(self, recipe: Recipe) -> tuple[object, ...]:
        """The columns `FIXED` of a recipe."""
        image = replace(
            recipe, fate="", first_ms=0, first_spread=0, last_ms=0, last_spread=0, talk_ms=0, talk_spread=0, adds_ms=0,
            explicit=False, own_hop=False,
        )  # fmt: skip
        found = self._known.get(image)
        if found is None:
            sample = blank(
                call_id="sample", at_us=_AT_US, caller="+16175550100", callee="+12902240000", caller_raw="+16175550100",
                callee_raw="+12902240000", trying_ms=20, pdd_ms=2000 if recipe.rings or recipe.early else None,
                final_ms=9000, cancel_ms=8000 if recipe.cancels else None, talk_ms=20_000, ended_by=recipe.ended_by,
            )  # fmt: skip
            (row,) = assembled(play(sample, image, _PEER), self._folder)
            found = self._known[image] = tuple(getattr(row, name) for name in FIXED)
        return found
