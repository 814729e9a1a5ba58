"""Options to settings of a diagnosis: carriers.toml, address ranges, region."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ringthrough.calls import Carrier, Carriers, Networks
from ringthrough.cli.credentials import prover_of
from ringthrough.diagnosis import Settings
from ringthrough.errors import LocalError, Problem, RuleError
from ringthrough.numbers import normalise

__all__ = ["read_carriers", "settings_of"]

_PREFIX = re.compile(r"\+[0-9]{1,15}")


def settings_of(
    *,
    region: str | None,
    own: Sequence[str],
    carriers: str | None,
    workers: int,
    proof: Mapping[str, Any] | None = None,
) -> Settings:
    """
    Make the settings of a diagnosis.

    Args:
        region: country of numbers without a country code.
        own: our own address ranges.
        carriers: file that names carriers.
        workers: processes.
        proof: options for `credentials.prover_of`, when Identities and cards are to be verified.

    Raises:
        LocalError: the region or an address range is none.
        RuleError: the file of carriers is wrong.
    """
    Networks(own)
    if region is not None:
        normalise("0", region)
    prover = None
    if proof is not None:
        prover = partial(prover_of, region=region, **proof)
        prover().close()  # what is wrong with a file or an option is told before anything is read
    return Settings(region, tuple(own), read_carriers(carriers) if carriers else None, workers, prover)


def read_carriers(path: str) -> Carriers:
    """
    Read carriers.toml.

        [[carrier]]
        name = "Example Telecom"
        networks = ["198.51.100.0/24"]
        prefixes = ["+1215"]

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
        "carrier", [("name", str), ("networks", list[str], []), ("prefixes", list[str], [])], forbid_unknown_fields=True
    )
    whole: Any = msgspec.defstruct("carriers", [("carrier", list[entry], [])], forbid_unknown_fields=True)
    try:
        found = msgspec.toml.decode(octets, type=whole)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise RuleError(Problem("cli-carriers-toml", f"expected [[carrier]] tables: {fault}", where=path)) from fault
    return Carriers(tuple(_carrier(path, number, c) for number, c in enumerate(found.carrier, 1)))


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
