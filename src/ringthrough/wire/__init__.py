"""
Octets to SIP messages and back: RFC 3261 and what has grown on it.

`decode` takes whatever the wire carries and never raises; `validate` says what is wrong with it and which answer is
owed; `encode` gives back the octets that came in. Values of headers are parsed when they are touched. What is unknown
stays in its place, as sent.
"""

from .build import build_request, build_response, respond
from .decode import decode
from .encode import encode
from .fields import Headers
from .grammar import is_token, quote, split_list, unquote
from .headers import (
    CallInfo,
    CSeq,
    Disposition,
    FeatureCaps,
    IdentityValue,
    MediaType,
    NameAddr,
    RAck,
    ReasonValue,
    RetryAfter,
    SessionId,
    Timestamp,
    Via,
    WarningValue,
    parse_address,
    parse_reason,
)
from .message import Malformed, Message, Request, Response
from .params import Param, format_params, parse_params
from .problems import PROBLEMS
from .uri import Uri, parse_uri, unescape
from .validate import validate

__all__ = [
    "PROBLEMS",
    "CSeq",
    "CallInfo",
    "Disposition",
    "FeatureCaps",
    "Headers",
    "IdentityValue",
    "Malformed",
    "MediaType",
    "Message",
    "NameAddr",
    "Param",
    "RAck",
    "ReasonValue",
    "Request",
    "Response",
    "RetryAfter",
    "SessionId",
    "Timestamp",
    "Uri",
    "Via",
    "WarningValue",
    "build_request",
    "build_response",
    "decode",
    "encode",
    "format_params",
    "is_token",
    "parse_address",
    "parse_params",
    "parse_reason",
    "parse_uri",
    "quote",
    "respond",
    "split_list",
    "unescape",
    "unquote",
    "validate",
]
