"""
What a refusal says: who refused the call, by which code, and whom to ask.

`read` takes a response, BYE or CANCEL and gives a `Refusal`, or None when the message refuses nothing. It reads 608,
603+ in every state of repair, 607, 403 and 603, the codes of STIR and providers' own blocks; it never raises on a
decoded message, recovers the contact from broken forms, and lists what is broken. It judges nothing: who probably
blocked the call is for `verdict` to say. `build_603plus`, `build_607`, `build_608` and `build_plain` make what `read`
reads, and refuse to make anything defective, or to say of a call what is not so.

Three parts are not imported here, so that a diagnosis, which only reads, starts without them: `signals.card`, the
signed contact card (it loads cryptography); `signals.translate`, from one form of refusal to another and to the
telephone network; `signals.announce`, what a caller hears before a 608.
"""

from .build import CHOICES, build_603plus, build_607, build_608, build_plain
from .card_outcomes import CARD_OUTCOMES, CARD_REASONS
from .causes import NO_CAUSES, Causes, causes, may_refuse, read_octets
from .grounds import GROUNDS, Ground
from .problems import PROBLEMS
from .read import read
from .refusal import KINDS, Refusal

__all__ = [
    "CARD_OUTCOMES",
    "CARD_REASONS",
    "CHOICES",
    "GROUNDS",
    "KINDS",
    "NO_CAUSES",
    "PROBLEMS",
    "Causes",
    "Ground",
    "Refusal",
    "build_603plus",
    "build_607",
    "build_608",
    "build_plain",
    "causes",
    "may_refuse",
    "read",
    "read_octets",
]
