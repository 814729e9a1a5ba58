"""Broken files: reported with file and line, the good rows kept, the bad ones counted by cause."""

from __future__ import annotations

import io
import resource
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringthrough.cdr import NOTES, SKIPS, SPOILS, explain, load_profiles, open_records, recognise

from .reading import DATA, Chunks, codes, opened, own, read

HEAD = "call_id,at,from,to,status\n"


def _line(number: int, end: str = "busy") -> str:
    return f"c{number},2026-11-20T09:20:{number % 60:02d}Z,+13125550349,+12135550{number % 1000:03d},{end}\n"


def test_too_few_and_too_many_columns_are_counted_with_their_lines() -> None:
    rows, records = read(
        HEAD + _line(1) + "c2,2026-11-20T09:20:02Z\n" + _line(3) + "a,b,c,d,e,f\n" + _line(5), "generic"
    )
    assert [row.call_id for row in rows] == ["c1", "c3", "c5"]
    assert [row.frame for row in rows] == [2, 4, 6]
    assert records.tally.bad == {"columns": 2}
    assert [problem.where for problem in records.problems] == ["calls.csv: line 3", "calls.csv: line 5"]
    assert codes(records) == ["cdr-columns"] * 2


def test_a_stray_quote_costs_one_record() -> None:
    text = HEAD + _line(1) + 'c2,2026-11-20T09:20:02Z,"+1312,+12135550002,busy\n' + "".join(map(_line, range(3, 80)))
    rows, records = read(text, "generic")
    assert len(rows) == 78
    assert records.tally.bad == {"open-quote": 1}
    assert codes(records) == ["cdr-open-quote"]
    assert records.problems[0].where == "calls.csv: line 3"


def test_a_stray_quote_at_the_end_costs_one_record() -> None:
    rows, records = read(HEAD + _line(1) + 'c2,2026-11-20T09:20:02Z,"+1312,+12135550002,busy\n' + _line(3), "generic")
    assert [row.call_id for row in rows] == ["c1", "c3"]
    assert records.tally.bad == {"open-quote": 1}


def test_line_ends_inside_quotes_belong_to_the_record() -> None:
    text = HEAD + _line(1) + 'c2,2026-11-20T09:20:02Z,+13125550349,+12135550002,"busy\n\nreally"\n' + _line(3)
    rows, records = read(text, "generic")
    assert [(row.call_id, row.frame) for row in rows] == [("c1", 2), ("c2", 3), ("c3", 6)]
    assert rows[1].outcome_text == "busy\n\nreally"
    assert records.problems == []


def test_a_record_across_blocks_is_put_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringthrough.cdr.text.CHUNK_BYTES", 150)
    text = (
        HEAD
        + "".join(map(_line, range(4)))
        + 'q,2026-11-20T09:20:02Z,+1312,+1213,"a\nb\nc\nd"\n'
        + "".join(map(_line, range(9)))
    )
    rows, records = read(text, "generic")
    assert len(rows) == 14
    assert [row.frame for row in rows[3:6]] == [5, 6, 10]
    assert records.problems == []


def test_encodings_may_be_mixed() -> None:
    octets = (
        HEAD.encode()
        + "cé,2026-11-20T09:20:01Z,a,b,busy\n".encode()
        + "cü,2026-11-20T09:20:02Z,a,b,busy\n".encode("latin-1")
    )
    rows, records = read(octets, "generic")
    assert [row.call_id for row in rows] == ["cé", "cü"]
    assert records.tally.notes == {"not-utf-8": 1}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8"])
def test_byte_order_marks_are_understood(encoding: str) -> None:
    octets = (HEAD + "cé,2026-11-20T09:20:01Z,a,b,busy\n").encode(encoding)
    assert recognise(octets).profile is not None
    rows, records = read(octets, "generic")
    assert ([row.call_id for row in rows], records.problems) == (["cé"], [])


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_all_systems(end: str) -> None:
    rows, records = read((HEAD + _line(1) + _line(2)).replace("\n", end), "generic")
    assert ([row.frame for row in rows], records.problems) == ([2, 3], [])


@pytest.mark.parametrize(("text", "code"), [("", "cdr-empty"), (" \n\n", "cdr-no-rows"), (HEAD, "cdr-no-rows")])
def test_files_without_records(text: str, code: str) -> None:
    rows, records = read(text, "generic")
    assert (rows, codes(records)) == ([], [code])


def test_two_dialects_in_one_file() -> None:
    one = (DATA / "freeswitch-csv.csv").read_text()
    other = (DATA / "asterisk-csv.csv").read_text()
    rows, records = read(one + other * 10, "freeswitch-csv")
    assert len(rows) == 3
    assert records.tally.bad == {"bad-time": 60}
    assert codes(records)[0] == "cdr-bad-time"
    assert codes(records)[-1] == "cdr-mostly-bad"
    assert records.tally.notes["problems-not-listed"] == 40


def test_a_header_that_comes_again_is_skipped() -> None:
    rows, records = read(HEAD + _line(1) + HEAD + _line(2), "generic")
    assert (len(rows), records.tally.skipped, records.problems) == (2, {"header": 1}, [])


def test_another_separator_than_the_profile_says_is_used_and_said() -> None:
    text = (DATA / "freeswitch-csv.csv").read_text().replace('","', '";"')
    rows, records = read(text, "freeswitch-csv")
    assert (len(rows), codes(records)) == (3, ["cdr-separator"])


@pytest.mark.parametrize(
    ("stamp", "cause"),
    [("1066-10-14T09:00:00Z", "bad-time"), ("2400-01-01T00:00:00Z", "bad-time"), ("99999999999", "bad-time"),
     ("2026-13-45T09:00:00Z", "bad-time"), ("yesterday", "bad-time"), ("", "no-time"),
     ("0000-00-00 00:00:00", "no-time")],
)  # fmt: skip
def test_times_out_of_range_cost_their_record(stamp: str, cause: str) -> None:
    rows, records = read(HEAD + _line(1) + f"c2,{stamp},a,b,busy\n" + _line(3), "generic")
    assert [row.call_id for row in rows] == ["c1", "c3"]
    assert records.tally.bad == {cause: 1}
    assert codes(records) == [f"cdr-{cause}"]
    assert records.problems[0].where == "calls.csv: line 3"


def test_local_times_ask_for_a_zone() -> None:
    text = (DATA / "asterisk-csv.csv").read_text()
    records = opened(text, "asterisk-csv", tz=None)
    assert list(records) == []
    assert codes(records) == ["cdr-zone-needed"]
    assert "--tz" in records.problems[0].detail
    rows, _ = read(text, "asterisk-csv", tz="America/Chicago")
    assert rows[0].at_us == 1_795_188_006_000_000


def test_a_file_of_another_kind_is_refused() -> None:
    records = opened('{"a": 1}\n', "asterisk-csv")
    assert (list(records), codes(records)) == ([], ["cdr-kind"])


def test_a_header_without_times_is_refused() -> None:
    records = opened("call_id,from,to\n1,2,3\n", "generic")
    assert (list(records), codes(records)) == ([], ["cdr-no-column"])


def test_json_records_without_times_are_refused() -> None:
    records = opened('{"from": "a", "to": "b"}\n', "generic")
    assert (list(records), codes(records)) == ([], ["cdr-no-column"])


def test_a_handle_that_fails_is_a_problem() -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError("the disk is on fire")

    records = open_records(Failing(), load_profiles()[0], name="x")  # type: ignore[arg-type]
    assert (list(records), codes(records)) == ([], ["cdr-read-failed"])


@pytest.mark.parametrize("profile", ["generic", "kamailio-acc", "twilio-calls"])
@pytest.mark.slow
def test_a_line_without_end_costs_no_memory(profile: str) -> None:
    """A quarter of a gigabyte here; the line could be of any length, because nothing of it is kept."""
    begin = {"generic": HEAD, "kamailio-acc": "ACC: x: timestamp=1;", "twilio-calls": '{"a": "'}[profile]

    def parts() -> Iterator[bytes]:
        yield begin.encode()
        for _ in range(256):
            yield b"x" * (1 << 20)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = next(one for one in load_profiles() if one.name == profile)
    records = open_records(Chunks(parts()), found, name="endless")  # type: ignore[arg-type]
    assert list(records) == []
    assert "cdr-line-too-long" in codes(records)
    assert records.tally.adds_up
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_rows_behind_a_line_without_end_are_read() -> None:
    long = b"y" * (5 << 20)
    octets = (HEAD + _line(1)).encode() + long + b"\n" + _line(2).encode()
    rows, records = read(octets, "generic")
    assert [(row.call_id, row.frame) for row in rows] == [("c1", 2), ("c2", 4)]
    assert records.tally.bad == {"line-too-long": 1}


def test_a_cell_that_csv_refuses_is_a_bad_record() -> None:
    rows, records = read(HEAD + _line(1) + 'c2,2026-11-20T09:20:02Z,"a","b","' + "x" * 200_000 + '"\n', "generic")
    assert (len(rows), records.tally.bad) == (1, {"line-too-long": 1})


def test_numbers_that_make_no_sense_are_missing_and_counted() -> None:
    text = "at,end,answer,to,duration\n2026-11-20T09:20:00Z,2026-11-20T09:19:00Z,never,+12135550100,ages\n"
    rows, records = read(text, "generic")
    assert (rows[0].setup_ms, rows[0].talk_ms) == (None, None)
    assert records.tally.notes == {"bad-number": 1, "bad-answer-time": 1, "time-order": 1}


def test_every_cause_is_explained() -> None:
    for known in (SPOILS, SKIPS, NOTES):
        assert all(explain(cause) == said for cause, said in known.items())
    assert explain("colour") == ""


_PIECES = st.sampled_from(
    ["\n", ",", '"', ";", "{", "}", "[", "]", "ACC: ", "=", "<cdr>", "</cdr>", "2026-11-20 09:20:06", "603", "\\", "'",
     "INSERT INTO cdr VALUES (", ")", "at", "call_id", "\t", "|", ":", "1795166406", "\x00", "é", "\udcff",
     "%3B", "null"]
)  # fmt: skip


@pytest.mark.slow
@settings(max_examples=30, deadline=None, database=None)
@given(pieces=st.lists(_PIECES | st.text(max_size=4), max_size=60), seed=st.integers(0, 10**6))
def test_nothing_but_problems_comes_of_any_octets(pieces: list[str], seed: int) -> None:
    octets = "".join(pieces).encode("utf-8", "surrogatepass")
    samples = sorted(path for path in DATA.iterdir() if path.suffix != ".md")
    sample = samples[seed % len(samples)].read_bytes()
    cut = seed % (len(sample) + 1)
    for text in (octets, sample[:cut] + octets + sample[cut:]):
        recognise(text)  # looks at every profile: once for each text is enough
        for profile in load_profiles():
            records = opened(text, profile)
            list(records)
            refused = {"cdr-zone-needed", "cdr-no-column"} & set(codes(records))
            assert refused or records.tally.adds_up, records.tally


def test_a_profile_may_be_wrong_about_everything() -> None:
    profile = own(
        'kinds = ["csv", "json", "sql", "xml", "keys"]\nelement = "x"\nmarker = "M "\nkeys = ["at"]',
        'to = "b"'.replace("to", "callee"),
    )
    for text in (
        "at\n1795166406\n",
        '{"at": 1795166406}',
        "<x><at>1795166406</at></x>",
        "INSERT INTO t (at) VALUES (1795166406);",
    ):
        rows, _ = read(text, profile)
        assert [row.at_us for row in rows] == [1_795_166_406_000_000], text
