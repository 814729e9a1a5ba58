"""`ringthrough simulate --world`: the calls of a made-up world as a table, as call records or as a capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from ringthrough.errors import BackendError, LocalError, RuleError

if TYPE_CHECKING:
    from ringthrough.calls import Call
    from ringthrough.simulate.worlds import World, WorldTruthFile
    from ringthrough.simulate.worlds.records import RecordWriter

__all__ = ["play_world"]

_FORMS = "csv, parquet, cdr:PROFILE or pcap"
_OWN_PROFILE = ".toml"
_DAY_US = 86_400_000_000


def play_world(
    name: str,
    *,
    seed: int,
    table: str,
    days: int | None,
    volume: float,
    labels: bool,
    start_us: int,
    output: Path,
    truth: Path | None,
    shape: str,
    form: str,
    compress: str | None,
    opened: Callable[[Path, str | None], AbstractContextManager[BinaryIO]],
) -> None:
    """
    Play a world into files.

    Args:
        name: a name of worlds.toml, or the seed of a world drawn at large.
        seed: seed of a named world.
        table: csv, parquet, cdr:PROFILE (a name, or a TOML file) or pcap.
        days: its length; as drawn by default.
        volume: factor for its calls.
        labels: fill `trunk` and `campaign`.
        start_us: when it begins, microseconds since 1970 UTC.
        output: where the calls go.
        truth: where the truth goes.
        shape: shape of a capture.
        form: file format of a capture.
        compress: how to compress what is no Parquet.
        opened: opens a file for writing, compressed or not.
    """
    from ringthrough.simulate.worlds import make_world, world_names

    if truth is not None and truth.absolute() == output.absolute():
        raise click.UsageError(f"calls and truth need two files, found {output} for both")
    if name.isdecimal() and name.isascii():
        name, seed = "mixed", int(name)
    elif name not in world_names():
        expected = f"expected a seed or one of {', '.join(world_names())}"
        raise click.BadParameter(f"{expected}; found {name!r}", param_hint="--world")
    if seed < 0:
        raise click.BadParameter(f"expected a seed of 0 or more for a world, found {seed}", param_hint="--seed")
    if start_us % _DAY_US:
        raise click.BadParameter("a world begins at midnight, UTC", param_hint="--start")
    import numpy as np

    from ringthrough.simulate.worlds import WorldTruthFile, draw_parameters

    try:
        rng = np.random.default_rng(seed)
        world = make_world(draw_parameters(rng, name), rng, start_us=start_us, days=days, scale=volume)
        with ExitStack() as stack:
            told = None
            if truth is not None:
                lines = stack.enter_context(truth.open("w", encoding="utf-8", newline="\n"))
                told = WorldTruthFile(lines)
                told.header(world, seed=seed, world=name, table=table)
            written = _write(world, table, labels, output, told, shape, form, compress, opened)
            if told is not None:
                told.cells(world.truth)
                told.totals()
    except (LocalError, BackendError, RuleError) as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or output}: {error.strerror or error}") from error
    click.echo(f"{output}: {written:,} calls in {world.day_count} days")
    if truth is not None:
        click.echo(f"{truth}: the truth about each call, and about each number, carrier and day")


def _write(
    world: World,
    table: str,
    labels: bool,
    output: Path,
    told: WorldTruthFile | None,
    shape: str,
    form: str,
    compress: str | None,
    opened: Callable[[Path, str | None], AbstractContextManager[BinaryIO]],
) -> int:
    """Write the calls in one form, and the truth about each; return how many."""
    calls = _Told(world, labels, told)
    if table == "parquet":
        if compress is not None:
            raise click.UsageError("--compress means nothing for Parquet, which is compressed by itself")
        from ringthrough.report import OUTPUT
        from ringthrough.store import ParquetFile, parquet_lines
        from ringthrough.verdict import judge

        with ParquetFile(output, OUTPUT) as file:
            for rows in calls:
                file.write(parquet_lines([(row, judge(row)) for row in rows], OUTPUT))
    elif table == "csv":
        from ringthrough.report import csv_header, csv_rows
        from ringthrough.verdict import judge

        with opened(output, compress) as handle:
            handle.write(csv_header())
            for rows in calls:
                handle.writelines(csv_rows([(row, judge(row)) for row in rows]))
    elif table == "pcap":
        _write_capture(world, calls, output, shape, form, compress, opened)
    elif table.startswith("cdr:"):
        writer = _record_writer(table.removeprefix("cdr:"))
        calls.record_id = writer.record_id
        with opened(output, compress) as handle:
            handle.write(writer.header().encode())
            for rows in calls:
                handle.write("".join(writer.lines(rows)).encode())
    else:
        raise click.BadParameter(f"expected {_FORMS}, found {table!r}", param_hint="--table")
    return calls.count


def _record_writer(name: str) -> RecordWriter:
    from ringthrough.simulate.worlds.records import RecordWriter

    if not name.endswith(_OWN_PROFILE):
        return RecordWriter(name)
    from ringthrough.cdr import parse_profile

    try:
        text = Path(name).read_text("utf-8")
    except (OSError, ValueError) as fault:
        said = fault.strerror if isinstance(fault, OSError) and fault.strerror else "it is no UTF-8"
        raise click.BadParameter(
            f"expected a profile that can be read, found: {name}: {said}", param_hint="--table"
        ) from fault
    return RecordWriter(parse_profile(text, name))


def _write_capture(
    world: World,
    calls: _Told,
    output: Path,
    shape: str,
    form: str,
    compress: str | None,
    opened: Callable[[Path, str | None], AbstractContextManager[BinaryIO]],
) -> None:
    from ringthrough.simulate import SHAPES, write

    if shape not in SHAPES or SHAPES[shape].transport != "udp" or SHAPES[shape].ipv6:
        possible = [name for name, one in SHAPES.items() if one.transport == "udp" and not one.ipv6]
        raise click.BadParameter(f"expected one of {', '.join(possible)}, found {shape!r}", param_hint="--shape")
    with opened(output, compress) as handle:
        write(world.datagrams(), handle, shape=shape, format=form)
    # The messages know nothing of the truth: it is told in a second telling of the same world.
    for _ in calls:
        pass


class _Told:
    """The calls of a world, batch by batch, while the truth about them is written."""

    def __init__(self, world: World, labels: bool, told: WorldTruthFile | None) -> None:
        self._world = world
        self._labels = labels
        self._told = told
        self.record_id: Callable[[Call], str] | None = None
        "What the records of a call are known by, where that is not the Call-ID; empty for the Call-ID."
        self.count = 0
        "Calls so far."

    def __iter__(self) -> Iterator[list[Call]]:
        if self._told is None:
            for rows in self._world.calls(labels=self._labels):
                self.count += len(rows)
                yield rows
            return
        for rows, truths in self._world.told(labels=self._labels):
            self.count += len(rows)
            ids = [self.record_id(row) for row in rows] if self.record_id is not None else []
            self._told.calls(truths, ids if any(ids) else ())
            yield rows
