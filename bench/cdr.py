"""
Call records to rows of the call table: records per CPU second, beside DuckDB and pandas reading the same file.

    python bench/cdr.py [--rows 300000] [--rounds 3]

The files are made here: FreeSWITCH mod_cdr_csv (template example), a generic CSV with a SIP status and a phrase,
Asterisk Master.csv, FreeSWITCH JSON lines, Kamailio acc lines. ringthrough goes from octets to `Call` tuples in
batches, numbers normalised; DuckDB (`read_csv`, one thread, counting all columns) and pandas only cut and type the
columns, which is less: the floor. The best of the rounds counts, CPU seconds of the process.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ringthrough.cdr import open_records, profile_named

CAUSES = (
    ("NORMAL_CLEARING", "16"), ("CALL_REJECTED", "21"), ("NO_ANSWER", "19"), ("USER_BUSY", "17"),
    ("ORIGINATOR_CANCEL", "487"),
)  # fmt: skip
CODES = ((200, "OK"), (603, "Decline"), (603, "Network Blocked"), (486, "Busy Here"), (480, "Temporarily Unavailable"))


def stamp(second: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1_795_000_000 + second))


def calls(rows: int) -> list[tuple[int, int, int, str, str, int]]:
    """Start, set-up and talk in seconds, caller, callee, kind of end; five calls begin in each second."""
    rng = random.Random(20261120)
    made = []
    for number in range(rows):
        kind = rng.choices(range(5), (30, 20, 30, 10, 10))[0]
        caller = f"1312555{rng.randrange(400):04d}"
        callee = f"1{rng.randrange(201, 990)}{rng.randrange(2_000_000, 9_999_999)}"
        made.append((number // 5, rng.randrange(1, 25), rng.randrange(1, 400) if not kind else 0, caller, callee, kind))
    return made


def freeswitch(rows: int) -> str:
    lines = []
    for number, (at, setup, talk, caller, callee, kind) in enumerate(calls(rows)):
        answer = stamp(at + setup) if not kind else ""
        cells = (
            "Acct", caller, callee, "public", stamp(at), answer, stamp(at + setup + talk), str(setup + talk), str(talk),
            CAUSES[kind][0], f"a5c9f6c0-e752-11e3-8bfb-{number:012x}", "", "", "PCMU", "PCMU",
        )  # fmt: skip
        lines.append('"' + '","'.join(cells) + '"')
    return "\n".join(lines) + "\n"


def generic(rows: int) -> str:
    lines = ["call_id,start_time,answer_time,end_time,from,to,carrier,campaign,sip_code,sip_phrase"]
    for number, (at, setup, talk, caller, callee, kind) in enumerate(calls(rows)):
        answer = stamp(at + setup) + "Z" if not kind else ""
        code, phrase = CODES[kind]
        lines.append(
            f"c{number:08x},{stamp(at)}Z,{answer},{stamp(at + setup + talk)}Z,+{caller},+{callee},"
            f"carrier-{number % 7},spring,{code},{phrase}"
        )
    return "\n".join(lines) + "\n"


def asterisk(rows: int) -> str:
    words = ("ANSWERED", "NO ANSWER", "NO ANSWER", "BUSY", "FAILED")
    lines = []
    for number, (at, setup, talk, caller, callee, kind) in enumerate(calls(rows)):
        answer = f'"{stamp(at + setup)}"' if not kind else ""
        lines.append(
            f'"","{caller}","{callee}","outbound","""Acct"" <{caller}>","PJSIP/dialer-{number:08x}",'
            f'"PJSIP/carrier-a-{number + 1:08x}","Dial","PJSIP/{callee}@carrier-a,30","{stamp(at)}",{answer},'
            f'"{stamp(at + setup + talk)}",{setup + talk},{talk},"{words[kind]}","DOCUMENTATION",'
            f'"{1795000000 + at}.{number}",""'
        )
    return "\n".join(lines) + "\n"


def freeswitch_json(rows: int) -> str:
    lines = []
    for number, (at, setup, talk, caller, callee, kind) in enumerate(calls(rows)):
        start = (1_795_000_000 + at) * 1_000_000
        variables = {
            "uuid": f"a5c9f6c0-e752-11e3-8bfb-{number:012x}", "sip_call_id": f"{number:08x}@203.0.113.5",
            "direction": "outbound", "caller_id_number": caller, "destination_number": callee,
            "sip_gateway_name": "carrier-a", "start_uepoch": str(start), "progress_uepoch": "0",
            "answer_uepoch": str(start + setup * 1_000_000) if not kind else "0",
            "end_uepoch": str(start + (setup + talk) * 1_000_000), "hangup_cause": CAUSES[kind][0],
            "sip_invite_failure_status": str(CODES[kind][0]), "sip_invite_failure_phrase": CODES[kind][1],
        }  # fmt: skip
        lines.append(json.dumps({"core-uuid": "c0ffee", "switchname": "fs1", "variables": variables}))
    return "\n".join(lines) + "\n"


def kamailio(rows: int) -> str:
    lines = []
    for number, (at, _, _, caller, callee, kind) in enumerate(calls(rows)):
        code, phrase = CODES[kind]
        lines.append(
            f" 1(24533) NOTICE: acc [acc.c:287]: acc_log_request(): ACC: transaction answered: "
            f"timestamp={1795000000 + at};method=INVITE;"
            f"from_tag=f{number};to_tag=u{number};call_id=k-{number:08x}@192.0.2.1;"
            f"code={code};reason={phrase};src_user=+{caller};dst_user={callee};rpl_reason_hdr="
        )
    return "\n".join(lines) + "\n"


FILES: tuple[tuple[str, Callable[[int], str], str, int], ...] = (
    ("freeswitch-csv", freeswitch, "UTC", 1), ("generic", generic, "", 1),
    ("asterisk-csv", asterisk, "America/Chicago", 3), ("freeswitch-json", freeswitch_json, "UTC", 10),
    ("kamailio-acc", kamailio, "", 10),
)  # fmt: skip


def best(rounds: int, run: Callable[[], int]) -> tuple[float, int]:
    seconds, rows = 1e9, 0
    for _ in range(rounds):
        begin = time.process_time()
        rows = run()
        seconds = min(seconds, time.process_time() - begin)
    return seconds, rows


def read(profile: str, octets: bytes, zone: str) -> int:
    records = open_records(io.BytesIO(octets), profile_named(profile), name="bench", tz=zone or None, region="US")
    rows = sum(map(len, records.blocks()))
    if records.problems:
        sys.exit(f"{profile}: {records.problems[0]}")
    return rows


def duckdb_read(path: Path, header: bool) -> int:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        columns = f"select count(columns(*)) from read_csv('{path}', header={str(header).lower()})"
        return max(connection.execute(columns).fetchone() or (0,))


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--rows", type=int, default=300_000)
    words.add_argument("--rounds", type=int, default=3)
    asked = words.parse_args()
    print(f"{'profile':18} {'rows':>8} {'MB':>6} {'CPU s':>7} {'rows/s':>9} {'DuckDB s':>9} {'pandas s':>9}")
    for profile, make, zone, part in FILES:
        octets = make(asked.rows // part).encode()
        seconds, rows = best(asked.rounds, lambda p=profile, o=octets, z=zone: read(p, o, z))  # type: ignore[misc]
        floor = pandas_floor = ""
        if profile in ("freeswitch-csv", "generic", "asterisk-csv"):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "calls.csv"
                path.write_bytes(octets)
                floor = f"{best(asked.rounds, lambda p=path, h=profile == 'generic': duckdb_read(p, h))[0]:.2f}"  # type: ignore[misc]
                try:
                    import pandas

                    pandas_floor = f"{best(asked.rounds, lambda p=path: len(pandas.read_csv(p, header=None)))[0]:.2f}"  # type: ignore[misc]
                except ImportError:
                    pandas_floor = "absent"
        rate = rows / seconds
        print(
            f"{profile:18} {rows:8} {len(octets) / 1e6:6.1f} {seconds:7.2f} {rate:9,.0f} {floor:>9} {pandas_floor:>9}"
        )
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB, the files included")


if __name__ == "__main__":
    main()
