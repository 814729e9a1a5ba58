"""
The table of headers: which shape a header's value has, how often it may stand, and where that is written.

A header is one row. What has no row is kept as text, in order, and is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ringthrough.errors import Problem

from ..grammar import split_list
from ..names import key_of
from .address import address_faults, parse_address, split_contacts
from .call_info import parse_call_info
from .cseq import parse_cseq
from .date import parse_date
from .feature_caps import parse_feature_caps
from .identity import parse_identity
from .media_type import parse_disposition, parse_media_type
from .number import parse_number, parse_rack
from .reason import parse_reason, split_reasons
from .retry_after import parse_retry_after
from .session_id import parse_session_id
from .timestamp import parse_timestamp
from .via import parse_via
from .warning import parse_warning
from .word import parse_call_id, parse_text, parse_token

__all__ = ["ROWS", "Row"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row(Generic[T]):
    """One header."""

    name: str
    "Its long name."
    key: str = field(init=False)
    "The name under which it is filed."
    parse: Callable[[str, str], T]
    "Reads one value, given its text and the header's name; raises RemoteError for what cannot be represented."
    source: str
    "Where it is written."
    split: Callable[[str], list[str]] | None = None
    "Cuts one header into its values; None where a header holds one value and commas mean nothing."
    repeats: bool = False
    "May the header stand more than once?"
    may_be_empty: bool = False
    "May the header have no value at all?"
    faults: Callable[[str, str], Iterator[Problem]] | None = None
    "What is illegal in a value that parses all the same."

    has_params: bool = True
    "Do parameters follow the value, so that semicolons and quotes in it mean something?"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", key_of(self.name))


VIA = Row("Via", parse_via, "RFC 3261 §20.42", split_list, repeats=True)
FROM = Row("From", parse_address, "RFC 3261 §20.20", faults=address_faults)
TO = Row("To", parse_address, "RFC 3261 §20.39", faults=address_faults)
CALL_ID = Row("Call-ID", parse_call_id, "RFC 3261 §20.8", has_params=False)
CSEQ = Row("CSeq", parse_cseq, "RFC 3261 §20.16")
CONTACT = Row("Contact", parse_address, "RFC 3261 §20.10", split_contacts, repeats=True, faults=address_faults)
ROUTE = Row("Route", parse_address, "RFC 3261 §20.34", split_list, repeats=True, faults=address_faults)
RECORD_ROUTE = Row("Record-Route", parse_address, "RFC 3261 §20.30", split_list, repeats=True, faults=address_faults)
MAX_FORWARDS = Row("Max-Forwards", parse_number, "RFC 3261 §20.22")
REASON = Row("Reason", parse_reason, "RFC 3326 §2", split_reasons, repeats=True)
CALL_INFO = Row("Call-Info", parse_call_info, "RFC 3261 §20.9", split_list, repeats=True)
IDENTITY = Row("Identity", parse_identity, "RFC 8224 §4", repeats=True)
DATE = Row("Date", parse_date, "RFC 3261 §20.17")
FEATURE_CAPS = Row("Feature-Caps", parse_feature_caps, "RFC 6809 §6.2.1", split_list, repeats=True)
SUPPORTED = Row("Supported", parse_token, "RFC 3261 §20.37", split_list, repeats=True, may_be_empty=True)
REQUIRE = Row("Require", parse_token, "RFC 3261 §20.32", split_list, repeats=True)
PROXY_REQUIRE = Row("Proxy-Require", parse_token, "RFC 3261 §20.29", split_list, repeats=True)
UNSUPPORTED = Row("Unsupported", parse_token, "RFC 3261 §20.40", split_list, repeats=True)
ALLOW = Row("Allow", parse_token, "RFC 3261 §20.5", split_list, repeats=True, may_be_empty=True)
RSEQ = Row("RSeq", parse_number, "RFC 3262 §7.1")
RACK = Row("RAck", parse_rack, "RFC 3262 §7.2")
RETRY_AFTER = Row("Retry-After", parse_retry_after, "RFC 3261 §20.33")
WARNING = Row("Warning", parse_warning, "RFC 3261 §20.43", split_list, repeats=True)
SERVER = Row("Server", parse_text, "RFC 3261 §20.35", may_be_empty=True, has_params=False)
USER_AGENT = Row("User-Agent", parse_text, "RFC 3261 §20.41", may_be_empty=True, has_params=False)
P_ASSERTED_IDENTITY = Row(
    "P-Asserted-Identity", parse_address, "RFC 3325 §9.1", split_list, repeats=True, faults=address_faults
)
DIVERSION = Row("Diversion", parse_address, "RFC 5806 §8.2", split_list, repeats=True, faults=address_faults)
HISTORY_INFO = Row("History-Info", parse_address, "RFC 7044 §5.1", split_list, repeats=True, faults=address_faults)
SESSION_ID = Row("Session-ID", parse_session_id, "RFC 7989 §5")
TIMESTAMP = Row("Timestamp", parse_timestamp, "RFC 3261 §20.38")
EXPIRES = Row("Expires", parse_number, "RFC 3261 §20.19")
CONTENT_TYPE = Row("Content-Type", parse_media_type, "RFC 3261 §20.15")
CONTENT_LENGTH = Row("Content-Length", parse_number, "RFC 3261 §20.14")
CONTENT_DISPOSITION = Row("Content-Disposition", parse_disposition, "RFC 3261 §20.11")
CONTENT_ENCODING = Row("Content-Encoding", parse_token, "RFC 3261 §20.12", split_list, repeats=True)
CONTENT_LANGUAGE = Row("Content-Language", parse_token, "RFC 3261 §20.13", split_list, repeats=True)

ROWS: dict[str, Row[Any]] = {
    row.key: row
    for row in (
        VIA, FROM, TO, CALL_ID, CSEQ, CONTACT, ROUTE, RECORD_ROUTE, MAX_FORWARDS, REASON, CALL_INFO, IDENTITY, DATE,
        FEATURE_CAPS, SUPPORTED, REQUIRE, PROXY_REQUIRE, UNSUPPORTED, ALLOW, RSEQ, RACK, RETRY_AFTER, WARNING, SERVER,
        USER_AGENT, P_ASSERTED_IDENTITY, DIVERSION, HISTORY_INFO, SESSION_ID, TIMESTAMP, EXPIRES, CONTENT_TYPE,
        CONTENT_LENGTH, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    )
}  # fmt: skip
"Every header we know, by its key."
