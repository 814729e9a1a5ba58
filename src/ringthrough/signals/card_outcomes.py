"""What became of a contact card, as slugs. Apart from `card`, so that a reader of slugs loads no cryptography."""

from __future__ import annotations

__all__ = ["CARD_OUTCOMES", "CARD_REASONS"]

CARD_OUTCOMES: dict[str, str] = {
    "not_checked": "There is a card, and nobody fetched it or was given it.",
    "not_fetched": "The card was to be fetched and did not come.",
    "unreadable": "What came is no card: no compact JWS, or one without header, claims or jCard that can be read.",
    "unsigned": "It is a card without a signature: it proves nothing.",
    "no_contact": "The card names no contact that could be used.",
    "bad_header": "The header is not that of a card: typ, alg or x5u is missing or another (RFC 8688 §3.2.1).",
    "no_certificate": "The certificate of the signer is not at hand, so that the signature could not be checked.",
    "bad_signature": "The signature is not that of the certificate's key: somebody else wrote or changed the card.",
    "untrusted": "The signature is good, and no chain leads from its certificate to an anchor that is trusted.",
    "stale": "Signed and trusted, and its time fits neither the call nor now: an old card may be a replay.",
    "verified": "Signed by the key of a trusted certificate, fresh, and names a contact.",
}
"Slug of the outcome -> what it means; the first that applies, in this order."

CARD_REASONS: dict[str, str] = {
    "no_token": "There is no compact JWS to check.",
    "unsigned": "There is no signature.",
    "algorithm": "The header does not say ES256, the one algorithm that is accepted.",
    "critical": "The header names an extension that has to be understood and is not.",
    "signature_form": "The signature is not r and s in 64 octets (RFC 7518 §3.4).",
    "no_certificate": "No certificate was given.",
    "no_usable_key": "No certificate that was given has a P-256 key.",
    "key_does_not_fit": "The signature belongs to none of the certificates that were given.",
    "not_checked": "Without a valid signature there is nobody to check.",
    "signature_valid": "The signature over the octets as received is that of the certificate's key.",
    "number_covered": "The certificate covers the called number.",
    "carrier_named": "The certificate names the carrier that serves the called number.",
    "domain_named": "The certificate names the domain of a contact on the card.",
    "names_differ": "The certificate names neither the carrier that was expected nor the domain of a contact.",
    "nothing_to_compare": "Neither a carrier nor a domain is known to compare the certificate with.",
    "fresh": "It was signed within the time that is allowed.",
    "too_old": "It was signed too long before.",
    "ahead": "It was signed later than that, by more than clocks may differ.",
    "no_iat": "It does not say when it was signed.",
    "call_time_unknown": "It is not known when the call was refused.",
}
"Slug of the reason of one answer -> what it means. The answer about the chain has the slugs of `jose` instead."
