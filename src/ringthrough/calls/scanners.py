"""
Internet scanners: calls nobody made. They are kept as rows of kind `scanner`, outside every rate.

A scanner is known by the name it gives itself. What hides its name looks like a call and is treated as one; no guess
is made from behaviour here.
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["SCANNER_NAMES", "is_scanner"]

SCANNER_NAMES: tuple[str, ...] = (
    # What the tools write into User-Agent, From or To by default, lower case.
    "friendly-scanner",  # SIPVicious svmap, svwar, svcrack
    "friendly-request",  # SIPVicious, altered
    "sipvicious",
    "sundayddr",  # svmap with its name changed, seen since 2011
    "sipcli",  # toll-fraud dialler
    "pplsip",
    "sip-scan",
    "sipscan",
    "sipsak",
    "iwar",
    "vaxasip",
    "vaxsipuseragent",
    "elite scanner",
    "nm@nm",  # nmap's SIP probe: From: sip:nm@nm
    "nmap",
    "metasploit",
    "zgrab",
)


def is_scanner(user_agent: str, from_value: str) -> bool:
    """
    Whether the sender of a request names itself as a scanner.

    Args:
        user_agent: value of User-Agent, empty when absent.
        from_value: whole value of From, since some tools sign there.
    """
    return _named(user_agent) or _IN_FROM(from_value) is not None


_IN_FROM = re.compile("sipvicious|friendly-scanner|nm@nm|sipsak@|sipcli").search


@lru_cache(4096)
def _named(user_agent: str) -> bool:
    said = user_agent.lower()
    return any(name in said for name in SCANNER_NAMES)
