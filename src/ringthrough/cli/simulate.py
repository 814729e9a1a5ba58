"""`ringthrough simulate`: write a capture of made-up calls or the table of a made-up world, and the truth about it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import IO, BinaryIO, cast

import click
from click.core import ParameterSource

from ringthrough.errors import LocalError

__all__ = ["simulate"]

_BUFFER_BYTES = 1 << 20
_MIX_NAMES = ("demo", "bench", "everything")
_FORMAT_NAMES = ("pcap", "pcap-nsec", "pcap-swapped", "pcapng")
_TRUTH = ".truth.jsonl"
_OF_A_CAPTURE = ("calls", "mix", "hours")
_OF_A_WORLD = ("table", "days", "volume", "labels")
# Names stand here as well as in the room, because reading them there would load the room for `--help` of every command;
# a test compares the two lists.


def _list_shapes(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from ringthrough.simulate import SHAPES

    for shape in SHAPES.values():
        click.echo(f"{shape.name:16}{shape.says}")
    context.exit()


def _list_worlds(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from ringthrough.simulate.worlds import world_names

    for name, says in world_names().items():
        click.echo(f"{name:16}{says}")
    context.exit()


def _start_us(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"expected a time such as 2026-06-01T08:00:00+00:00, found {value!r}") from None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    seconds = round(at.timestamp() * 1_000_000)
    if not 86_400_000_000 <= seconds < 4_200_000_000_000_000:
        raise click.BadParameter(
            f"expected a time between 1970-01-02 and 2103, which a capture can hold, found {value!r}"
        )
    return seconds


@click.command("simulate")
@click.option("--calls", type=click.IntRange(min=1), default=2000, show_default=True, help="How many calls.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same octets.")
@click.option(
    "--mix", type=click.Choice(_MIX_NAMES), default="demo", show_default=True, help="What happens, and how often."
)
@click.option("--shape", default="ethernet", show_default=True, help="Links and transport; see --list-shapes.")
@click.option(
    "--format", "format_", type=click.Choice(_FORMAT_NAMES), default="pcap", show_default=True, help="File format."
)
@click.option(
    "--start",
    "start_us",
    default="2026-06-01T00:00:00+00:00",
    show_default=True,
    callback=_start_us,
    help="Begin of the capture, ISO 8601; UTC unless it says otherwise.",
)
@click.option(
    "--hours", type=click.FloatRange(min=0.02, max=24 * 366), default=24.0, show_default=True, help="Its length."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Where the capture goes."
)
@click.option(
    "--truth",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the truth goes, as JSON lines.  [default: OUTPUT.truth.jsonl]",
)
@click.option("--no-truth", is_flag=True, help="Write no truth.")
@click.option("--compress", type=click.Choice(["gz", "zst", "xz"]), help="Compress the capture.")
@click.option(
    "--list-shapes",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_shapes,
    help="List shapes and exit.",
)
@click.option(
    "--world",
    metavar="NAME|SEED",
    help="Play a world of many days: a name of --list-worlds with --seed, or a seed of a world drawn at large.",
)
@click.option(
    "--table",
    metavar="FORM",
    default="csv",
    show_default=True,
    help="What a world is written as: csv, parquet, cdr:PROFILE (a name or a TOML file) or pcap.",
)
@click.option(
    "--days", type=click.IntRange(min=1, max=3660), help="Days of a world instead of those it was drawn with."
)
@click.option(
    "--volume", type=click.FloatRange(min=0, min_open=True), default=1.0, help="Factor for the calls of a world."
)
@click.option("--labels", is_flag=True, help="Fill trunk and campaign in the table of a world, as call records do.")
@click.option(
    "--list-worlds",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_worlds,
    help="List worlds and exit.",
)
def simulate(
    calls: int,
    seed: int,
    mix: str,
    shape: str,
    format_: str,
    start_us: int,
    hours: float,
    output: Path,
    truth: Path | None,
    compress: str | None,
    no_truth: bool = False,
    world: str | None = None,
    table: str = "csv",
    days: int | None = None,
    volume: float = 1.0,
    labels: bool = False,
) -> None:
    """
    Write a capture of made-up calls, or the call table of a made-up world.

    Numbers, names and addresses are from ranges set aside for documentation and fiction: the file may be given to
    anybody. A second file says what really happened in each call.
    """
    truth = _truth(truth, no_truth, output)
    if world is not None:
        from ringthrough.cli.simulate_world import play_world

        _refuse(_OF_A_CAPTURE, "--world")
        play_world(
            world, seed=seed, table=table, days=days, volume=volume, labels=labels, start_us=start_us, output=output,
            truth=truth, shape=shape, form=format_, compress=compress, opened=_opened,
        )  # fmt: skip
        return
    _refuse(_OF_A_WORLD, "")
    from ringthrough.simulate import MIXES, SHAPES
    from ringthrough.simulate import simulate as make

    if shape not in SHAPES:
        raise click.BadParameter(f"expected one of {', '.join(SHAPES)}, found {shape!r}", param_hint="--shape")
    if truth is not None and truth.absolute() == output.absolute():
        raise click.UsageError(f"capture and truth need two files, found {output} for both")
    try:
        with ExitStack() as stack:
            handle = stack.enter_context(_opened(output, compress))
            lines = stack.enter_context(truth.open("w", encoding="utf-8", newline="\n")) if truth is not None else None
            counts = make(
                Random(seed),
                handle,
                mix=MIXES[mix],
                calls=calls,
                start_us=start_us,
                duration_s=hours * 3600,
                shape=shape,
                format=format_,
                truth=lines,
                facts={"seed": seed},
            )
    except LocalError as error:
        raise click.UsageError(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or output}: {error.strerror or error}") from error
    said = f"{counts.calls:,} calls, {counts.messages:,} SIP messages, {counts.packets:,} packets"
    click.echo(f"{output}: {said}")
    if truth is not None:
        click.echo(f"{truth}: the truth about each call")


def _truth(truth: Path | None, no_truth: bool, output: Path) -> Path | None:
    """Where the truth goes: beside the output, unless something else was said."""
    if no_truth:
        if truth is not None:
            raise click.UsageError("--truth and --no-truth exclude each other")
        return None
    if truth is None and output.exists() and not output.is_file():
        return None  # a pipe or a device has no place beside it
    return output.with_name(output.name + _TRUTH) if truth is None else truth


def _refuse(names: Sequence[str], beside: str) -> None:
    """Stop at options that mean nothing here."""
    context = click.get_current_context(silent=True)
    if context is None:
        return
    given = [n for n in names if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]
    if given:
        options = ", ".join(f"--{name}" for name in given)
        where = f"beside {beside}" if beside else "without --world"
        raise click.UsageError(f"{options} means nothing {where}")


@contextmanager
def _opened(path: Path, compress: str | None) -> Iterator[BinaryIO]:
    """Open the capture for writing; what is written is compressed on the way, always to the same octets."""
    with path.open("wb", buffering=_BUFFER_BYTES) as plain:
        if compress is None:
            yield plain
            return
        with _compressor(plain, compress) as packed:
            yield cast("BinaryIO", packed)


def _compressor(plain: BinaryIO, compress: str) -> IO[bytes]:
    if compress == "gz":
        import gzip

        # Neither name nor time in the header: the same seed gives the same file.
        return cast("IO[bytes]", gzip.GzipFile(filename="", mode="wb", fileobj=plain, compresslevel=6, mtime=0))
    if compress == "xz":
        import lzma

        return cast("IO[bytes]", lzma.LZMAFile(plain, "wb", preset=3))
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return cast("IO[bytes]", zstd.ZstdFile(plain, "wb"))
