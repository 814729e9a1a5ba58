"""What can be wrong with what a caller of this room asks for."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "calls-bad-network": "An address range is neither an address nor a range such as 198.51.100.0/24.",
}
"Slug -> explanation."
