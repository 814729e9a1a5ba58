"""
The exception tree and `Problem`: what went wrong, where, what was expected, and who has to mend it.

A bad call is data, not an exception: readers hand out `Problem` values beside what they could read. Strict callers get
the same `Problem` inside a `RemoteError`.

    Error                    carries .problem; str() is built from it
    ├─ LocalError            our caller asked for something illegal        fix the program
    ├─ RemoteError           the wire or a file broke its grammar          .problem.status: 400, 505 ...
    ├─ RuleError             a settings or policy file is wrong            file, line, key
    └─ BackendError          disk, socket, HTTP; raised `from` its cause
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BackendError", "Error", "LocalError", "Problem", "RemoteError", "RuleError"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a message, a file or a setting."""

    code: str
    "Stable slug that starts with its room, for example `wire-cseq-method-mismatch`; see docs/reference/problems.md."
    detail: str
    "What was expected and what was found, in one line."
    where: str = ""
    "The place in words: a header's name, `start line`, `FILE: frame 12`, a key of a settings file."
    source: str = ""
    "The rule it breaks, for example `RFC 3261 §20.16`."
    at: int | None = None
    "Offset in octets of the fault inside the message or file, where it is known."
    status: int | None = None
    "The SIP status a server owes for it (400, 416, 420, 505 ...); None where no answer is owed."

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        rule = f" ({self.source})" if self.source else ""
        return f"{place}{self.detail}{rule}"


class Error(Exception):
    """Root of everything ringthrough raises on purpose."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem

    def __str__(self) -> str:
        return str(self.problem)


class LocalError(Error, ValueError):
    """The calling program asked for something illegal; the program has to change."""


class RemoteError(Error):
    """A message or a file broke its grammar; `problem.status` says what answer is owed, if any."""


class RuleError(Error):
    """A settings or policy file is wrong; `problem.where` names the file and the key."""


class BackendError(Error):
    """Something outside (disk, socket, service) failed; raised `from` the cause."""
