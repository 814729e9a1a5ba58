"""Rules about a whole message: what must be there, what must agree, what is out of range. One function, one concern."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ringthrough.errors import Problem

from .grammar import is_token
from .message import Message, Request, Response
from .problems import shown
from .uri import uri_faults

__all__ = ["request_problems", "response_problems", "shared_problems"]

MAGIC_COOKIE = "z9hG4bK"
"Beginning of a branch that names its transaction alone (RFC 3261 §8.1.1.7)."

_MANDATORY = (
    ("Via", "RFC 3261 §20.42"),
    ("From", "RFC 3261 §20.20"),
    ("To", "RFC 3261 §20.39"),
    ("Call-ID", "RFC 3261 §20.8"),
    ("CSeq", "RFC 3261 §20.16"),
)


def shared_problems(message: Message) -> Iterator[Problem]:
    """Rules that requests and responses share."""
    if message.version.upper() != "SIP/2.0":
        said = f"expected SIP/2.0, found {message.version}"
        yield Problem("wire-version", said, "start line", "RFC 3261 §7.1, §21.5.6", None, 505)
    for name, source in _MANDATORY:
        if name not in message.headers:
            yield Problem("wire-header-missing", f"expected {name}, found none", name, source, None, 400)
    cseq = message.cseq
    if cseq is not None and cseq.number >= 2**31:
        said = f"expected a number below 2**31, found {cseq.number}"
        yield Problem("wire-cseq-range", said, "CSeq", "RFC 3261 §8.1.1.5", None, 400)
    if message.body and "content-type" not in message.headers:
        yield Problem("wire-content-type-missing", f"expected Content-Type with a body of {len(message.body)} octets",
                      "Content-Type", "RFC 3261 §20.15", None, None)  # fmt: skip
    yield from _ranges(message)


def _ranges(message: Message) -> Iterator[Problem]:
    """RFC 3261 §20.10, §20.19, §20.33: seconds lie between 0 and 2**32 - 1."""
    seconds = [("Contact", contact.param("expires") or "") for contact in message.contact]
    if message.expires is not None:
        seconds.append(("Expires", str(message.expires)))
    if message.retry_after is not None:
        seconds.append(("Retry-After", str(message.retry_after.delay_s)))
    for where, value in seconds:
        digits = value.lstrip("0")
        if digits.isascii() and digits.isdigit() and (len(digits) > 10 or int(digits) >= 2**32):
            said = f"expected a number below 2**32, found {shown(value)}"
            yield Problem("wire-number-range", said, where, "RFC 3261 §20.19", None, 400)


def request_problems(request: Request, understands: Collection[str] | None) -> Iterator[Problem]:
    """Rules for requests."""
    if not is_token(request.method):
        said = f"expected a token, found {shown(request.method)}"
        yield Problem("wire-method", said, "start line", "RFC 3261 §7.1", None, 400)
    yield from _request_uri(request)
    cseq = request.cseq
    if cseq is not None and cseq.method != request.method:
        said = f"expected {request.method}, found {cseq.method}"
        yield Problem("wire-cseq-method-mismatch", said, "CSeq", "RFC 3261 §8.1.1.5", None, 400)
    if request.via:
        yield from _branch(request.via[0].branch)
    if request.from_ is not None and request.from_.tag is None:
        yield Problem("wire-from-no-tag", "expected a tag, found none", "From", "RFC 3261 §8.1.1.3", None, None)
    yield from _max_forwards(request)
    if request.method == "INVITE" and "contact" not in request.headers:
        yield Problem("wire-contact-missing", "expected Contact, found none", "Contact", "RFC 3261 §8.1.1.8")
    for tag in request.require if understands is not None else ():
        if understands is not None and tag not in understands:
            said = f"expected an option tag that is understood here, found {tag}"
            yield Problem("wire-require-unsupported", said, "Require", "RFC 3261 §8.2.2.3", None, 420)


def _request_uri(request: Request) -> Iterator[Problem]:
    text = request.uri_text
    where, source = "Request-URI", "RFC 3261 §19.1.1"
    if text[:1] == "<" and text[-1:] == ">":
        said = f"expected no angle brackets, found {shown(text)}"
        yield Problem("wire-uri-brackets", said, where, "RFC 3261 §7.1", None, 400)
    uri = request.uri
    if uri is None:
        yield Problem("wire-uri-syntax", f"expected a URI, found {shown(text)}", where, source, None, 400)
        return
    if uri.scheme not in ("sip", "sips", "tel"):
        said = f"expected sip, sips or tel, found {uri.scheme}"
        yield Problem("wire-uri-scheme", said, where, "RFC 3261 §8.2.2.1", None, 416)
    if uri.headers:
        said = f"expected no header fields, found {uri.headers[0][0]}"
        yield Problem("wire-uri-headers", said, where, source, None, 400)
    yield from uri_faults(uri, where)


def _branch(branch: str | None) -> Iterator[Problem]:
    source = "RFC 3261 §8.1.1.7"
    if branch is None or not branch.lower().startswith(MAGIC_COOKIE.lower()):
        said = f"expected a branch that begins with {MAGIC_COOKIE}, found {branch or 'none'}"
        yield Problem("wire-branch-2543", said, "Via", source, None, None)
    elif len(branch) == len(MAGIC_COOKIE):
        said = f"expected an identifier after {MAGIC_COOKIE}, found nothing"
        yield Problem("wire-branch-empty", said, "Via", source, None, 400)


def _max_forwards(request: Request) -> Iterator[Problem]:
    if "max-forwards" not in request.headers:
        said = "expected Max-Forwards, found none"
        yield Problem("wire-max-forwards-missing", said, "Max-Forwards", "RFC 3261 §8.1.1.6", None, None)
    elif request.max_forwards is not None and request.max_forwards > 255:
        said = f"expected at most 255, found {request.max_forwards}"
        yield Problem("wire-max-forwards-range", said, "Max-Forwards", "RFC 3261 §20.22", None, 400)


def response_problems(response: Response) -> Iterator[Problem]:
    """Rules for responses."""
    if not 100 <= response.status <= 699:
        said = f"expected 100 to 699, found {response.status}"
        yield Problem("wire-status-range", said, "start line", "RFC 3261 §7.2", None, None)
