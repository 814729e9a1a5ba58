"""What the codec can find wrong with a message: one slug, one sentence."""

from __future__ import annotations

from ringthrough.errors import Problem, RemoteError

__all__ = ["PROBLEMS", "fault", "shown"]

PROBLEMS: dict[str, str] = {
    "wire-address-syntax": "A name-addr or addr-spec holds no address: the closing bracket or the URI is missing.",
    "wire-address-unbracketed": "A URI with a comma or question mark stands without the angle brackets it needs.",
    "wire-bare-cr": "A carriage return stands alone inside a header line.",
    "wire-bare-lf": "Lines end in LF where CRLF is due; read all the same.",
    "wire-body-short": "Content-Length promises more octets than there are: the message was cut, or it is wrong.",
    "wire-branch-2543": "The topmost Via has no branch that starts with z9hG4bK, as elements of RFC 2543 send it.",
    "wire-branch-empty": "The branch of the topmost Via is the magic cookie alone, so it names no transaction.",
    "wire-call-info-syntax": "A Call-Info value is not a URI in angle brackets with parameters.",
    "wire-contact-missing": "An INVITE carries no Contact.",
    "wire-content-length-missing": "A message on a stream has no Content-Length, so its end cannot be told.",
    "wire-content-type-missing": "A message has a body and no Content-Type.",
    "wire-cseq-method-mismatch": "The method of the CSeq is not the method of the request.",
    "wire-cseq-range": "The number of a CSeq is 2**31 or more.",
    "wire-date": "A Date is not an RFC 1123 date in GMT.",
    "wire-display-name": "An unquoted display name holds characters that only a quoted string may hold.",
    "wire-empty": "There are no octets, or only line ends: a keep-alive, not a message.",
    "wire-feature-caps-syntax": "A Feature-Caps value does not begin with an asterisk.",
    "wire-fold-at-start": "The first header line begins with white space, so it continues nothing.",
    "wire-from-no-tag": "The From has no tag, as elements of RFC 2543 send it.",
    "wire-head-too-large": "The header section is larger than any UDP datagram.",
    "wire-head-unterminated": "No empty line ends the header section: the message was cut, or badly made.",
    "wire-header-break": "A value given to a builder holds a line break or NUL, which would smuggle in headers.",
    "wire-header-missing": "A header that every message must carry is missing.",
    "wire-header-name": "The name of a header is no token.",
    "wire-header-no-colon": "A line of the header section has no colon; it was left out of the headers.",
    "wire-header-repeated": "A header that may stand once stands several times; the first one counts.",
    "wire-identity-syntax": "An Identity value is not a signed digest followed by parameters.",
    "wire-leading-crlf": "Empty lines stand before the start line; skipped.",
    "wire-list-empty": "A comma list has an empty element.",
    "wire-max-forwards-missing": "The request has no Max-Forwards, as elements of RFC 2543 send it.",
    "wire-max-forwards-range": "Max-Forwards is more than 255.",
    "wire-media-type": "A media type is not two tokens with a slash between them.",
    "wire-method": "The method is no token.",
    "wire-not-encodable": "A text given to a builder cannot be written as UTF-8.",
    "wire-number": "A header that holds a whole number holds something else.",
    "wire-number-range": "A whole number is larger than its header allows (2**32 - 1).",
    "wire-param-empty": "Two semicolons stand with no parameter between them, or one stands at the end.",
    "wire-quote-open": "A quoted string is never closed.",
    "wire-rack-syntax": "A RAck is not two numbers and a method.",
    "wire-reason-no-protocol": "A Reason value has no protocol in front of its parameters.",
    "wire-require-unsupported": "The request requires an extension that the server does not understand.",
    "wire-session-id-syntax": "A Session-ID is not 32 lower-case hexadecimal digits with parameters.",
    "wire-start-line": "The first line is no SIP request line and no SIP status line.",
    "wire-start-line-space": "White space stands in the start line where none may: twice, in the URI, or at the end.",
    "wire-status-range": "The status of a response lies outside 100 to 699.",
    "wire-timestamp-syntax": "A Timestamp is not a decimal number with an optional delay.",
    "wire-token": "A value that must be one word, a token, is not.",
    "wire-too-many-headers": "The message has more header lines than any honest one.",
    "wire-uri-brackets": "The Request-URI stands in angle brackets.",
    "wire-uri-characters": "A URI holds characters that must be escaped there.",
    "wire-uri-headers": "The Request-URI carries header fields after a question mark.",
    "wire-uri-scheme": "The scheme of the Request-URI is none of sip, sips and tel.",
    "wire-uri-space": "White space stands inside the brackets of an address.",
    "wire-uri-syntax": "A URI has no scheme, no host, or a port that is no number.",
    "wire-version": "The message claims another version than SIP/2.0.",
    "wire-via-syntax": "A Via value is not protocol, transport, host and parameters.",
    "wire-warning-syntax": "A Warning value is not three digits, an agent and a quoted text.",
}
"Every slug of this room, with the sentence that docs/reference/problems.md prints."


def shown(text: str) -> str:
    """The text as a detail quotes it: in quotes, escaped, and cut after 60 characters."""
    return repr(text if len(text) <= 60 else text[:57] + "...")


def fault(code: str, expected: str, found: str, where: str, source: str, status: int = 400) -> RemoteError:
    """The error of a value that cannot be represented, in the form `expected ..., found ...`."""
    return RemoteError(Problem(code, f"expected {expected}, found {shown(found)}", where, source, None, status))
