"""What can be wrong with a token, a key, a certificate or a chain: one slug, one sentence."""

from __future__ import annotations

from ringthrough.errors import Problem, RemoteError

__all__ = ["PROBLEMS", "fault", "problem", "shown"]

PROBLEMS: dict[str, str] = {
    "jose-base64-alphabet": "A part of a token holds a character that base64url has not.",
    "jose-base64-length": "A part of a token has a length that no base64url text has.",
    "jose-base64-padding": "A part of a token is padded with '=', which a compact JWS never is.",
    "jose-base64-trailing-bits": "The last character of a part of a token carries bits that stand for nothing.",
    "jose-certificate-constraints": "The claim constraints of a certificate cannot be read, so they cannot be kept.",
    "jose-certificate-der": "A certificate is not the DER that RFC 5280 describes.",
    "jose-certificate-extension": "An extension of a certificate cannot be read.",
    "jose-certificate-key": "The public key of a certificate cannot be used, or is of a kind that is not accepted.",
    "jose-certificate-key-usage-bits": "The key usage is encoded with trailing zero bits, which DER forbids; read.",
    "jose-certificate-none": "There is no certificate in the octets.",
    "jose-certificate-parameters": "An ECDSA signature algorithm carries NULL as parameters, where none are due; read.",
    "jose-certificate-pem": "A PEM block has no end or is not base64.",
    "jose-certificate-serial": "The serial number is not positive, or is longer than 20 octets.",
    "jose-certificate-tn-auth-list": "The TNAuthList of a certificate cannot be read, so it says nothing.",
    "jose-certificate-too-many": "There are more certificates or lists than are looked at.",
    "jose-certificate-version": "A certificate with extensions is not of version 3.",
    "jose-chain-bad-signature": "No certificate of the issuer's name holds the key that signed a link of the chain.",
    "jose-chain-critical-extension": "A certificate has a critical extension that is not understood.",
    "jose-chain-expired": "A certificate of the chain was no longer valid at that time.",
    "jose-chain-incomplete": "The issuer of a certificate is neither in the chain nor an anchor.",
    "jose-chain-key-usage": "The key usage of a certificate does not allow what it was used for.",
    "jose-chain-no-anchors": "There is no trust anchor to end a chain.",
    "jose-chain-not-a-ca": "A certificate that is not for a certification authority signed another.",
    "jose-chain-not-yet-valid": "A certificate of the chain was not valid yet at that time.",
    "jose-chain-out-of-order": "The end-entity certificate is not the first of the chain; the order was mended.",
    "jose-chain-out-of-scope": "A delegated certificate speaks for numbers or providers that its issuer does not have.",
    "jose-chain-path-length": "There are more certification authorities below one than its path length allows.",
    "jose-chain-revoked": "A certificate of the chain was revoked at that time.",
    "jose-chain-too-long": "The search for a path was given up: too many certificates or signatures.",
    "jose-chain-unreadable": "A certificate of the chain cannot be read far enough to be trusted.",
    "jose-chain-scope-unknown": "A delegate's numbers cannot be compared with the provider code of its issuer.",
    "jose-chain-untrusted-root": "The chain ends in a self-signed certificate that is no trust anchor.",
    "jose-chain-wrong-key": "The end-entity certificate holds no P-256 key, so it cannot have signed with ES256.",
    "jose-claims-excluded": "A token carries a claim that the constraints of its certificate forbid.",
    "jose-claims-missing": "A token lacks a claim that the constraints of its certificate require.",
    "jose-claims-value": "A claim has a value that the constraints of its certificate do not permit.",
    "jose-crl-der": "A revocation list is not the DER that RFC 5280 describes.",
    "jose-crl-ignored": "A revocation list was left out: signed by nobody known here, or its signature is wrong.",
    "jose-crl-later": "A certificate was revoked, after the time that is asked about.",
    "jose-crl-none": "There is no revocation list in the octets.",
    "jose-crl-stale": "A revocation list was out of date at that time; what it revokes is revoked all the same.",
    "jose-der": "The octets are not DER.",
    "jose-json-constant": "JSON holds NaN or Infinity, or a number beyond the range of a double.",
    "jose-json-depth": "JSON is nested deeper than anything in this trade.",
    "jose-json-duplicate": "A JSON object names a member twice, so readers could disagree on its value.",
    "jose-json-not-object": "JSON is well-formed and no object.",
    "jose-json-surrogate": "A JSON string holds half a surrogate pair, which is no text.",
    "jose-json-syntax": "The octets are not JSON.",
    "jose-json-utf8": "JSON is not in UTF-8.",
    "jose-key-encrypted": "A private key is encrypted, and the password is missing or wrong.",
    "jose-key-kind": "A key is not an elliptic-curve key on P-256, the only kind ES256 has.",
    "jose-key-seed": "The seed of a key has fewer than 16 octets.",
    "jose-key-unreadable": "The octets hold no key that can be read.",
    "jose-issue-value": "A certificate or list cannot be made from the values given.",
    "jose-tn-auth-list-count": "A range of a TNAuthList counts fewer than two numbers, or runs over its own length.",
    "jose-tn-auth-list-empty": "A TNAuthList has no entry.",
    "jose-tn-auth-list-entry": "An entry of a TNAuthList is no provider code, range or number.",
    "jose-tn-auth-list-large": "A TNAuthList is larger than any certificate should carry.",
    "jose-tn-auth-list-number": "A number of a TNAuthList is not 1 to 15 digits, '#' or '*'.",
    "jose-token-alg": "The algorithm of a token is not ES256; no other is accepted, least of all 'none'.",
    "jose-token-crit": "A token demands extensions with 'crit', and none is supported.",
    "jose-token-detached": "A token has no header or no content where a whole one is due, or has them where none is.",
    "jose-token-header": "The header to be signed is not one that JSON can say, or is not for ES256.",
    "jose-token-json-form": "A JWS is in its JSON form; RFC 7519 allows only the compact one.",
    "jose-token-large": "A token is longer than the limit.",
    "jose-token-not-one-line": "A token holds a space or line break; it is one line.",
    "jose-token-parts": "A token is not three parts with two dots.",
    "jose-token-signature": "The signature does not fit the octets and the key.",
    "jose-token-signature-der": "The signature is in DER, where ES256 has 64 octets, r and s.",
    "jose-token-signature-length": "The signature does not have the 64 octets of ES256.",
}
"Every slug of this room, with the sentence that docs/reference/problems.md prints."

_LONGEST = 60


def shown(value: object) -> str:
    """A value for a message, cut to a length that keeps the message on a line."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nested without end, or an integer of thousands of digits
        text = f"a {type(value).__name__} too large to show"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def problem(code: str, detail: str, where: str = "", source: str = "", at: int | None = None) -> Problem:
    """A `Problem` of this room."""
    return Problem(code, detail, where, source, at)


def fault(code: str, detail: str, where: str = "", source: str = "", at: int | None = None) -> RemoteError:
    """The error for octets that break their grammar."""
    return RemoteError(Problem(code, detail, where, source, at))
