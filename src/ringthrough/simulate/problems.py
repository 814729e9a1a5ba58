"""What a caller of this room can get wrong."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "simulate-mix-scenario": "A mix names a scenario that does not exist, or none at all.",
    "simulate-traffic-argument": "The number of calls, the length of the capture or the transport is out of range.",
    "simulate-shape": "The shape of the capture has no such name.",
    "simulate-format": "The format of the capture has no such name.",
    "simulate-world-name": "There is no world of this name in worlds.toml.",
    "simulate-world-range": "A range of a world is no range, or belongs to no parameter.",
    "simulate-world-argument": "A world is too large for the names it has, has no day, or does not begin at midnight.",
    "simulate-world-dialect": "Calls cannot be written as records of this dialect.",
}
"Slug -> what it means, in one sentence."
