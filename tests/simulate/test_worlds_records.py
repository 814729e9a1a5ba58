"""Call records of every dialect: recognised as what they are, and read back to the calls they were made from."""

from __future__ import annotations

import io
from functools import cache
from itertools import islice

import pytest

from ringthrough.calls import Call
from ringthrough.cdr import FIELDS, load_profiles, open_records, parse_profile, profile_named, recognise
from ringthrough.errors import LocalError
from ringthrough.reference import lookup
from ringthrough.simulate.worlds.answers import blank
from ringthrough.simulate.worlds.dialects import dialect_named
from ringthrough.simulate.worlds.records import RecordWriter
from ringthrough.simulate.worlds.templates import cause_of, outcome_of
from tests.simulate.worlds import told

ALL = sorted(profile.name for profile in load_profiles())
WHOLE = ("generic", "freeswitch-json", "freeswitch-redress")
"Dialects that hold every fact of a call that we look at here."
NO_SETUP = (
    "bandwidth-bdr", "convoso-calls", "five9-calls", "genesys-conversations", "kamailio-cdrs", "twilio-calls",
    "vicidial-dial", "vicidial-log",
)  # fmt: skip
"Dialects without a time of the end, or with one that is not that of the call: how long the set-up took is not in them."
OWN = """
name = "own"
title = "made by a test"
[container]
kinds = ["{kind}"]
{container}
[time]
formats = ["{form}"]
zone = "utc"
[fields]
{fields}
"""


@cache
def calls() -> tuple[Call, ...]:
    """Calls of two worlds: one drawn at large, one with many explicit blocks."""
    return tuple(row for name, seed in (("mixed", 1), ("flagged", 2)) for row, _ in islice(told(name, seed), 500))


@cache
def read_back(name: str) -> tuple[list[tuple[Call, Call]], str]:
    """Pairs of the call that was written and the row that was read, and the text between them."""
    writer = RecordWriter(name)
    made = [row for row in calls() if not writer.answered_only or answered(row)]
    text = writer.header() + "".join(writer.lines(calls()))
    records = open_records(io.BytesIO(text.encode()), writer.profile, name="world", tz="UTC", region="US")
    by_id = {row.call_id: row for row in records}
    assert records.tally.adds_up
    assert (records.problems, records.tally.bad, records.tally.notes) == ([], {}, {})
    assert len(by_id) == len(made)
    return [(call, by_id[writer.record_id(call) or call.call_id]) for call in made], text


def answered(row: Call) -> bool:
    return row.outcome == "answered" or row.final_code == 200


@pytest.mark.parametrize("name", ALL)
def test_a_dialect_is_recognised_as_itself(name: str) -> None:
    octets = read_back(name)[1].encode()
    for first in (octets[: 1 << 16], octets[: 1 << 13]):
        found = recognise(first).profile
        assert found is not None
        assert found.name == name


@pytest.mark.parametrize("name", ALL)
def test_who_called_whom_and_when_comes_back(name: str) -> None:
    fields = profile_named(name).fields
    for call, row in read_back(name)[0]:
        assert row.caller == (call.caller if "caller" in fields else "")
        assert row.callee == (call.callee if "callee" in fields else "")
        fine = "times" not in row.blind_to.split()
        assert row.at_us // 1000 == call.at_us // 1000 if fine else row.at_us // 10**6 == call.at_us // 10**6
        for label in ("trunk", "campaign"):
            assert getattr(row, label) in ("", getattr(call, label))


@pytest.mark.parametrize("name", ALL)
def test_how_a_call_ended_comes_back(name: str) -> None:
    profile = profile_named(name)
    blind = profile.blind_to or ()
    product = dialect_named(name).cause
    causes = 0
    for call, row in read_back(name)[0]:
        assert answered(row) is (call.final_code == 200)
        assert row.final_code in (None, call.final_code)
        if not answered(call):
            assert "code" in blind or row.final_code == call.final_code
            assert row.final_phrase in ("", call.final_phrase)
        if row.final_code is None and row.q850_cause is not None and name not in WHOLE:
            causes += 1
            assert row.q850_cause == cause_of(call, product)
    assert causes or not {"code"} & set(blind) or "q850_cause" not in profile.fields or "final_code" in profile.fields


@pytest.mark.parametrize("name", ALL)
def test_times_come_back_as_finely_as_the_dialect_writes_them(name: str) -> None:
    profile = profile_named(name)
    for call, row in read_back(name)[0]:
        near_ms = 1001 if "times" in row.blind_to.split() or name == "sansay-vsx" else 1
        setup = call.setup_ms or 0
        if name in NO_SETUP or (name == "sinch-cdr" and not answered(call)):
            assert row.setup_ms is None
        elif row.setup_ms is None:  # to VICIdial, a length of 0 seconds is none
            assert name in ("vicidial-carrier", "vicidial-export")
            settled_us = call.at_us + setup * 1000
            ended_us = settled_us + (call.talk_ms or 0) * 1000
            assert ended_us // 10**6 in (call.at_us // 10**6, settled_us // 10**6)
        else:
            assert abs(row.setup_ms - setup) <= near_ms
        if row.talk_ms is not None:
            assert answered(call)
            assert abs(row.talk_ms - (call.talk_ms or 0)) <= near_ms
        if "ringing" not in (profile.blind_to or ()) and profile.blind_to is not None:
            assert (row.ring_ms is not None) is (call.ring_ms is not None)
        if row.ring_ms is not None and call.ring_ms is not None:
            # A record without a time of the CANCEL counts ringing up to the end of the attempt.
            until = setup - (call.pdd_ms or 0)
            assert min(call.ring_ms, until) - near_ms <= row.ring_ms <= max(call.ring_ms, until) + near_ms


@pytest.mark.parametrize("name", WHOLE)
def test_dialects_that_hold_everything_give_everything_back(name: str) -> None:
    for call, row in read_back(name)[0]:
        for column in ("call_id", "talk_ms", "setup_ms", "q850_cause", "signal", "redress_email", "redress_url"):
            assert getattr(row, column) == getattr(call, column), column


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("kamailio-acc", "reason"), ("kamailio-acc", "carrier"), ("twilio-insights", "carrier"),
        ("generic", "carrier"), ("generic", "attestation"), ("plivo-calls", "attestation"),
        ("telnyx-texml", "attestation"), ("bandwidth-insights", "attestation"), ("sansay-vsx", "answered_by"),
        ("audiocodes-sbc", "trunk"), ("cisco-cucm", "trunk"), ("oracle-sbc", "trunk"), ("asterisk-cel", "trunk"),
        ("vicidial-carrier", "trunk"), ("broadworks", "direction"), ("telnyx-webhooks", "direction"),
        ("genesys-conversations", "campaign"),
    ],
)  # fmt: skip
def test_what_some_dialects_hold_besides_comes_back(name: str, column: str) -> None:
    pairs = read_back(name)[0]
    assert [getattr(row, column) for _, row in pairs] == [getattr(call, column) for call, _ in pairs]


@pytest.mark.parametrize(
    "name",
    ["bandwidth-insights", "telnyx-texml", "telnyx-webhooks", "plivo-calls", "sinch-cdr", "cisco-webex", "broadworks",
     "audiocodes-sbc", "sansay-vsx"],
)  # fmt: skip
def test_who_hung_up_comes_back(name: str) -> None:
    told = [(call.ended_by, row.ended_by) for call, row in read_back(name)[0] if answered(call)]
    assert {said for said, _ in told} == {"caller", "callee"}
    assert all(said == seen for said, seen in told)


@pytest.mark.parametrize("name", ["asterisk-cel", "audiocodes-sbc", "cisco-cube", "kamailio-acc", "telnyx-texml"])
def test_a_call_of_several_records_is_one_call(name: str) -> None:
    pairs, text = read_back(name)
    assert text.count("\n") > len(pairs)


@pytest.mark.parametrize("name", ["freeswitch-csv", "freeswitch-csv-asterisk", "cisco-cube", "cisco-cucm"])
def test_a_dialect_with_ids_of_its_own_says_which(name: str) -> None:
    writer = RecordWriter(name)
    ids = [writer.record_id(call) for call in calls()]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {call.call_id for call in calls()}


def test_every_dialect_of_the_file_has_a_profile() -> None:
    from ringthrough.simulate.worlds import dialects

    assert set(dialects._all()) <= set(ALL)


def test_a_dialect_that_does_not_exist_is_refused() -> None:
    with pytest.raises(LocalError):
        RecordWriter("abacus")


# ------------------------------------------------------------------------------------------------------- own profiles


def own(fields: str, *, kind: str = "csv", container: str = "", form: str = "iso") -> RecordWriter:
    return RecordWriter(parse_profile(OWN.format(kind=kind, container=container, form=form, fields=fields)))


@pytest.mark.parametrize(
    ("kind", "container", "form"),
    [
        ("csv", 'separator = ";"', "iso"), ("csv", 'separator = "|"\nquote = ""', "rfc2822"), ("json", "", "epoch_us"),
        ("json", "", "epoch_ms"), ("csv", "", "%d.%m.%Y %H:%M:%S.%f"),
    ],
)  # fmt: skip
def test_a_profile_of_ones_own_is_turned_round(kind: str, container: str, form: str) -> None:
    writer = own(
        'at = "When"\ncaller = "A"\ncallee = "B"\nfinal_code = "Status"\n'
        'talk_ms = { column = "Talk", as = "microseconds" }\nq850_cause = { column = "Cause", as = "hex" }\n'
        'direction = { column = "Way", map = { OUT = "outbound" } }\nserver = "Server"\nlocation = "Where"',
        kind=kind, container=container, form=form,
    )  # fmt: skip
    text = writer.header() + "".join(writer.lines(calls()))
    rows = list(open_records(io.BytesIO(text.encode()), writer.profile, name="own", tz="UTC"))
    assert [(row.caller, row.callee, row.final_code, row.direction) for row in rows] == [
        (call.caller, call.callee, call.final_code, "outbound") for call in calls()
    ]
    assert [row.talk_ms for row in rows if row.talk_ms] == [call.talk_ms for call in calls() if call.talk_ms]


@pytest.mark.parametrize(
    ("fields", "kind", "container", "says"),
    [
        ('at = { column = "at", pattern = "^(x.*)" }\ncaller = "a"\ncallee = "b"', "csv", "", "do not come back"),
        ('at = "at"\ncaller = "a"\ncallee = "b"', "csv", "", "which calls were answered"),
        ('at = "at"\ncallee = "b"', "xml", 'element = "call"', "none of csv, json, keys"),
    ],
)
def test_a_profile_that_cannot_be_turned_round_is_refused(fields: str, kind: str, container: str, says: str) -> None:
    with pytest.raises(LocalError, match=says) as caught:
        own(fields, kind=kind, container=container)
    assert caught.value.problem.code == "simulate-world-dialect"


def test_a_profile_of_answered_calls_gets_those() -> None:
    writer = RecordWriter(
        parse_profile(
            'name = "bills"\ntitle = "made by a test"\nblind_to = ["refusals"]\n[time]\nzone = "utc"\n[fields]\n'
            'at = "at"\ncaller = "a"\ncallee = "b"\nlocation = "l"\noutcome = { value = "billed" }\n'
            '[outcome]\nanswered = "billed"\n'
        )
    )
    assert len(writer.lines(calls())) == sum(map(answered, calls()))


def test_every_field_of_a_profile_can_be_written() -> None:
    from ringthrough.simulate.worlds import records

    assert set(FIELDS) == {*records._VALUES, *records._INSTANTS, "outcome", "q850_cause"}


# ---------------------------------------------------------------------------------------------------------- one cell


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (200, "answered"), (486, "busy"), (600, "busy"), (487, "cancelled"), (404, "invalid"), (484, "invalid"),
        (604, "invalid"), (480, "no_answer"), (408, "no_answer"), (603, "rejected"), (608, "rejected"),
        (403, "rejected"), (503, "congestion"), (504, "congestion"), (500, "failed"), (488, "failed"), (None, "failed"),
    ],
)  # fmt: skip
def test_an_outcome_is_what_a_switch_makes_of_the_status(code: int | None, outcome: str) -> None:
    assert outcome_of(blank(final_code=code)) == outcome


@pytest.mark.parametrize(
    ("code", "product", "cause"),
    [
        (200, "", 16), (487, "Asterisk", 16), (603, "", 21), (608, "", 31), (608, "Asterisk", 127),
        (608, "FreeSWITCH", 21), (607, "FreeSWITCH", 31), (403, "Oracle", 79), (480, "", 18), (480, "Asterisk", 19),
        (404, "Nobody", 1), (488, "", 31),
    ],
)  # fmt: skip
def test_a_cause_is_what_the_table_of_the_product_says(code: int, product: str, cause: int) -> None:
    assert cause_of(blank(final_code=code), product) == cause
    if code not in (200, 487):
        assert cause_of(blank(final_code=code, q850_cause=3), product) == 3


def test_products_are_those_of_the_reference() -> None:
    names = {gateway.name for gateway in lookup(603).gateways} | {gateway.name for gateway in lookup(403).gateways}
    wanted = {dialect_named(name).cause for name in ALL} - {""}
    assert all(any(name.startswith(product) for name in names) for product in wanted)


def test_cells_with_separators_and_quotes_are_quoted() -> None:
    writer = RecordWriter("generic")
    call = calls()[0]._replace(final_phrase='Network, "Blocked"', trunk="a,b")
    text = writer.header() + "".join(writer.lines([call]))
    (seen,) = open_records(io.BytesIO(text.encode()), writer.profile, name="world", tz="UTC", region="US")
    assert (seen.final_phrase, seen.trunk) == ('Network, "Blocked"', "a,b")


def test_separators_are_escaped_where_the_dialect_escapes() -> None:
    writer = RecordWriter("broadworks")
    call = calls()[0]._replace(trunk="sales, west")
    (seen,) = open_records(
        io.BytesIO((writer.header() + "".join(writer.lines([call]))).encode()), writer.profile, name="w", tz="UTC"
    )
    assert seen.trunk == "sales, west"


@pytest.mark.slow
def test_calls_without_labels_are_written_too() -> None:
    bare = [call._replace(trunk="", campaign="", answered_by="") for call in calls()[:50]]
    for name in ALL:
        writer = RecordWriter(name)
        text = writer.header() + "".join(writer.lines(bare))
        records = open_records(io.BytesIO(text.encode()), writer.profile, name="world", tz="UTC", region="US")
        assert len(list(records)) == sum(answered(call) or not writer.answered_only for call in bare), name
        assert recognise(text.encode()).profile == writer.profile, name
