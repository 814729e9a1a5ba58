"""Values of headers: one file per shape, one row per header in `table`. Each shape parses from text and keeps all."""

from .address import NameAddr, parse_address
from .call_info import CallInfo, parse_call_info
from .cseq import CSeq, parse_cseq
from .date import parse_date
from .feature_caps import FeatureCaps, parse_feature_caps
from .identity import IdentityValue, parse_identity
from .media_type import Disposition, MediaType, parse_disposition, parse_media_type
from .number import RAck, parse_number, parse_rack
from .reason import ReasonValue, parse_reason, split_reasons
from .retry_after import RetryAfter, parse_retry_after
from .session_id import SessionId, parse_session_id
from .table import ROWS, Row
from .timestamp import Timestamp, parse_timestamp
from .via import Via, parse_via
from .warning import WarningValue, parse_warning
from .word import parse_call_id, parse_text, parse_token

__all__ = [
    "ROWS",
    "CSeq",
    "CallInfo",
    "Disposition",
    "FeatureCaps",
    "IdentityValue",
    "MediaType",
    "NameAddr",
    "RAck",
    "ReasonValue",
    "RetryAfter",
    "Row",
    "SessionId",
    "Timestamp",
    "Via",
    "WarningValue",
    "parse_address",
    "parse_call_id",
    "parse_call_info",
    "parse_cseq",
    "parse_date",
    "parse_disposition",
    "parse_feature_caps",
    "parse_identity",
    "parse_media_type",
    "parse_number",
    "parse_rack",
    "parse_reason",
    "parse_retry_after",
    "parse_session_id",
    "parse_text",
    "parse_timestamp",
    "parse_token",
    "parse_via",
    "parse_warning",
    "split_reasons",
]
