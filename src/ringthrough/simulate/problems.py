"""What a caller of this room can get wrong."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "simulate-mix-scenario": "A mix names a scenario that does not exist, or none at all.",
    "simulate-traffic-argument": "The number of calls, the length of the capture or the transport is out of range.",
    "simulate-shape": "The shape of the capture has no such name.",
    "simulate-format": "The format of the capture has no such name.",
}
"Slug -> what it means, in one sentence."
