"""`ringthrough carriers`: metrics per carrier, or by whatever --by names."""

from __future__ import annotations

from typing import Any

import click

from ringthrough.cli.measures import measure, measure_options

__all__ = ["carriers"]


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@measure_options
def carriers(files: tuple[str, ...], **options: Any) -> int:
    """
    Say how the calls to each carrier fare: answered, blocked, rung, how fast.

    STORE is the folder of a store; FILE is a capture, a text trace or call records, as for diagnose. Several files are
    one data set. What a metric means stands in docs/concepts/metrics.md; what the calls cannot tell is -, and empty or
    null in rows. Internet scanners are left out.

    Exit status: 0 everything was read; 1 something could not be read, but there are results; 2 nothing could be read,
    or wrong usage.
    """
    return measure(files, "carrier", options)
