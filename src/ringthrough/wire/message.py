"""
`Message`, `Request`, `Response`: what came in, with everything in it within reach. `Malformed`: what is no message.

Facts:
- Nothing here changes after it was made. A message keeps the octets it was read from, so encoding gives them back.
- A message is laid out when something behind its start line is first touched, and a header's value is parsed when that
  value is first touched; both are kept.
- A value that does not parse is left out of the typed access; `validate` lists it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from ringthrough.errors import Problem, RemoteError

from .fields import Headers
from .headers import table
from .headers.address import NameAddr
from .headers.call_info import CallInfo
from .headers.cseq import CSeq
from .headers.feature_caps import FeatureCaps
from .headers.identity import IdentityValue
from .headers.media_type import Disposition, MediaType
from .headers.number import RAck
from .headers.reason import ReasonValue
from .headers.retry_after import RetryAfter
from .headers.session_id import SessionId
from .headers.table import Row
from .headers.timestamp import Timestamp
from .headers.via import Via
from .headers.warning import WarningValue
from .layout import lay_out, oddities
from .uri import Uri, parse_uri

__all__ = ["Malformed", "Message", "Request", "Response"]

T = TypeVar("T")


class Malformed:
    """Octets that hold no SIP message: no start line could be made out."""

    __slots__ = ("data", "problems")

    def __init__(self, data: bytes, problems: tuple[Problem, ...]) -> None:
        self.data = data
        "The octets as received."
        self.problems = problems
        "Why they are no message; never empty."

    def __repr__(self) -> str:
        return f"Malformed({self.data[:40]!r}, {self.problems[0].code})"


class Message:
    """What requests and responses have in common. Made by `decode` and by the builders, never changed."""

    __slots__ = (
        "_body",
        "_body_at",
        "_headers",
        "_line_end",
        "_problems",
        "_stream",
        "_trailing",
        "_typed",
        "data",
        "version",
    )

    data: bytes | None
    "Octets as received; None for a message that was built."
    version: str
    "Version as sent, `SIP/2.0`."

    def _read_from(self, data: bytes, line_end: int, problems: tuple[Problem, ...], stream: bool) -> None:
        self.data = data
        self._line_end = line_end
        self._problems = problems
        self._stream = stream
        self._headers: Headers | None = None
        self._body: bytes | None = None
        self._trailing = b""
        self._typed: dict[str, Any] = {}

    def _build_from(self, headers: Headers, body: bytes) -> None:
        self.data = None
        self._line_end = self._body_at = -1
        self._problems = ()
        self._stream = False
        self._headers = headers
        self._body = body
        self._trailing = b""
        self._typed = {}

    def _opened(self) -> Headers:
        """Cut the header section, once."""
        lines, self._body_at = lay_out(self.data or b"", self._line_end)
        headers = self._headers = Headers.from_lines(lines)
        return headers

    def _measured(self) -> bytes:
        """Cut off body and trailing octets and note what is odd, once."""
        data = self.data or b""
        headers = self.headers
        found = oddities(data, self._line_end)
        begin, length = self._body_at, self.content_length
        end = len(data) if length is None else begin + length
        self._trailing = data[end:]
        if end > len(data):
            said = f"expected {length} octets of body, found {len(data) - begin}"
            found = (*found, Problem("wire-body-short", said, "Content-Length", "RFC 3261 §18.3", len(data), 400))
        if self._stream and "content-length" not in headers:
            said = "expected Content-Length on a stream, found none"
            missing = Problem("wire-content-length-missing", said, "Content-Length", "RFC 3261 §18.3", begin, 400)
            found = (*found, missing)
        self._problems += found
        body = self._body = data[begin:end]
        return body

    @property
    def headers(self) -> Headers:
        """The header fields, in order."""
        return self._headers if self._headers is not None else self._opened()

    @property
    def body(self) -> bytes:
        """The body, as long as Content-Length says; without one, everything after the empty line."""
        return self._body if self._body is not None else self._measured()

    @property
    def trailing(self) -> bytes:
        """Octets after the body, which a datagram may carry and the receiver ignores (RFC 3261 §18.3)."""
        if self._body is None:
            self._measured()
        return self._trailing

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was odd about the octets, before any header's value was looked at; see `validate` for all."""
        if self._body is None:
            self._measured()
        return self._problems

    def _all(self, row: Row[T]) -> tuple[T, ...]:
        found: tuple[T, ...] | None = self._typed.get(row.name)
        if found is not None:
            return found
        values: list[T] = []
        name, parse, split = row.name, row.parse, row.split
        headers = self._headers if self._headers is not None else self._opened()
        for text in headers.all_of(row.key):
            for part in split(text) if split is not None else (text,):
                if part:  # an empty element; `validate` reports it
                    try:
                        values.append(parse(part, name))
                    except RemoteError:
                        continue
        made = self._typed[row.name] = tuple(values)
        return made

    def _one(self, row: Row[T]) -> T | None:
        typed, name = self._typed, row.name
        if name in typed:
            kept: T | None = typed[name]
            return kept
        text = (self._headers if self._headers is not None else self._opened()).first_of(row.key)
        value = None
        if text is not None:
            try:
                value = row.parse(text, name)
            except RemoteError:
                value = None
        typed[name] = value
        return value

    @property
    def via(self) -> tuple[Via, ...]:
        """Every Via, the topmost first."""
        return self._all(table.VIA)

    @property
    def from_(self) -> NameAddr | None:
        """From."""
        return self._one(table.FROM)

    @property
    def to(self) -> NameAddr | None:
        """To."""
        return self._one(table.TO)

    @property
    def call_id(self) -> str | None:
        """Call-ID."""
        return self._one(table.CALL_ID)

    @property
    def cseq(self) -> CSeq | None:
        """CSeq."""
        return self._one(table.CSEQ)

    @property
    def contact(self) -> tuple[NameAddr, ...]:
        """Every Contact; `Contact: *` gives none."""
        return self._all(table.CONTACT)

    @property
    def route(self) -> tuple[NameAddr, ...]:
        """Every Route, in order."""
        return self._all(table.ROUTE)

    @property
    def record_route(self) -> tuple[NameAddr, ...]:
        """Every Record-Route, in order."""
        return self._all(table.RECORD_ROUTE)

    @property
    def max_forwards(self) -> int | None:
        """Max-Forwards."""
        return self._one(table.MAX_FORWARDS)

    @property
    def reason(self) -> tuple[ReasonValue, ...]:
        """Every Reason value of every Reason header, in order."""
        return self._all(table.REASON)

    @property
    def call_info(self) -> tuple[CallInfo, ...]:
        """Every Call-Info value."""
        return self._all(table.CALL_INFO)

    @property
    def identity(self) -> tuple[IdentityValue, ...]:
        """Every Identity, unverified."""
        return self._all(table.IDENTITY)

    @property
    def date(self) -> datetime | None:
        """Date, in UTC."""
        return self._one(table.DATE)

    @property
    def feature_caps(self) -> tuple[FeatureCaps, ...]:
        """Every Feature-Caps value."""
        return self._all(table.FEATURE_CAPS)

    @property
    def supported(self) -> tuple[str, ...]:
        """Option tags of Supported."""
        return self._all(table.SUPPORTED)

    @property
    def require(self) -> tuple[str, ...]:
        """Option tags of Require."""
        return self._all(table.REQUIRE)

    @property
    def proxy_require(self) -> tuple[str, ...]:
        """Option tags of Proxy-Require."""
        return self._all(table.PROXY_REQUIRE)

    @property
    def unsupported(self) -> tuple[str, ...]:
        """Option tags of Unsupported."""
        return self._all(table.UNSUPPORTED)

    @property
    def allow(self) -> tuple[str, ...]:
        """Methods of Allow."""
        return self._all(table.ALLOW)

    @property
    def rseq(self) -> int | None:
        """RSeq."""
        return self._one(table.RSEQ)

    @property
    def rack(self) -> RAck | None:
        """RAck."""
        return self._one(table.RACK)

    @property
    def retry_after(self) -> RetryAfter | None:
        """Retry-After."""
        return self._one(table.RETRY_AFTER)

    @property
    def warning(self) -> tuple[WarningValue, ...]:
        """Every Warning value."""
        return self._all(table.WARNING)

    @property
    def server(self) -> str | None:
        """Server."""
        return self._one(table.SERVER)

    @property
    def user_agent(self) -> str | None:
        """User-Agent."""
        return self._one(table.USER_AGENT)

    @property
    def p_asserted_identity(self) -> tuple[NameAddr, ...]:
        """Every P-Asserted-Identity."""
        return self._all(table.P_ASSERTED_IDENTITY)

    @property
    def diversion(self) -> tuple[NameAddr, ...]:
        """Every Diversion, the latest first."""
        return self._all(table.DIVERSION)

    @property
    def history_info(self) -> tuple[NameAddr, ...]:
        """Every History-Info, in order."""
        return self._all(table.HISTORY_INFO)

    @property
    def session_id(self) -> SessionId | None:
        """Session-ID."""
        return self._one(table.SESSION_ID)

    @property
    def timestamp(self) -> Timestamp | None:
        """Timestamp."""
        return self._one(table.TIMESTAMP)

    @property
    def expires(self) -> int | None:
        """Expires, seconds."""
        return self._one(table.EXPIRES)

    @property
    def content_type(self) -> MediaType | None:
        """Content-Type."""
        return self._one(table.CONTENT_TYPE)

    @property
    def content_length(self) -> int | None:
        """Content-Length, octets, as sent; `len(message.body)` is what is there."""
        return self._one(table.CONTENT_LENGTH)

    @property
    def content_disposition(self) -> Disposition | None:
        """Content-Disposition."""
        return self._one(table.CONTENT_DISPOSITION)

    @property
    def content_encoding(self) -> tuple[str, ...]:
        """Codings of Content-Encoding."""
        return self._all(table.CONTENT_ENCODING)

    @property
    def content_language(self) -> tuple[str, ...]:
        """Languages of Content-Language."""
        return self._all(table.CONTENT_LANGUAGE)


class Request(Message):
    """A request."""

    __slots__ = ("_uri", "method", "uri_text")

    method: str
    "Method as sent; methods are compared with regard to case (RFC 3261 §7.1)."
    uri_text: str
    "Request-URI as sent."

    def __init__(self, method: str, uri_text: str, version: str) -> None:
        self.method = method
        self.uri_text = uri_text
        self.version = version
        self._uri: Uri | bool | None = False

    @property
    def uri(self) -> Uri | None:
        """Request-URI, None when it does not parse. Angle brackets around it are forgiven and reported."""
        if isinstance(self._uri, bool):
            text = self.uri_text
            if text[:1] == "<" and text[-1:] == ">":
                text = text[1:-1]
            try:
                self._uri = parse_uri(text, "Request-URI")
            except RemoteError:
                self._uri = None
        return self._uri

    def __repr__(self) -> str:
        return f"Request({self.method!r}, {self.uri_text!r})"


class Response(Message):
    """A response."""

    __slots__ = ("phrase", "status")

    status: int
    "Status code as sent; `validate` reports one outside 100 to 699."
    phrase: str
    "Reason phrase as sent; may be empty."

    def __init__(self, status: int, phrase: str, version: str) -> None:
        self.status = status
        self.phrase = phrase
        self.version = version

    def __repr__(self) -> str:
        return f"Response({self.status}, {self.phrase!r})"
