"""Which legs are one call: each way to prove it, and what keeps legs apart."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ringthrough.calls.joining import ADVANCE_US, JOIN_US, Joiner, tail
from ringthrough.calls.states import Attempt, OpenCall
from ringthrough.wire.opening import opening
from tests.calls.scene import SBC, SBC2, A, B, C, Stage, request, response, us

SESSION = "ab30317f1a784dc48ff824d0d3715d86"
OTHER = "47755a9de7794ba387653f2099600ef2"


@pytest.mark.parametrize(
    ("user", "last"),
    [
        pytest.param("+12155550113", "5550113", id="realistic: E.164"),
        pytest.param("9012155550113", "5550113", id="realistic: a prefix for the route"),
        pytest.param("215-555-0113", "5550113", id="realistic: separators"),
        pytest.param("2155550113;npdi", "5550113", id="realistic: number portability was looked up"),
        pytest.param("sales", "sales", id="a name"),
        pytest.param("4711", "4711", id="an extension"),
        pytest.param("", "", id="nothing"),
        pytest.param("٢١٥٥٥٥٠١١٣", "٢١٥٥٥٥٠١١٣", id="pathological: digits that are not ASCII"),
    ],
)
def test_numbers_are_compared_by_their_end(user: str, last: str) -> None:
    assert tail(user) == last


def through(
    *,
    gap_s: float = 0.1,
    near: list[str] | None = None,
    far: list[str] | None = None,
    caller: str = "+12155550112",
    callee: str = "+12155550113",
    src: str = SBC,
    before: str = "",
) -> int:
    """Rows of a leg into SBC and a leg out of it."""
    stage = Stage().say(0, A, SBC, request("INVITE", call_id="in", branch="z9hG4bK1", headers=near or ()))
    if before:
        stage.say(gap_s / 2, SBC, A, response(int(before), "Early", call_id="in", branch="z9hG4bK1"))
    stage.say(
        gap_s, src, B,
        request("INVITE", call_id="out", branch="z9hG4bK2", from_tag="g", caller=caller, callee=callee,
                headers=far or ()),
    )  # fmt: skip
    return len(stage.rows())


@pytest.mark.parametrize(
    ("changes", "rows"),
    [
        pytest.param({}, 1, id="same numbers, from the host where the first leg ended"),
        pytest.param({"callee": "0012155550113"}, 1, id="the country code is written otherwise"),
        pytest.param({"caller": "anonymous"}, 1, id="the caller is hidden on one leg"),
        pytest.param({"caller": "+12155550199"}, 2, id="another caller"),
        pytest.param({"callee": "+12155550199"}, 2, id="another callee"),
        pytest.param({"src": C}, 2, id="from another host"),
        pytest.param({"gap_s": JOIN_US / 1e6}, 1, id="as late as it may be"),
        pytest.param({"gap_s": JOIN_US / 1e6 + 0.001}, 2, id="too late"),
        pytest.param({"before": "183"}, 1, id="the first leg has early media already"),
        pytest.param({"before": "486"}, 2, id="the first leg is over"),
        pytest.param({"before": "200"}, 2, id="the first leg is answered"),
        pytest.param(
            {"caller": "1", "callee": "2", "near": [f"Session-ID: {SESSION}"], "far": [f"Session-ID: {SESSION}"]},
            1,
            id="the same Session-ID, old form (RFC 7329)",
        ),
        pytest.param(
            {
                "caller": "1", "callee": "2", "src": C,
                "near": [f"Session-ID: {SESSION};remote={'0' * 32}"], "far": [f"Session-ID: {SESSION};remote={OTHER}"],
            },
            1,
            id="the same Session-ID, from anywhere",
        ),
        pytest.param(
            {"caller": "1", "near": [f"Session-ID: {SESSION}"], "far": [f"Session-ID: {OTHER}"]},
            2,
            id="two Session-IDs and two callers",
        ),
        pytest.param({"caller": "1", "callee": "2", "far": ["X-CID: in"]}, 1, id="X-CID names the first leg"),
        pytest.param({"caller": "1", "callee": "2", "far": ["X-CID: nobody"]}, 2, id="X-CID names a leg not seen"),
        pytest.param(
            {"caller": "1", "far": ["X-CID: in"], "gap_s": JOIN_US / 1e6 + 1}, 2, id="X-CID, but far too late"
        ),
        pytest.param({"caller": "1", "far": ["X-CID: in"], "before": "200"}, 2, id="X-CID, but answered already"),
    ],
)  # fmt: skip
def test_a_leg_through_a_b2bua_continues_the_first(changes: dict[str, object], rows: int) -> None:
    assert through(**changes) == rows  # type: ignore[arg-type]


def test_a_chain_of_legs_is_one_call_with_the_farthest_answer_beside_the_nearest() -> None:
    stage = Stage()
    hosts = [A, SBC, SBC2, B]
    for n, (src, dst) in enumerate(pairwise(hosts)):
        stage.say(n * 0.05, src, dst, request("INVITE", call_id=f"l{n}", branch=f"z9hG4bK{n}", from_tag=f"f{n}"))
    for n, code in ((2, 486), (1, 500), (0, 480)):
        stage.say(
            2 - n * 0.1, hosts[n + 1], hosts[n],
            response(code, "Gone", call_id=f"l{n}", branch=f"z9hG4bK{n}", from_tag=f"f{n}"),
        )  # fmt: skip

    row = stage.row()

    assert (row.legs, row.attempts, row.final_code, row.far_code, row.call_id) == (3, 1, 480, 486, "l0")


def test_when_one_host_plays_all_parts_its_ports_tell_them_apart() -> None:
    def rows(out_of: int) -> int:
        stage = Stage().say(0, A, A, request("INVITE", call_id="in", branch="z9hG4bK1"), sport=5070, dport=5060)
        out = request("INVITE", call_id="out", branch="z9hG4bK2", from_tag="g")
        return len(stage.say(0.1, A, A, out, sport=out_of, dport=5080).rows())

    assert rows(5060) == 1
    assert rows(5070) == 2


@pytest.mark.parametrize(
    ("code", "gap_s", "to", "rows"),
    [
        pytest.param(503, 0.02, C, 1, id="realistic: the next route"),
        pytest.param(486, 0.02, C, 1, id="realistic: a switch that tries on after busy"),
        pytest.param(503, ADVANCE_US / 1e6, C, 1, id="as late as it may be"),
        pytest.param(503, ADVANCE_US / 1e6 + 0.001, C, 2, id="a redial"),
        pytest.param(503, 0.02, B, 2, id="the same place again"),
        pytest.param(487, 0.02, C, 2, id="cancelled: nobody tries on"),
        pytest.param(407, 0.02, C, 2, id="a challenge"),
        pytest.param(200, 0.02, C, 2, id="answered"),
    ],
)
def test_a_route_advance_is_the_same_call(code: int, gap_s: float, to: str, rows: int) -> None:
    stage = Stage().say(0, A, B, request("INVITE")).say(1, B, A, response(code, "So"))
    stage.say(1 + gap_s, A, to, request("INVITE", call_id="next", branch="z9hG4bKn", from_tag="n"))

    assert len(stage.rows()) == rows


def leg(call_id: bytes, at_s: float, src: bytes, dst: bytes, **said: str) -> tuple[OpenCall, object]:
    first = Attempt(us(at_s), 0, 1, src, 5060, dst, 5060, 1, b"z9hG4bK", 1, -1)
    call = OpenCall(call_id, b"f", first, us(at_s + 240))
    call.caller_raw, call.callee_raw = "+12155550112", "+12155550113"
    headers = [f"{name}: {value}" for name, value in said.items()]
    return call, opening(request("INVITE", headers=headers))


ONE, TWO, THREE = b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02", b"\xc0\x00\x02\x03"


def test_a_joiner_forgets_what_is_dropped_and_keeps_what_came_after() -> None:
    legs: dict[bytes, OpenCall] = {}
    joiner = Joiner(legs)
    old, said = leg(b"old", 0, ONE, TWO, **{"Session-ID": SESSION})
    new, again = leg(b"new", 20, ONE, TWO, **{"Session-ID": SESSION})

    assert joiner.enter(old, said) is None  # type: ignore[arg-type]
    assert joiner.enter(new, again) is None  # type: ignore[arg-type]
    joiner.drop(old)
    third, it_says = leg(b"third", 21, TWO, THREE, **{"Session-ID": SESSION})
    assert joiner.enter(third, it_says) is new  # type: ignore[arg-type]
    joiner.drop(new)
    joiner.drop(third)

    assert len(joiner) == 0


def test_a_leg_from_another_joiner_can_be_continued() -> None:
    before, after = Joiner({}), Joiner({})
    plain, said = leg(b"plain", 0, ONE, TWO)
    named, session = leg(b"named", 0, ONE, THREE, **{"Session-ID": SESSION})
    before.enter(plain, said)  # type: ignore[arg-type]
    before.enter(named, session)  # type: ignore[arg-type]
    unknown, _ = leg(b"unknown", 0, ONE, TWO)
    for call in (plain, named, unknown):
        after.hold(call)

    out, out_says = leg(b"out", 1, TWO, ONE)
    out2, out2_says = leg(b"out2", 1, ONE, ONE, **{"Session-ID": SESSION})

    assert after.enter(out, out_says) is plain  # type: ignore[arg-type]
    assert after.enter(out2, out2_says) is named  # type: ignore[arg-type]
    for call in (plain, named, unknown, out, out2):
        after.drop(call)
    assert len(after) == 0
