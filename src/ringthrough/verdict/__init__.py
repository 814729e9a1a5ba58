"""
The decision ladder as one table of data: what ended a call, how sure that is, by which rule, and why.

The room promises that the same rules run on one call (`judge`, without an engine) and, as SQL, on a table of millions
(`sql`), with the same rows to the letter. It judges from the columns of a `Call` and from nothing else.
"""

from __future__ import annotations

from .document import rule_table
from .ladder import RULES, RULES_VERSION
from .match import judge
from .problems import PROBLEMS
from .remarks import REMARKS
from .rule import Remark, Rule
from .sql import sql

__all__ = ["PROBLEMS", "REMARKS", "RULES", "RULES_VERSION", "Remark", "Rule", "judge", "rule_table", "sql"]
