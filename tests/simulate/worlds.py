"""Worlds for tests, played once and kept: they are never changed."""

from __future__ import annotations

from functools import cache

from ringthrough.calls import Call
from ringthrough.simulate.worlds import World, WorldCallTruth, world_named

__all__ = ["small", "told"]


@cache
def small(name: str, seed: int = 1, days: int = 4, scale: float = 0.15) -> World:
    """A world of a few thousand calls."""
    return world_named(name, seed, days=days, scale=scale)


@cache
def told(name: str, seed: int = 1, days: int = 4, scale: float = 0.15) -> list[tuple[Call, WorldCallTruth]]:
    """Its calls with the truth about each."""
    batches = small(name, seed, days, scale).told(labels=True)
    return [pair for rows, truths in batches for pair in zip(rows, truths, strict=True)]
