"""Certificates by URL, or why there are none: what `verify` is given instead of a network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:  # who only carries a Missing about needs no certificate reader
    from ringthrough.jose import Certificate

__all__ = ["Credentials", "Missing"]


@dataclass(frozen=True, slots=True)
class Missing:
    """A certificate that was wanted and did not come: a fact, not a failure of ours."""

    why: str
    "What went wrong, in a few words: `timeout`, `HTTP 404`, `private address refused` ..."


Credentials: TypeAlias = "Mapping[str, Sequence[Certificate] | Missing]"
"Certificate URL (info, x5u) -> the chain that was fetched from there, leaf first, or why there is none."
