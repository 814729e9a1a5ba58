"""
How fast tokens are verified and signed, beside `openssl speed ecdsap256` (skipped by name when it is not there).

- `verify`: one signature of 64 octets over a PASSporT of usual size, with a key that is at hand. OpenSSL verifies a
  digest of 20 octets; ours hashes the token too and turns r and s into DER.
- `read and verify`: octets of a token to a verified `Token`: base64url, strict JSON of the header, signature.
- `chain, known`: `check_chain` for a chain seen before, which is what a call costs; `chain, new`: never seen, three
  certificates read, two signatures verified.
- `certificate`: DER to names, times, key, extensions and TNAuthList.
- `sign`: a card of RFC 8688 size to a signed token; deterministic (RFC 6979).
- threads: the same verifications by one thread and by two, in wall time; `cryptography` lets go of the interpreter's
  lock while OpenSSL computes. Needs two processors that are free: the load is printed beside the ratio.

Rounds alternate with OpenSSL's; each figure is the best round, in processor time but for the threads.

    python bench/jose_verify.py [--rounds N] [--calls N]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable

from ringthrough.jose import Anchors, Certificate, check_chain, derive_key, make_token, read_token, verify_token
from ringthrough.jose.issuing import make_authority

START = 1_700_000_000.0
KEY = derive_key(b"seed of a benchmark")
HEADER = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": "https://certs.example.net/709J/a1b2c3d4.pem"}
CLAIMS = {
    "attest": "A",
    "dest": {"tn": ["12155550113"]},
    "iat": 1_701_000_000,
    "orig": {"tn": "12155550112"},
    "origid": "c9e5ff80-7e5c-4bd8-9b0f-3a9c1d6f0a57",
}
CARD = {
    "iat": 1_701_000_000,
    "jcard": [
        "vcard",
        [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Example Telephone, call blocking appeals"],
            ["email", {"type": "work"}, "text", "redress@carrier.example.net"],
            ["tel", {"type": "work"}, "uri", "tel:+12155550199"],
            ["url", {}, "uri", "https://redress.carrier.example.net/appeal/77"],
        ],
    ],
}


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _round_s(work: Callable[[], object], calls: int) -> float:
    begin = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - begin) / calls


def _openssl_s(program: str) -> tuple[float, float]:
    """Seconds of processor time for one signature and one verification, as OpenSSL's own benchmark says."""
    done = subprocess.run([program, "speed", "-seconds", "1", "ecdsap256"], capture_output=True, text=True, check=True)
    found = re.search(r"nistp256\)\s+\S+\s+\S+\s+([0-9.]+)\s+([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(f"cannot read what openssl speed said: {done.stdout[-200:]!r}")
    return 1 / float(found[1]), 1 / float(found[2])


def _threads_per_s(count: int, calls: int, message: bytes, signature: bytes) -> float:
    """Verifications in a second of wall time by that many threads."""

    def work() -> None:
        for _ in range(calls):
            KEY.public.verify(message, signature)

    workers = [threading.Thread(target=work) for _ in range(count)]
    begin = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return count * calls / (time.perf_counter() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each side")
    parser.add_argument("--calls", type=int, default=3000, help="calls in a round")
    options = parser.parse_args()
    authority = make_authority(b"seed of a benchmark", not_before_s=START, not_after_s=START + 4e8)
    times = {"not_before_s": START, "not_after_s": START + 4e8}
    chain = authority.leaf(KEY.public, spc="709J", serial=1, **times)
    anchors = Anchors([authority.root])
    octets = make_token(HEADER, _compact(CLAIMS), KEY)
    token = read_token(octets)
    message, signature, card = token.signing_input, token.signature, _compact(CARD)
    card_header = {"alg": "ES256", "typ": "vcard+json", "x5u": HEADER["x5u"]}

    def new_chain() -> object:
        return check_chain([Certificate(each.der) for each in chain], Anchors([authority.root]), at_s=START + 5)

    def certificate() -> object:
        found = Certificate(chain[0].der)
        return found.subject, found.public_key, found.tn_auth_list, found.problems

    works: dict[str, Callable[[], object]] = {
        "verify": lambda: KEY.public.verify(message, signature),
        "read and verify": lambda: verify_token(read_token(octets), KEY.public),
        "read": lambda: read_token(octets),
        "chain, known": lambda: check_chain(chain, anchors, at_s=START + 5),
        "chain, new": new_chain,
        "certificate": certificate,
        "sign": lambda: make_token(card_header, card, KEY),
    }
    if not (works["verify"]() is True and works["read and verify"]() is None and new_chain().trusted):  # type: ignore[attr-defined]
        raise RuntimeError("the benchmark verifies nothing")
    program = shutil.which("openssl")
    print(f"Python {platform.python_version()}, {platform.machine()}; best of {options.rounds} x {options.calls}")
    if program is None:
        print("openssl: skipped, not installed")
    else:
        print(subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout.strip())
    best = dict.fromkeys(works, float("inf"))
    peer_sign_s = peer_verify_s = float("inf")
    for _ in range(options.rounds):
        for name, work in works.items():
            best[name] = min(best[name], _round_s(work, options.calls))
        if program is not None:
            sign_s, verify_s = _openssl_s(program)
            peer_sign_s, peer_verify_s = min(peer_sign_s, sign_s), min(peer_verify_s, verify_s)
    print(f"{'work':16} {'us':>8} {'per s':>9}" + ("" if program is None else f" {'of openssl':>11}"))
    if program is not None:
        print(f"{'openssl verify':16} {peer_verify_s * 1e6:8.2f} {1 / peer_verify_s:9.0f} {1:11.1%}")
        print(f"{'openssl sign':16} {peer_sign_s * 1e6:8.2f} {1 / peer_sign_s:9.0f} {1:11.1%}")
    peers = {"verify": peer_verify_s, "read and verify": peer_verify_s, "sign": peer_sign_s}
    for name, seconds in best.items():
        line = f"{name:16} {seconds * 1e6:8.2f} {1 / seconds:9.0f}"
        if program is not None and name in peers:
            line += f" {peers[name] / seconds:11.1%}"
        print(line)
    one = two = 0.0
    for _ in range(5 * options.rounds):
        one = max(one, _threads_per_s(1, options.calls // 3, message, signature))
        two = max(two, _threads_per_s(2, options.calls // 3, message, signature))
    busy = f"load of the machine {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors"
    print(f"threads: one {one:.0f}/s, two {two:.0f}/s, ratio {two / one:.2f}; {busy}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
