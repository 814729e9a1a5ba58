"""
Signed contact cards per second of CPU: making one, and judging one with its certificate at hand.

CPU seconds of this process (the machine may be busy with other things), best of several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ringthrough.jose import Anchors, derive_key
from ringthrough.jose.issuing import make_authority
from ringthrough.signals.card import PerCallCards, make_card, make_jcard, verify_redress

NOW = 1_767_225_600.0
DAY = 86_400.0
X5U = "https://certs.example.net/card.pem"
ROUNDS, EACH = 7, 500


def cost_us(do: Callable[[], object]) -> float:
    """Microseconds of CPU of one call."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(EACH):
            do()
        best = min(best, time.process_time() - began)
    return best / EACH * 1e6


def main() -> None:
    key = derive_key(b"bench: key of the blocker")
    authority = make_authority(b"bench: authority", not_before_s=NOW - DAY, not_after_s=NOW + DAY)
    chain = authority.leaf(key.public, spc="709J", serial=3, not_before_s=NOW - DAY, not_after_s=NOW + DAY)
    anchors = Anchors([authority.root])
    jcard = make_jcard(
        "Example Telephone call blocking", urls=["https://block.example.net/appeal"], tels=["+12155550100"]
    )
    per_call = PerCallCards("https://block.example.net/card/", jcard, key=key, x5u=X5U, secret=bytes(range(32)))
    card = make_card(jcard, key=key, x5u=X5U, at_s=NOW)
    path = per_call.place(bytes(range(16)), at_s=NOW).url.rpartition("/")[2]
    sign_us = cost_us(lambda: make_card(jcard, key=key, x5u=X5U, at_s=NOW))
    print(f"make_card              {sign_us:8.1f} us   {len(card)} octets   wanted: under 300 us")
    print(f"PerCallCards.answer    {cost_us(lambda: per_call.answer(path, now_s=NOW)):8.1f} us   a call that was")
    print(f"PerCallCards.answer    {cost_us(lambda: per_call.answer('a guess', now_s=NOW)):8.1f} us   a guess")
    judge_us = cost_us(lambda: verify_redress(card, chain, anchors, call_at_s=NOW, now_s=NOW))
    print(f"verify_redress         {judge_us:8.1f} us   certificate at hand")


if __name__ == "__main__":
    main()
