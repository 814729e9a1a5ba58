"""Traces, call records and tables beside captures: the same facts from every source, and nothing of any is lost."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb
import pytest

from ringthrough.calls import Call
from ringthrough.captures import CAUSES, open_source
from ringthrough.cdr import load_profiles, parse_profile, profile_named
from ringthrough.diagnosis import FileReport, Settings, Source, diagnose, shards, sightings
from ringthrough.diagnosis.beside import Stream, path_of
from ringthrough.errors import LocalError
from ringthrough.store import UNDATED_US
from tests.cli.conftest import SCENES, Scene
from tests.diagnosis.made import Row, diagnosed, made, on_disk, rows_of, source
from tests.diagnosis.sources import (
    PACKED,
    RECORDS,
    TRACES,
    captured,
    memory,
    parquet,
    printed,
    records,
    simulated,
)

CHICAGO = Settings(tz="America/Chicago", region="US")
DURATIONS = ("pdd_ms", "ring_ms", "setup_ms", "final_ms", "talk_ms", "cancel_ms", "trying_ms", "silence_ms")


def codes(report: FileReport) -> list[str]:
    return [problem.code for problem in report.problems]


def by_id(rows: Sequence[Row]) -> dict[str, Row]:
    return {row[0].call_id: row for row in rows}


# ---------------------------------------------------------------------- traces


@pytest.mark.parametrize("how", TRACES)
def test_a_trace_gives_the_calls_of_the_capture(how: str) -> None:
    capture = by_id(diagnosed(memory(pcap=captured(SCENES)))[1])
    run, rows = diagnosed(memory(trace=printed(how, SCENES)))

    assert set(by_id(rows)) == set(capture)
    for call_id, (call, verdict) in by_id(rows).items():
        known, judged = capture[call_id]
        assert (call.source, call.file, call.final_code) == ("trace", "trace", known.final_code)
        assert (call.callee, call.signal, call.redress_url) == (known.callee, known.signal, known.redress_url)
        assert verdict.verdict == judged.verdict
    (report,) = run.files
    assert (report.format, report.usable, report.problems) == ("text trace", True, [])
    assert report.tally.messages == 16
    assert run.notes[0].startswith("trace: read as text trace: ")


def test_a_trace_without_times_has_no_durations_and_no_time() -> None:
    _run, rows = diagnosed(memory(trace=printed("bare", SCENES)))

    assert len(rows) == 4
    for call, verdict in rows:
        assert {name: getattr(call, name) for name in DURATIONS} == dict.fromkeys(DURATIONS)
        assert (call.blind_to, call.at_us) == ("times", UNDATED_US)
        assert not verdict.hidden_candidate


def test_a_trace_in_whole_seconds_keeps_its_times_and_no_durations() -> None:
    text = printed("ngrep", SCENES).replace(b".412000", b".000000")
    seconds = b"\n".join(
        line[:21] + line[28:] if line.startswith(b"U ") else line for line in text.split(b"\n")
    )  # fmt: skip
    _run, rows = diagnosed(memory(trace=seconds), Settings(tz="UTC"))

    assert [call.at_us // 1_000_000 for call, _ in rows] == [1_767_225_600 + n * 60 for n in range(4)]
    assert {(call.setup_ms, call.blind_to) for call, _ in rows} == {(None, "times")}


def test_times_of_a_trace_are_those_of_the_zone_and_the_day() -> None:
    scenes = SCENES[:1]
    (east,) = diagnosed(memory(trace=printed("ngrep", scenes)), Settings(tz="+02:00"))[1]
    (west,) = diagnosed(memory(trace=printed("ngrep", scenes)), CHICAGO)[1]
    (unsaid,) = diagnosed(memory(trace=printed("ngrep", scenes)))[1]
    assert (unsaid[0].at_us - east[0].at_us, west[0].at_us - unsaid[0].at_us) == (7_200_000_000, 21_600_000_000)

    undated = printed("tcpdump", scenes).replace(b"2026-01-01 ", b"")
    (told,) = diagnosed(memory(trace=undated), Settings(day=date(2026, 11, 20), tz="UTC"))[1]
    assert told[0].at_us == int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()) * 1_000_000


def test_rotated_traces_are_one_stream_and_so_are_their_messages() -> None:
    whole = printed("ngrep", SCENES[:1])
    cut = [n for n in range(len(whole)) if whole.startswith(b"\nU ", n)][2]
    sources = memory(one=whole[:cut], two=whole[cut:])
    _run, ((call, verdict),) = diagnosed(sources)

    assert (call.file, call.final_file, verdict.verdict) == ("one", "two", "network_blocked")
    seen = list(sightings(sources, settings=Settings(tz="UTC")))
    assert [s.file for s in seen] == [0, 0, 1, 1]
    assert [s.at_us for s in seen] == sorted(s.at_us for s in seen)


def test_a_log_without_messages_is_not_usable() -> None:
    log = b"2026-11-20 09:20:06 sipd[7]: got SIP/2.0 603 Decline for call 7 from 198.51.100.2\n"
    run, rows = diagnosed(memory(log=log))

    assert (rows, codes(run.files[0]), run.files[0].usable) == ([], ["captures-no-messages"], False)


# ---------------------------------------------------------------------- records


@pytest.mark.parametrize("path", sorted(p for p in RECORDS.iterdir() if p.suffix != ".md"), ids=lambda p: p.name)
def test_every_sample_is_read_from_a_packed_file_as_from_a_plain_one(path: Path) -> None:
    settings = Settings(tz="America/Chicago", region="US")
    plain, rows = diagnosed([source(path)], settings)
    packed = [Source(path.name, partial(io.BytesIO, PACKED["zstd"](path.read_bytes())), 1)]
    again = diagnosed(packed, settings)

    assert rows
    assert {call.file for call, _ in rows} == {path.name}
    assert all(call.source.startswith("cdr ") and call.frame for call, _ in rows)
    assert again[1] == rows
    assert again[0].files[0].format == f"zstd {plain.files[0].format}"
    tally = plain.files[0].tally
    assert tally.records == tally.sip + sum(tally.skipped.values()) + sum(tally.bad.values())
    assert tally.sip == len(rows)


def test_options_for_records_reach_them() -> None:
    mine = parse_profile(
        'name = "mine"\ntitle = "t"\n[time]\nformats = ["iso"]\nzone = "local"\n'
        '[fields]\nat = "when"\ncaller = "who"\ncallee = "whom"\ntrunk = "via"\nfinal_code = "code"\n'
    )
    octets = b"when,who,whom,via,code,other\n2026-11-20 03:20:06,3125550349,2125550199,trunk-a,603,486\n"
    settings = Settings(
        region="US", tz="America/Chicago", profile=mine, maps=("final_code=other",), trunks={"trunk-a": "Alder"},
        numbers={"+13125550100": "Fir"},
    )  # fmt: skip
    ((call, verdict),) = diagnosed(memory(calls=octets), settings)[1]
    assert (call.caller, call.callee, call.carrier, call.trunk) == ("+13125550349", "+12125550199", "Alder", "trunk-a")
    assert (call.final_code, call.source, verdict.verdict) == (486, "cdr mine", "busy")
    assert call.at_us == int(datetime(2026, 11, 20, 9, 20, 6, tzinfo=UTC).timestamp()) * 1_000_000

    other = replace(settings, maps=(), trunks=None, numbers={"+12125550199": "Fir"})
    ((call, _verdict),) = diagnosed(memory(calls=octets), other)[1]
    assert (call.final_code, call.carrier) == (603, "Fir")


def test_local_times_without_a_zone_are_asked_for_and_nothing_else_of_the_file_counts() -> None:
    run, rows = diagnosed(memory(master=records("asterisk-csv.csv"), generic=records("generic.csv")))

    assert len(rows) == 3
    assert codes(run.files[0]) == ["cdr-zone-needed"]
    assert "--tz" in run.files[0].problems[0].detail
    assert [report.usable for report in run.files] == [False, True]


@pytest.mark.parametrize(
    ("settings", "code"),
    [(Settings(tz="Nowhere/None"), "cdr-unknown-zone"), (Settings(maps=("shoe=size",)), "cdr-bad-map")],
)
def test_settings_that_are_wrong_are_problems_of_the_file(settings: Settings, code: str) -> None:
    run, rows = diagnosed(memory(calls=records("generic.csv")), settings)

    assert (rows, codes(run.files[0]), run.files[0].usable) == ([], [code], False)


def test_a_region_that_is_none_is_refused() -> None:
    with pytest.raises(LocalError) as caught:
        diagnosed(memory(calls=records("generic.csv")), Settings(region="XX"))
    assert caught.value.problem.code == "numbers-unknown-region"


def test_bad_records_are_counted_and_the_good_ones_kept() -> None:
    octets = records("generic.csv") + b"c4,never,1,2,x,y,603,,\nc5,2026-11-20T09:20:09Z,1\n"
    run, rows = diagnosed(memory(calls=octets))

    assert [call.call_id for call, _ in rows] == ["c1", "c2", "c3"]
    assert run.files[0].tally.bad == {"bad-time": 1, "columns": 1}
    assert sorted(problem.where for problem in run.files[0].problems) == ["calls: line 5", "calls: line 6"]
    assert run.files[0].usable


def test_a_file_with_nothing_in_it() -> None:
    run, rows = diagnosed(memory(calls=b""))

    assert (rows, codes(run.files[0]), run.files[0].usable) == ([], ["captures-empty"], False)


def test_no_cause_of_records_is_explained_as_one_of_captures() -> None:
    from ringthrough import cdr
    from ringthrough.cli.dataset import _explain, _explain_bad

    assert {cause for cause in cdr.SPOILS if cause in CAUSES} == {"bad-time", "cut-record"}
    assert _explain_bad("bad-time") == cdr.SPOILS["bad-time"]
    assert _explain("bad-time") == CAUSES["bad-time"]
    assert all(_explain(cause) == cdr.explain(cause) for cause in (*cdr.SKIPS, *cdr.NOTES))
    assert all(_explain_bad(cause) for cause in cdr.SPOILS)


def test_many_files_are_not_all_held_open(tmp_path: Path) -> None:
    """FreeSWITCH writes one file for each call."""
    names = [f"{n:03}.csv" for n in range(60)]
    sources = on_disk(tmp_path, *[records("generic.csv")] * 60, names=names)
    run = diagnose(sources)
    cursors = run._open()
    held = [cursor for cursor in cursors if cursor.beside is not None]
    assert len(held) <= 8
    for cursor in cursors:
        cursor.close()

    run, rows = diagnosed(sources)
    assert [call.file for call, _ in rows] == [name for name in names for _ in range(3)]
    assert run.notes == [f"000.csv and 59 more: {run.notes[0].partition(': ')[2]}"]
    assert all(report.usable and report.tally.sip == 3 for report in run.files)


def test_a_file_that_goes_away_before_its_turn(tmp_path: Path) -> None:
    names = [f"{n}.csv" for n in range(12)]
    sources = on_disk(tmp_path, *[records("generic.csv")] * 12, names=names)
    run = diagnose(sources)
    batches = iter(run)
    next(batches)
    (tmp_path / "11.csv").unlink()
    rows = [row for batch in batches for row in batch]

    assert len(rows) == 3 * 11 - 3
    assert codes(run.files[11]) == ["diagnosis-cannot-open"]
    assert not run.files[11].usable


# ---------------------------------------------------------------------- tables


def test_a_table_of_ours_gives_the_same_facts_again(tmp_path: Path) -> None:
    sources = memory(
        day=simulated(80), trace=printed("bare", SCENES), calls=records("freeswitch-json.jsonl"),
    )  # fmt: skip
    rows = diagnosed(sources, CHICAGO)[1]
    table = parquet(tmp_path / "calls.parquet", rows)
    run, again = diagnosed([source(table)])

    assert again == rows
    assert {call.source for call, _ in again} == {"capture", "trace", "cdr freeswitch-json"}
    assert (run.files[0].format, run.files[0].tally.records, run.files[0].tally.sip) == (
        "parquet",
        len(rows),
        len(rows),
    )


def test_a_table_of_an_older_version_has_its_facts_and_no_more(tmp_path: Path) -> None:
    table = parquet(tmp_path / "t.parquet", diagnosed(memory(day=captured(SCENES)))[1])
    old = tmp_path / "old.parquet"
    with duckdb.connect() as engine:
        new = "source, trunk, campaign, outcome, outcome_text, blind_to"
        engine.execute(f"COPY (SELECT * EXCLUDE ({new}) FROM '{table}') TO '{old}'")
    rows = diagnosed([source(old)])[1]

    assert [call.final_code for call, _ in rows] == [603, 486, 404, 603]
    assert {(call.source, call.blind_to, call.identity) for call, _ in rows} == {("", "", "")}


def test_a_table_that_only_has_our_names_does_not_break(tmp_path: Path) -> None:
    odd = tmp_path / "odd.parquet"
    with duckdb.connect() as engine:
        engine.execute(
            "COPY (SELECT [1, 2] AS call_id, 'never' AS \"at\", 1e300 AS final_code, NULL AS signal, 7 AS rule, "
            f"'x' AS frame, {{'a': 1}} AS setup_ms, timestamptz '2026-11-20 09:20:06+00' AS early_media) TO '{odd}'"
        )
    ((call, _verdict),) = diagnosed([source(odd)])[1]

    assert (call.call_id, call.at_us, call.final_code, call.signal) == ("[1, 2]", UNDATED_US, None, "")
    assert (call.frame, call.setup_ms, call.early_media) == (None, None, None)


FOREIGN = """
COPY (SELECT * FROM (VALUES
    ('a', timestamptz '2026-11-20 09:20:06.5+00', 603.0::DOUBLE, '3125550349', 'Alder', 'x'::BLOB),
    ('b', timestamptz '2026-11-20 09:20:07+00', 'nan'::DOUBLE, '3125550349', NULL, 'y'::BLOB)
) AS calls(uuid, "Started", sip_code, ani, vendor, b)) TO '{}' (FORMAT parquet)
"""


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    path = tmp_path / "foreign.parquet"
    with duckdb.connect() as engine:
        engine.execute(FOREIGN.format(path))
    return path


def test_a_foreign_table_is_read_by_its_columns(foreign: Path) -> None:
    settings = Settings(maps=("at=Started", "server=b"), region="US")
    run, rows = diagnosed([source(foreign)], settings)

    assert run.files[0].problems == []
    assert [call.call_id for call, _ in rows] == ["a", "b"]
    assert [(call.at_us % 1_000_000, call.final_code, call.carrier, call.server, call.frame) for call, _ in rows] == [
        (500_000, 603, "Alder", "x", 1), (0, None, "", "y", 2),
    ]  # fmt: skip
    assert rows[0][0].caller == "+13125550349"
    assert rows[0][0].source == "cdr generic"


def test_a_foreign_table_without_a_time_column_says_so(foreign: Path) -> None:
    run, rows = diagnosed([source(foreign)])

    assert rows == []
    assert not run.files[0].usable
    assert run.files[0].problems[0].where.startswith("foreign.parquet")


def test_a_profile_of_the_operator_reads_a_table(foreign: Path) -> None:
    mine = parse_profile(
        'name = "mine"\ntitle = "t"\n[time]\nformats = ["iso"]\nzone = "utc"\n'
        '[fields]\nat = "Started"\ncallee = "ani"\nfinal_code = "sip_code"\n'
    )
    rows = diagnosed([source(foreign)], Settings(profile=mine))[1]

    assert [(call.callee, call.final_code, call.source) for call, _ in rows] == [
        ("3125550349", 603, "cdr mine"), ("3125550349", None, "cdr mine"),
    ]  # fmt: skip


@pytest.mark.parametrize("pack", [None, *PACKED])
def test_a_table_from_a_pipe_or_packed(foreign: Path, pack: str | None) -> None:
    octets = foreign.read_bytes()
    packed = octets if pack is None else PACKED[pack](octets)
    pipe = Source("standard input", partial(io.BytesIO, packed), None)
    run, rows = diagnosed([pipe], Settings(maps=("at=Started",)))

    assert [call.file for call, _ in rows] == ["standard input"] * 2
    assert run.files[0].format == f"{pack or ''} parquet".strip()


def test_a_table_under_a_name_that_is_not_its_path(foreign: Path) -> None:
    named = Source("day one", partial(foreign.open, "rb"), foreign.stat().st_size)

    assert [call.file for call, _ in diagnosed([named], Settings(maps=("at=Started",)))[1]] == ["day one"] * 2


@pytest.mark.parametrize("cut", [4, 300, -1, -5])
def test_a_damaged_table_is_one_problem_and_the_others_are_read(foreign: Path, cut: int) -> None:
    sources = memory(torn=foreign.read_bytes()[:cut], calls=records("generic.csv"))
    run, rows = diagnosed(sources)

    assert codes(run.files[0]) == ["store-not-parquet"]
    assert run.files[0].problems[0].where == "torn"
    assert not run.files[0].usable
    assert len(rows) == 3


@pytest.mark.parametrize("ours", [True, False])
def test_a_table_damaged_further_on_keeps_what_came_before(tmp_path: Path, ours: bool) -> None:
    path = tmp_path / "t.parquet"
    columns = 'call_id, "at", final_code, signal, rule' if ours else 'call_id, "at", final_code'
    with duckdb.connect() as engine:
        engine.execute(
            "COPY (SELECT md5('' || n) || repeat('x', 99) AS call_id, 603 AS final_code,"
            " timestamp '2026-11-20' + n * interval 1 second AS at,"
            f" '' AS signal, '' AS rule FROM range(40960) AS r(n)) TO '{tmp_path}/w.parquet'"
        )
        engine.execute(
            f"COPY (SELECT {columns} FROM '{tmp_path}/w.parquet') TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 10240)"
        )
    octets = bytearray(path.read_bytes())
    middle = len(octets) * 3 // 4
    octets[middle : middle + 4000] = bytes(4000)
    path.write_bytes(octets)
    run, rows = diagnosed([source(path)], Settings(tz="UTC"))

    assert codes(run.files[0]) == ["store-not-parquet"]
    assert run.files[0].usable
    assert 20_000 < len(rows) < 40_960
    assert run.files[0].tally.sip == len(rows)


# ---------------------------------------------------------------------- mixes


@pytest.fixture
def mixed(tmp_path: Path) -> list[Source]:
    rows = diagnosed(memory(old=simulated(30, seed=9)))[1]
    table = parquet(tmp_path / "table", rows).read_bytes()
    return on_disk(
        tmp_path,
        simulated(120, seed=1), records("freeswitch-json.jsonl"), printed("ngrep", SCENES[:2]),
        PACKED["gzip"](simulated(90, seed=2, duration_s=600.0)), table, records("asterisk-csv.csv"),
        printed("bare", [Scene("bare-9@192.0.2.10")]), b"a,b\n1,2\n", records("twilio-calls.json"),
        names=("a.pcap", "b.jsonl", "c.txt", "d.pcap.gz", "e.parquet", "f.csv", "g.txt", "h.csv", "i.json"),
    )  # fmt: skip


def test_every_number_of_workers_gives_the_same_rows_of_a_mix(
    mixed: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As in test_shards: with its real value these captures would be too small to share.
    monkeypatch.setattr(shards, "SMALLEST_SHARE", 20_000)
    one, rows = diagnosed(mixed, CHICAGO)
    two, again = diagnosed(mixed, replace(CHICAGO, workers=2))

    assert again == rows
    assert {call.source.split()[0] for call, _ in rows} == {"capture", "cdr", "trace"}
    assert [(r.name, r.format, r.usable, codes(r)) for r in two.files] == [
        (r.name, r.format, r.usable, codes(r)) for r in one.files
    ]
    assert [report.tally for report in two.files] == [report.tally for report in one.files]
    assert [report.usable for report in one.files] == [True] * 7 + [False, True]
    assert two.others == one.others
    assert [note for note in two.notes if "read by" not in note] == one.notes


def test_every_file_of_a_mix_gives_what_it_gives_alone(mixed: list[Source]) -> None:
    together = diagnosed(mixed, CHICAGO)[1]
    alone: list[Row] = []
    for each in (s for s in mixed if s.name not in ("a.pcap", "d.pcap.gz")):
        alone += diagnosed([each], CHICAGO)[1]

    kept = [row for row in together if row[0].file not in ("a.pcap", "d.pcap.gz")]
    assert sorted(kept, key=_place) == sorted(alone, key=_place)


def _place(row: Row) -> tuple[str, int, str]:
    return row[0].file, row[0].frame or 0, row[0].call_id


def test_records_alone_with_several_workers_need_no_note() -> None:
    run, rows = diagnosed(memory(calls=records("generic.csv")), Settings(workers=2))

    assert len(rows) == 3
    assert [note for note in run.notes if "worker" in note] == []


def test_messages_of_a_mix_are_those_of_its_captures_and_traces(mixed: list[Source]) -> None:
    files = {mixed[s.file].name for s in sightings(mixed, settings=CHICAGO)}

    assert files == {"a.pcap", "c.txt", "d.pcap.gz", "g.txt"}


@pytest.mark.parametrize("workers", [1, 2])
def test_the_meter_tells_everything_once(tmp_path: Path, workers: int) -> None:
    sources = on_disk(
        tmp_path, made(calls=20).octets, records("generic.csv"), printed("ngrep", SCENES) * 200, names="abc"
    )
    told: list[int] = []
    run = diagnose(sources, Settings(workers=workers), progress=told.append)
    run.into(_Nothing, lambda _lines: None)

    assert sum(told) == sum(s.size or 0 for s in sources)
    assert all(octets > 0 for octets in told)


class _Nothing:
    def take(self, rows: Sequence[Row]) -> list[bytes]:
        return [b""] * len(rows)

    def merge(self, other: _Nothing) -> None:
        pass


# ---------------------------------------------------------------------- pieces


def test_a_stream_gives_all_there_is_in_pieces() -> None:
    octets, _packed = open_source(io.BytesIO(bytes(range(250)) * 9), name="x")
    stream = Stream(octets)

    read = [stream.read(7), stream.read(1000), stream.read(), stream.read(-1), stream.read(5)]
    assert b"".join(read) == bytes(range(250)) * 9
    assert (len(read[0]), read[-2:]) == (7, [b"", b""])


def test_the_path_of_an_open_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"1")
    with path.open("rb") as handle:
        assert path_of(handle) == str(path)
        path.unlink()
        assert path_of(handle) == ""
        path.write_bytes(b"2")
        assert path_of(handle) == ""
    assert path_of(io.BytesIO()) == ""


def test_names_of_profiles_are_the_sources_of_rows() -> None:
    assert profile_named("generic") in load_profiles()
    assert all(call.source == "cdr generic" for call in _calls(records("generic.csv")))


def _calls(octets: bytes) -> list[Call]:
    return [call for call, _verdict in rows_of(diagnose(memory(calls=octets)))]
