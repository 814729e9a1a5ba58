"""
Proof: tokens signed with ES256, and the certificates that say who signed.

`read_token` takes a compact JWS apart and `verify_token` verifies the octets as they came; there is one algorithm, so
no token can choose. `read_certificates` and `check_chain` say whether a certificate is to be trusted at a time, by the
anchors an operator configured, and `TNAuthList` for which providers and numbers it speaks. Bad tokens, certificates
and chains are values with reasons; nothing is fetched, and no clock is read. `issuing` makes certificates for made-up
traffic and tests. This room alone imports `cryptography`.
"""

from .base64url import decode_segment, encode_segment
from .certificate import Certificate, read_certificates
from .chain import OUTCOMES, Anchors, ChainOutcome, check_chain
from .constraints import ClaimConstraints
from .keys import PrivateKey, PublicKey, derive_key, generate_key, read_private_key, read_public_key
from .objects import read_object, write_object
from .problems import PROBLEMS
from .revocation import RevocationList, Revoked, read_revocation_lists
from .tnauthlist import NumberRange, TNAuthList, read_tn_auth_list
from .token import MAX_TOKEN, Token, make_token, read_token, verify_token

__all__ = [
    "MAX_TOKEN",
    "OUTCOMES",
    "PROBLEMS",
    "Anchors",
    "Certificate",
    "ChainOutcome",
    "ClaimConstraints",
    "NumberRange",
    "PrivateKey",
    "PublicKey",
    "RevocationList",
    "Revoked",
    "TNAuthList",
    "Token",
    "check_chain",
    "decode_segment",
    "derive_key",
    "encode_segment",
    "generate_key",
    "make_token",
    "read_certificates",
    "read_object",
    "read_private_key",
    "read_public_key",
    "read_revocation_lists",
    "read_tn_auth_list",
    "read_token",
    "verify_token",
    "write_object",
]
