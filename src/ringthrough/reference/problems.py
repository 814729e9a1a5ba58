"""What can be wrong with a question to the reference."""

from __future__ import annotations

from ringthrough.errors import LocalError, Problem

__all__ = ["PROBLEMS", "NotFound"]

PROBLEMS: dict[str, str] = {
    "reference-unknown-code": "No code, variant or cause has that name or number; the message names the nearest ones.",
    "reference-nothing-to-compare": "A comparison needs at least two codes or causes.",
}
"Every slug of this room, with the sentence that docs/reference/problems.md prints."


class NotFound(LocalError):  # noqa: N818 - the word callers catch
    """No entry fits; `nearest` holds the ids of those that come closest."""

    def __init__(self, problem: Problem, nearest: tuple[str, ...]) -> None:
        super().__init__(problem)
        self.nearest = nearest
