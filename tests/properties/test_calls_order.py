"""What must not change a call: the order of messages of others, copies of its own, noise, when rows are asked for."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.calls import Assembler, Call, Sighting
from ringthrough.wire.peek import peek
from tests.properties.scenes import START_US, ended, folder, scene

SEEDS = st.integers(1, 6)
NOISE = (
    b"OPTIONS sip:ping@198.51.100.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKn\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:ping@198.51.100.2>\r\nCall-ID: noise\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKn\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:ping@198.51.100.2>;tag=2\r\nCall-ID: noise\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
    b"REGISTER sip:b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKr\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:a@b>\r\nCall-ID: noise-r\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n",
    b"ACK sip:b SIP/2.0\r\nCall-ID: noise-a\r\nCSeq: 1 ACK\r\n\r\n",
    b"INVITE sip:x SIP/2.0\r\n\r\n",
    b"INVITE sip:x@y SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKz\r\nFrom: <sip:a@b>;tag=1\r\n"
    b"To: <sip:x@y>;tag=gone\r\nCall-ID: noise-dialog\r\nCSeq: 7 INVITE\r\n\r\n",
    b"SIP/2.0 200 OK\r\n\r\n",
    b"SIP/2.0 INVITE\r\n\r\n",
    b"\r\n\r\n",
    b"",
    bytes(range(256)),
)


def rows(found: list[tuple[tuple[int, int, int], Call]]) -> list[Call]:
    return [call for _key, call in found]


@settings(max_examples=20, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_when_rows_are_asked_for_changes_nothing(seed: int, data: st.DataObject) -> None:
    messages = scene(seed)
    points = data.draw(st.frozensets(st.integers(0, len(messages) - 1), max_size=40))

    found = ended(messages, flushes=points)

    assert found == ended(messages)
    keys = [key for key, _ in found]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, chance=st.randoms(use_true_random=False), step_us=st.sampled_from([1, 1000, 50_000]))
def test_the_order_of_messages_of_different_calls_at_one_time_changes_nothing(
    seed: int, chance: Random, step_us: int
) -> None:
    ordered = [s._replace(at_us=s.at_us - s.at_us % step_us) for s in scene(seed, alone=True)]
    shuffled: list[Sighting] = []
    at = 0
    while at < len(ordered):
        end = at
        while end < len(ordered) and ordered[end].at_us == ordered[at].at_us:
            end += 1
        by_call: dict[bytes, list[Sighting]] = {}
        for sighting in ordered[at:end]:
            said = peek(sighting.data)
            by_call.setdefault(said.call_id if said else b"", []).append(sighting)
        queues = list(by_call.values())
        while queues:
            queue = chance.choice(queues)
            shuffled.append(queue.pop(0))
            queues = [q for q in queues if q]
        at = end

    assert ended(shuffled) == ended(ordered)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_copies_by_a_mirror_are_counted_and_change_nothing_else(seed: int, data: st.DataObject) -> None:
    messages = scene(seed)
    copied = data.draw(st.frozensets(st.integers(0, len(messages) - 1), max_size=60))
    doubled: list[Sighting] = []
    for number, sighting in enumerate(messages):
        doubled += [sighting, sighting._replace(frame=100_000 + number)][: 1 + (number in copied)]

    before, after = rows(ended(messages)), rows(ended(doubled))

    assert [call._replace(duplicates=0) for call in after] == [call._replace(duplicates=0) for call in before]
    more = sum(call.duplicates for call in after) - sum(call.duplicates for call in before)
    counted = sum(is_watched(messages[number]) for number in copied)
    assert more <= len(copied)
    assert more >= counted


def is_watched(sighting: Sighting) -> bool:
    """A message whose copy is counted in any case: INVITE outside a dialog, and CANCEL."""
    said = peek(sighting.data)
    if said is None or said.status:
        return False
    return said.method == b"CANCEL" or (said.method == b"INVITE" and not said.to_tag)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_noise_changes_nothing(seed: int, data: st.DataObject) -> None:
    messages = scene(seed)
    places = data.draw(
        st.lists(st.tuples(st.integers(0, len(messages) - 1), st.sampled_from(NOISE)), min_size=1, max_size=40)
    )
    noisy = list(messages)
    for number, (place, octets) in enumerate(sorted(places, reverse=True)):
        noisy.insert(place, messages[place]._replace(frame=200_000 + number, data=octets))

    assert ended(noisy) == ended(messages)


@settings(max_examples=60, deadline=None)
@given(
    octets=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.sampled_from(NOISE),
            st.builds(
                lambda seed, number, cut, mark: (
                    scene(seed)[number % len(scene(seed))].data[:cut].replace(b"sip:", mark)
                ),
                SEEDS,
                st.integers(0, 10_000),
                st.integers(0, 2000),
                st.sampled_from([b"sip:", b"tel:", b"\xff\xfe", b"", b"sip:\xe9"]),
            ),
        ),
        max_size=30,
    )
)
def test_whatever_comes_gives_rows_and_no_exception(octets: list[bytes]) -> None:
    assembler = Assembler(folder())
    for number, data in enumerate(octets):
        one, other = b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02"
        at_us = START_US + number * 7_000_000
        assembler.feed(Sighting(at_us, 0, number + 1, "udp", one, 5060, other, 5060, data, 0, number))
    found = rows(assembler.finish())

    assert len(assembler) == 0
    assert len(found) <= len(octets)
    for call in found:
        assert all(value is None or value >= 0 for value in (call.setup_ms, call.ring_ms, call.talk_ms, call.pdd_ms))
        assert all(value.isprintable() or "\\" in repr(value) for value in call if isinstance(value, str))
