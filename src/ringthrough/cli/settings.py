"""Options to settings of a diagnosis: carriers.toml, address ranges, region."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ringthrough.calls import Carrier, Carriers, Networks
from ringthrough.cli.credentials import prover_of
from ringthrough.diagnosis import Settings
from ringthrough.errors import LocalError, Problem, RuleError
from ringthrough.numbers import normalise

__all__ = ["read_carriers", "read_numbers", "settings_of"]

_PREFIX = re.compile(r"\+[0-9]{1,15}")


def settings_of(
    *,
    region: str | None,
    own: Sequence[str],
    carriers: str | None,
    workers: int,
    proof: Mapping[str, Any] | None = None,
    records: Mapping[str, Any] | None = None,
) -> Settings:
    """
    Make the settings of a diagnosis.

    Args:
        region: country of numbers without a country code.
        own: our own address ranges.
        carriers: file that names carriers.
        workers: processes.
        proof: options for `credentials.prover_of`, when Identities and cards are to be verified.
        records: options for call records and text traces: profile, maps, tz, day, number_table.

    Raises:
        LocalError: the region, an address range, a zone, a shipped profile or a mapped field is none.
        RuleError: the file of carriers, of numbers or of a profile is wrong.
    """
    Networks(own)
    if region is not None:
        normalise("0", region)
    prover = None
    if proof is not None:
        prover = partial(prover_of, region=region, **proof)
        prover().close()  # what is wrong with a file or an option is told before anything is read
    named, trunks = read_carriers(carriers) if carriers else (None, None)
    made = Settings(region, tuple(own), named, workers, trunks=trunks or None, prover=prover)
    return made if records is None else _with_records(made, records)


def _with_records(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """Settings with what was said of call records and text traces, as far as it can be checked before they are read."""
    from ringthrough.cdr import parse_profile, profile_named

    profile = None
    if (name := given["profile"]) is not None:
        try:
            profile = parse_profile(Path(name).read_text("utf-8"), name) if _is_path(name) else profile_named(name)
        except (OSError, UnicodeDecodeError) as fault:
            detail = f"expected a profile that can be read: {_said(fault)}"
            raise RuleError(Problem("cli-not-readable", detail, name)) from fault
    # Whatever profile a file turns out to need: what is no field of one is no field of any.
    mapped = (profile or profile_named("generic")).mapped(given["maps"])
    if profile is not None:
        profile = mapped
    made = replace(
        settings, profile=profile, maps=tuple(given["maps"]), tz=given["tz"], day=given["day"],
        numbers=read_numbers(given["number_table"], settings.region) if given["number_table"] else None,
    )  # fmt: skip
    made.zone()
    return made


def _is_path(name: str) -> bool:
    return "/" in name or name.endswith(".toml")


def _said(fault: Exception) -> str:
    return fault.strerror if isinstance(fault, OSError) and fault.strerror else str(fault)


def read_numbers(path: str, region: str | None = None) -> dict[str, str]:
    """
    Read a table of numbers: CSV with the columns `number` and `carrier`; numbers in E.164, or as dialled in the region.

    Raises:
        RuleError: it cannot be read, or a line has no number or carrier.
    """
    import csv

    found: dict[str, str] = {}
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as handle:
            lines = csv.DictReader(handle)
            for row in lines:
                number, carrier = (row.get("number") or "").strip(), (row.get("carrier") or "").strip()
                if not number or not carrier:
                    detail = f"expected the columns number and carrier, found {dict(row)!r}"[:200]
                    raise RuleError(Problem("cli-numbers-file", detail, where=f"{path}: line {lines.line_num}"))
                found[normalise(number, region)] = carrier
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        detail = f"expected a CSV file that can be read: {_said(fault)}"
        raise RuleError(Problem("cli-numbers-file", detail, path)) from fault
    return found


def read_carriers(path: str) -> tuple[Carriers, dict[str, str]]:
    """
    Read carriers.toml: the carriers, and which of them each trunk belongs to.

        [[carrier]]
        name = "Example Telecom"
        networks = ["198.51.100.0/24"]
        prefixes = ["+1215"]
        trunks = ["example-out"]

    Raises:
        RuleError: it cannot be read, or a key or value in it is wrong; names file, carrier and key.
    """
    import msgspec

    try:
        octets = Path(path).read_bytes()
    except OSError as fault:
        detail = f"expected a file that can be read, the system says: {fault.strerror or fault}"
        raise RuleError(Problem("cli-carriers-file", detail, where=path)) from fault
    entry: Any = msgspec.defstruct(
        "carrier",
        [("name", str), ("networks", list[str], []), ("prefixes", list[str], []), ("trunks", list[str], [])],
        forbid_unknown_fields=True,
    )
    whole: Any = msgspec.defstruct("carriers", [("carrier", list[entry], [])], forbid_unknown_fields=True)
    try:
        found = msgspec.toml.decode(octets, type=whole)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise RuleError(Problem("cli-carriers-toml", f"expected [[carrier]] tables: {fault}", where=path)) from fault
    carriers = Carriers(tuple(_carrier(path, number, c) for number, c in enumerate(found.carrier, 1)))
    trunks: dict[str, str] = {}
    for number, each in enumerate(found.carrier, 1):
        for trunk in each.trunks:
            if trunks.setdefault(trunk, each.name) != each.name or not trunk.strip():
                raise _wrong(
                    f"{path}: carrier {number}", "trunks", "names of trunks, each with one carrier", repr(trunk)
                )
    return carriers, trunks


def _carrier(path: str, number: int, found: Any) -> Carrier:
    where = f"{path}: carrier {number}"
    if not found.name.strip():
        raise _wrong(where, "name", "a name", repr(found.name))
    try:
        Networks(found.networks)
    except LocalError as fault:
        raise RuleError(Problem("cli-carriers-value", fault.problem.detail, where=f"{where}: networks")) from fault
    for prefix in found.prefixes:
        if not _PREFIX.fullmatch(prefix):
            raise _wrong(where, "prefixes", "a beginning of a number such as +1215", repr(prefix))
    return Carrier(found.name, tuple(found.networks), tuple(found.prefixes))


def _wrong(where: str, key: str, expected: str, found: str) -> RuleError:
    return RuleError(Problem("cli-carriers-value", f"expected {expected}, found {found}", where=f"{where}: {key}"))
