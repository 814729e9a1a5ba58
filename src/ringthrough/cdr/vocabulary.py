"""
Words of call records that several dialects share: Q.850 causes by name, SIP statuses inside text.

Source: FreeSWITCH switch_channel.c and switch_types.h for the names; ITU-T Q.850 table 1 for the numbers
"""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["CAUSE_NAMES", "LOCATIONS", "cause_of", "code_of", "plain"]

CAUSE_NAMES: dict[str, int] = {
    "UNALLOCATED_NUMBER": 1, "NO_ROUTE_TRANSIT_NET": 2, "NO_ROUTE_DESTINATION": 3, "CHANNEL_UNACCEPTABLE": 6,
    "CALL_AWARDED_DELIVERED": 7, "NORMAL_CLEARING": 16, "USER_BUSY": 17, "NO_USER_RESPONSE": 18, "NO_ANSWER": 19,
    "SUBSCRIBER_ABSENT": 20, "CALL_REJECTED": 21, "NUMBER_CHANGED": 22, "REDIRECTION_TO_NEW_DESTINATION": 23,
    "EXCHANGE_ROUTING_ERROR": 25, "DESTINATION_OUT_OF_ORDER": 27, "INVALID_NUMBER_FORMAT": 28,
    "FACILITY_REJECTED": 29, "RESPONSE_TO_STATUS_ENQUIRY": 30, "NORMAL_UNSPECIFIED": 31,
    "NORMAL_CIRCUIT_CONGESTION": 34, "NETWORK_OUT_OF_ORDER": 38, "NORMAL_TEMPORARY_FAILURE": 41,
    "SWITCH_CONGESTION": 42, "ACCESS_INFO_DISCARDED": 43, "REQUESTED_CHAN_UNAVAIL": 44, "PRE_EMPTED": 45,
    "FACILITY_NOT_SUBSCRIBED": 50, "OUTGOING_CALL_BARRED": 52, "INCOMING_CALL_BARRED": 54,
    "BEARERCAPABILITY_NOTAUTH": 57, "BEARERCAPABILITY_NOTAVAIL": 58, "SERVICE_UNAVAILABLE": 63,
    "BEARERCAPABILITY_NOTIMPL": 65, "CHAN_NOT_IMPLEMENTED": 66, "FACILITY_NOT_IMPLEMENTED": 69,
    "SERVICE_NOT_IMPLEMENTED": 79, "INVALID_CALL_REFERENCE": 81, "INCOMPATIBLE_DESTINATION": 88,
    "INVALID_MSG_UNSPECIFIED": 95, "MANDATORY_IE_MISSING": 96, "MESSAGE_TYPE_NONEXIST": 97, "WRONG_MESSAGE": 98,
    "IE_NONEXIST": 99, "INVALID_IE_CONTENTS": 100, "WRONG_CALL_STATE": 101, "RECOVERY_ON_TIMER_EXPIRE": 102,
    "MANDATORY_IE_LENGTH_ERROR": 103, "PROTOCOL_ERROR": 111, "INTERWORKING": 127,
}  # fmt: skip
"Name that FreeSWITCH and its relatives write -> Q.850 cause. Names of its own without a number are not here."

LOCATIONS: dict[str, str] = {
    "0": "U", "1": "LPN", "2": "LN", "3": "TN", "4": "RLN", "5": "RPN", "7": "INTL", "10": "BI",
}  # fmt: skip
"Location as Q.850 §2.2.3 numbers it -> token of RFC 8606 §4."

# 603; SIP 603 Decline; sip:603; SIP/2.0 603 ...; 603 Decline
_CODE = re.compile(
    r"\s*(?:sip(?:/2\.0)?[ :/=;-]*)?([1-6][0-9]{2})(?![0-9])(?:[ :;,]+[A-Za-z].*)?\s*", re.IGNORECASE | re.DOTALL
)
# sip_code=603, "sipCode": 603, hangupcause=...;code=603
_NAMED = re.compile(
    r"(?:sip[ _-]?(?:code|status|response|cause)|\bcode|\bstatus)[\"' ]*[:=][\"' ]*([1-6][0-9]{2})(?![0-9])",
    re.IGNORECASE,
)
# Q.850;cause=21, Q850 21, q.850:21
_CAUSE = re.compile(r"q\.?850[ :;=]*(?:cause=)?([0-9]{1,3})(?![0-9])", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)  # the same names of columns are asked for once for every profile
def plain(name: str) -> str:
    """A column name or a word of an outcome for comparison: lower case, letters and digits only."""
    return _PUNCTUATION.sub("", name.lower())


def code_of(text: str) -> int | None:
    """The SIP status that a text states, 100 to 699; None where it states none."""
    found = _CODE.fullmatch(text) or _NAMED.search(text)
    return int(found[1]) if found else None


def cause_of(text: str) -> int | None:
    """The Q.850 cause that a text states, 1 to 127, as a number or by its name; None where it states none."""
    word = text.strip()
    if word.isascii() and word.isdigit():
        number = int(word) if len(word) <= 3 else 0
    else:
        found = _CAUSE.search(word)
        number = int(found[1]) if found else CAUSE_NAMES.get(word.upper().replace(" ", "_"), 0)
    return number if 1 <= number <= 127 else None
