"""
What a refusal says: who refused the call, by which code, and whom to ask.

`read` takes a response, BYE or CANCEL and gives a `Refusal`, or None when the message refuses nothing. It reads 608,
603+ in every state of repair, 607, 403 and 603, the codes of STIR and providers' own blocks; it never raises on a
decoded message, recovers the contact from broken forms, and lists what is broken. It judges nothing: who probably
blocked the call is for `verdict` to say. `build_603plus` and `build_608` make what `read` reads.
"""

from .build import build_603plus, build_608
from .causes import NO_CAUSES, Causes, causes, may_refuse, read_octets
from .problems import PROBLEMS
from .read import read
from .refusal import KINDS, Refusal

__all__ = [
    "KINDS",
    "NO_CAUSES",
    "PROBLEMS",
    "Causes",
    "Refusal",
    "build_603plus",
    "build_608",
    "causes",
    "may_refuse",
    "read",
    "read_octets",
]
