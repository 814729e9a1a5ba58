"""
Compact JWS over ES256: three parts, two dots, one line.

The octets that came are the octets that are verified: a token keeps its parts as received, and nothing is ever put
together anew from what was read (RFC 7515 §5.2). The one exception is the compact form of a PASSporT, which leaves
header and content out; `Token.with_content` takes both as octets from whoever rebuilt them (RFC 8225 §7).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringthrough.errors import LocalError, Problem, RemoteError

from .base64url import decode_segment, encode_segment
from .keys import PrivateKey, PublicKey
from .objects import read_object, write_object
from .problems import fault, problem, shown

__all__ = ["MAX_TOKEN", "Token", "make_token", "read_token", "verify_token"]

MAX_TOKEN = 8192
"Octets of a token unless the caller says otherwise; a SHAKEN PASSporT has 400, nginx takes 8 KiB for a header line."

_COMPACT = "RFC 7515 §7.1"


@dataclass(frozen=True, slots=True)
class Token:
    """A compact JWS, taken apart and not verified."""

    protected: bytes
    "First part as received, base64url; empty in the compact form of RFC 8225 §7."
    payload_part: bytes
    "Second part as received, base64url; empty where the content is detached."
    signature_part: bytes
    "Third part as received, base64url."
    header: dict[str, Any]
    "The first part as a JSON object; empty where there is none."
    payload: bytes
    "Octets of the second part."
    signature: bytes
    "Octets of the third part: of any length, `verify_token` looks at it."

    @property
    def signing_input(self) -> bytes:
        """The octets that are signed: both parts as received, with the dot between them (RFC 7515 §5.1)."""
        return b"%b.%b" % (self.protected, self.payload_part)

    @property
    def detached(self) -> bool:
        """Is the content left out?"""
        return not self.payload_part

    def with_content(self, header: bytes, payload: bytes) -> Token:
        """
        The token with a header and content that were left out, given as the octets that were signed.

        Raises:
            RemoteError: the header is no JSON object.

        Source: RFC 8225 §7; RFC 7515 appendix F
        """
        return Token(
            encode_segment(header),
            encode_segment(payload),
            self.signature_part,
            read_object(header, "header"),
            payload,
            self.signature,
        )

    def __bytes__(self) -> bytes:
        return b"%b.%b.%b" % (self.protected, self.payload_part, self.signature_part)


def read_token(octets: bytes | str, *, detached: bool = False, limit: int = MAX_TOKEN) -> Token:
    """
    The parts of a token; verifies nothing.

    Args:
        octets: the token alone, without white space around it.
        detached: the content is left out, as in `header..signature` and in `..signature`.
        limit: octets that a token may have.

    Raises:
        RemoteError: too long, not one line, not three parts, not strict base64url, or a header that is no JSON object
            or names a member twice.

    Source: RFC 7515 §5.2, §7.1, appendix F; RFC 7519 §3; RFC 8225 §7
    """
    if len(octets) > limit:
        raise fault("jose-token-large", f"expected at most {limit} octets, found {len(octets)}", "token")
    data = octets.encode("utf-8", "replace") if isinstance(octets, str) else octets
    parts = data.split(b".")
    if len(parts) != 3:
        raise _not_three(data, len(parts))
    protected, payload_part, signature_part = parts
    if not signature_part:
        raise fault("jose-token-parts", "expected a signature, found nothing after the second dot", "token", _COMPACT)
    if detached:
        if payload_part:
            detail = "expected a token without content, found content"
            raise fault("jose-token-detached", detail, "token", "RFC 7515 appendix F")
    elif not protected or not payload_part:
        detail = "expected a header and content, found an empty part"
        raise fault("jose-token-detached", detail, "token", _COMPACT)
    header = read_object(decode_segment(protected, "header"), "header") if protected else {}
    payload = decode_segment(payload_part, "payload")
    signature = decode_segment(signature_part, "signature")
    return Token(protected, payload_part, signature_part, header, payload, signature)


def make_token(header: Mapping[str, Any], payload: bytes, key: PrivateKey) -> bytes:
    """
    A signed token. Nothing is added to the header, and its members stay in their order.

    Args:
        header: what is protected; `alg` must be ES256, and `crit` must not be there.
        payload: the octets of the content, as they are to be signed.
        key: signs.

    Raises:
        LocalError: the header is for another algorithm, has `crit`, or cannot be said in JSON.

    Source: RFC 7515 §5.1, §7.1
    """
    found = _wrong_header(header)
    if found is not None:
        raise LocalError(Problem("jose-token-header", found.detail, "header", found.source))
    signing_input = b"%b.%b" % (encode_segment(write_object(header)), encode_segment(payload))
    return b"%b.%b" % (signing_input, encode_segment(key.sign(signing_input)))


def verify_token(token: Token, key: PublicKey) -> Problem | None:
    """
    What is wrong with the signature of a token: None when the key signed these octets with ES256.

    The algorithm is not looked up by what the token says: there is one, and a token that names another (`none`, HS256,
    in whatever case) is refused before any arithmetic. `x5u`, `kid`, `jwk` and their like choose nothing here.

    Source: RFC 7515 §5.2, §4.1.11; RFC 7518 §3.4; RFC 8725 §3.1
    """
    found = _wrong_header(token.header)
    if found is not None:
        return found
    length = len(token.signature)
    if length != 64:
        if 66 <= length <= 72 and token.signature[0] == 0x30 and token.signature[1] == length - 2:
            detail = f"expected r and s in 64 octets, found DER of {length}"
            return problem("jose-token-signature-der", detail, "signature", "RFC 7518 §3.4")
        detail = f"expected 64 octets, found {length}"
        return problem("jose-token-signature-length", detail, "signature", "RFC 7518 §3.4")
    if not key.verify(token.signing_input, token.signature):
        detail = "expected the signature of these octets by this key, found another"
        return problem("jose-token-signature", detail, "signature", "RFC 7515 §5.2")
    return None


def _wrong_header(header: Mapping[str, Any]) -> Problem | None:
    algorithm = header.get("alg")
    # RFC 7515 §4.1.1: the value is case-sensitive, so "es256" is another one.
    if algorithm != "ES256":
        detail = f"expected alg ES256, found {shown(algorithm) if 'alg' in header else 'none'}"
        return problem("jose-token-alg", detail, "header", "RFC 8225 §4.1; RFC 7518 §3.1")
    if "crit" in header:
        detail = f"expected no critical extensions, found {shown(header['crit'])}"
        return problem("jose-token-crit", detail, "header", "RFC 7515 §4.1.11")
    return None


def _not_three(data: bytes, parts: int) -> RemoteError:
    """The error for octets that are no token, said so that the reader sees what they may be."""
    if data[:1] == b"{":
        return fault("jose-token-json-form", "expected the compact form, found a JSON object", "token", "RFC 7519 §3")
    detail = f"expected three parts with two dots, found {parts}"
    return fault("jose-token-parts", detail, "token", _COMPACT)
