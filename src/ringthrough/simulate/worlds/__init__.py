"""
Worlds: days of calls of an operator's numbers at every carrier, with the truth about what was blocked and by whom.

Promise: rows are what a capture of the same calls gives; the same parameters and seed give the same rows; the ranges
that parameters are drawn from stand in worlds.toml, each with its reason. NumPy comes with this room and with no other
of `simulate`.
"""

from ringthrough.simulate.worlds.day import KINDS, Day
from ringthrough.simulate.worlds.parameters import (
    CampaignHabits,
    CarrierHabits,
    EngineHabits,
    Range,
    TrunkHabits,
    WorldHabits,
    WorldParameters,
    draw_parameters,
    ranges,
    world_names,
)
from ringthrough.simulate.worlds.recipes import FATES
from ringthrough.simulate.worlds.truth import Truth, WorldCallTruth, WorldCell, WorldTruthFile
from ringthrough.simulate.worlds.world import World, make_world, world_named

__all__ = [
    "FATES",
    "KINDS",
    "CampaignHabits",
    "CarrierHabits",
    "Day",
    "EngineHabits",
    "Range",
    "TrunkHabits",
    "Truth",
    "World",
    "WorldCallTruth",
    "WorldCell",
    "WorldHabits",
    "WorldParameters",
    "WorldTruthFile",
    "draw_parameters",
    "make_world",
    "ranges",
    "world_named",
    "world_names",
]
