"""
Hidden blocks: which refusals without ringing are blocks by carriers' analytics, for which number, where and since when.

Promise: no call is decided alone; every decision comes with how likely it is, what is usual for other numbers, and the
endings that speak for and against it; what the own provider refuses, and what fails for all numbers alike, is not
called a block. NumPy is imported with this room and with no other of `analytics`.
"""

from ringthrough.analytics.blocks.cells import Cells, Kind, cells_sql
from ringthrough.analytics.blocks.finding import PROBABLE, SUSPECTED, BlockCell, Blocks, Spell, blocks_of, find_blocks
from ringthrough.analytics.blocks.model import Fit
from ringthrough.analytics.blocks.raised_calls import raised_source, raised_sql, raised_table
from ringthrough.analytics.blocks.raising import PROBABLE_BLOCK, SUSPECTED_BLOCK, Raise, raised, raises

__all__ = [
    "PROBABLE",
    "PROBABLE_BLOCK",
    "SUSPECTED",
    "SUSPECTED_BLOCK",
    "BlockCell",
    "Blocks",
    "Cells",
    "Fit",
    "Kind",
    "Raise",
    "Spell",
    "blocks_of",
    "cells_sql",
    "find_blocks",
    "raised",
    "raised_source",
    "raised_sql",
    "raised_table",
    "raises",
]
