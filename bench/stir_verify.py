"""
How fast an Identity is verified, beside `openssl speed ecdsap256` in the same run (skipped by name without openssl).

- `primitive`: one ES256 signature over the octets of a PASSporT, with a key that is at hand.
- `identity`: text of an Identity header to its outcome, certificate chain known from the call before: token and claims
  read, parameters against token, caller and called against the request, times, trust and constraints of the
  certificate, signature. The rest of the request has been read already, as a gate does before it asks.
- `message`: octets of an INVITE to the outcome of its Identity.
- `sign`: facts of a call to the text of an Identity header.
- last lines: `primitive` and `identity` in two threads against one, by the clock on the wall.

Short rounds of everything alternate, since other programs run too; each figure is the best round, in processor time of
one thread (two threads in wall time). openssl counts its own processor time, in every tenth round.

    python bench/stir_verify.py [--rounds N] [--calls N]
"""

from __future__ import annotations

import argparse
import platform
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ringthrough import jose, wire
from ringthrough.jose.issuing import make_authority
from ringthrough.stir import sign, verify

AT_S = 1_767_225_600.0
YEAR_S = 365 * 86_400.0
URL = "https://cert.example.org/provider.pem"
UUID = "123e4567-e89b-12d3-a456-426655440000"
THREADED = ("primitive", "identity")
KEY = jose.derive_key(b"bench of stir: the provider")


def scene() -> tuple[bytes, dict[str, tuple[jose.Certificate, ...]], jose.Anchors]:
    life = {"not_before_s": AT_S - YEAR_S, "not_after_s": AT_S + YEAR_S}
    authority = make_authority(b"bench of stir: authority", **life)
    chain = authority.leaf(KEY.public, spc="709J", serial=9, **life)
    headers = [
        ("Via", "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK776asdhds;rport"),
        ("Max-Forwards", "69"),
        ("From", '"Alice Liddell" <sip:+12155550112@example.com;user=phone>;tag=1928301774'),
        ("To", "<sip:+12155550113@carrier.example.net;user=phone>"),
        ("Call-ID", "a84b4c76e66710@pbx.example.com"),
        ("CSeq", "314159 INVITE"),
        ("Contact", "<sip:+12155550112@192.0.2.1:5060>"),
        ("Identity", signed()),
    ]
    request = wire.build_request("INVITE", "sip:+12155550113@carrier.example.net;user=phone", headers)
    return wire.encode(request), {URL: chain}, jose.Anchors([authority.root])


def signed() -> str:
    return sign("12155550112", "12155550113", key=KEY, x5u=URL, at_s=AT_S, attest="A", origid=UUID)


def openssl() -> tuple[float, float] | None:
    """Signatures and verifications of P-256 per second of processor time."""
    program = shutil.which("openssl")
    if program is None:
        return None
    done = subprocess.run([program, "speed", "-seconds", "1", "ecdsap256"], capture_output=True, text=True, check=True)
    last = re.findall(r"([0-9.]+)\s+([0-9.]+)\s*$", done.stdout)
    return (float(last[-1][0]), float(last[-1][1])) if last else None


def clock(work: Callable[[], object], calls: int, now: Callable[[], float] = time.process_time) -> float:
    """Seconds per call."""
    begun = now()
    for _ in range(calls):
        work()
    return (now() - begun) / calls


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[1])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--calls", type=int, default=250)
    chosen = parser.parse_args()
    data, credentials, anchors = scene()
    request = wire.decode(data)
    assert isinstance(request, wire.Request)
    found = verify(request, credentials, anchors, at_s=AT_S)
    if found.outcome != "valid":
        raise SystemExit(f"expected a valid Identity, found {found.outcome}: {found.headers}")
    passport, certificate = found.headers[0].passport, found.headers[0].certificate
    assert passport is not None
    assert passport.token is not None
    assert certificate is not None
    key, octets, signature = certificate.public_key, passport.token.signing_input, passport.token.signature
    assert key is not None

    def identity() -> object:
        return verify(request, credentials, anchors, at_s=AT_S)

    def message() -> object:
        decoded = wire.decode(data)
        assert isinstance(decoded, wire.Request)
        return verify(decoded, credentials, anchors, at_s=AT_S)

    works: dict[str, Callable[[], object]] = {
        "primitive": lambda: key.verify(octets, signature),
        "identity": identity,
        "message": message,
        "sign": signed,
    }
    best = dict.fromkeys(works, float("inf"))
    native: tuple[float, float] | None = None
    alone, both = dict.fromkeys(THREADED, float("inf")), dict.fromkeys(THREADED, float("inf"))
    with ThreadPoolExecutor(2) as pool:
        for turn in range(chosen.rounds):
            for name, work in works.items():
                best[name] = min(best[name], clock(work, chosen.calls))
            measured = openssl() if turn % 10 == 0 else None
            if measured is not None:
                native = measured if native is None else (max(native[0], measured[0]), max(native[1], measured[1]))
            for name in THREADED:
                work = works[name]
                alone[name] = min(alone[name], clock(work, 2 * chosen.calls, time.perf_counter))
                begun = time.perf_counter()
                list(pool.map(lambda _, work=work: clock(work, chosen.calls, time.perf_counter), range(2)))
                both[name] = min(both[name], (time.perf_counter() - begun) / (2 * chosen.calls))
    print(f"python {platform.python_version()}, {platform.machine()}, best of {chosen.rounds} rounds")
    base = native[1] if native is not None else None
    print(f"{'':12}{'per second':>12}{'us':>9}  of openssl")
    for name, seconds in best.items():
        share = ""
        if native is not None:
            share = f"{1 / seconds / (native[0] if name == 'sign' else native[1]):.0%}"
        print(f"{name:12}{1 / seconds:12,.0f}{seconds * 1e6:9.1f}  {share}")
    if base is not None and native is not None:
        print(f"{'openssl':12}{base:12,.0f}{1e6 / base:9.1f}  verify; sign {native[0]:,.0f}")
    else:
        print("openssl is not installed: no comparison")
    for name in THREADED:
        print(f"{name:12}{alone[name] / both[name]:12.2f} times the speed of one thread with two")


if __name__ == "__main__":
    main()
