"""
The ledger of imports: a file that was imported once is known by its octets and by the settings it was read with.

Facts
- The identity of an import is a SHA-256 over the settings that change rows and over the contents. The name of the file
  does not count: a copy is the same file.
- An import becomes visible in one step of the manifest, which names it. The next step first puts it into a file of its
  own under `imports`, so the manifest does not grow with every file that was ever imported.
- Retention takes rows away and leaves the ledger: importing an expired file again adds nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from ringthrough.errors import BackendError, LocalError, Problem
from ringthrough.store.disk import replace_text
from ringthrough.store.manifest import IMPORTS, Imported, Manifest

__all__ = ["find", "keep", "listed", "sound_id", "source_id"]

_ID = re.compile(r"[0-9a-z]{16,128}")
_BLOCK = 1 << 20


def source_id(handle: BinaryIO, settings: Mapping[str, Any] | None = None) -> str:
    """
    Identity of an import.

    Args:
        handle: the file, at its beginning; read to its end.
        settings: what changes the rows that are read from it (profile, time zone, region, carriers ...), as values
            that JSON can hold.
    """
    made = hashlib.sha256(json.dumps(settings or {}, sort_keys=True, default=str).encode() + b"\n")
    while block := handle.read(_BLOCK):
        made.update(block)
    return made.hexdigest()


def sound_id(text: str) -> str:
    """
    Return an identity that can be a file's name.

    Raises:
        LocalError: it cannot.
    """
    if not _ID.fullmatch(text):
        detail = f"expected an identity as source_id() makes it, found {text[:80]!r}"
        raise LocalError(Problem("store-import-id", detail))
    return text


def find(folder: Path, manifest: Manifest, wanted: str) -> Imported | None:
    """
    Return what is known of an import; None when it was never made.

    Raises:
        BackendError: its entry is there and cannot be read.
    """
    if manifest.last_import is not None and manifest.last_import.source_id == wanted:
        return manifest.last_import
    path = folder / IMPORTS / f"{wanted}.json"
    try:
        return Imported(**json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as fault:
        # Not to be taken for an import that was never made: its rows would be added again.
        detail = f"expected the entry of an import, found: {fault}"
        raise BackendError(Problem("store-import-damaged", detail, where=str(path))) from fault


def keep(folder: Path, manifest: Manifest) -> None:
    """Put the last import into a file of its own; may be done again."""
    entry = manifest.last_import
    if entry is not None:
        replace_text(folder / IMPORTS / f"{entry.source_id}.json", json.dumps(asdict(entry)) + "\n")


def listed(folder: Path, manifest: Manifest) -> list[Imported]:
    """
    Return all imports, oldest first.

    Raises:
        BackendError: an entry cannot be read.
    """
    found = {manifest.last_import.source_id: manifest.last_import} if manifest.last_import is not None else {}
    for path in (folder / IMPORTS).glob("[0-9a-z]*.json"):
        entry = find(folder, manifest, path.stem)
        if entry is not None:
            found[entry.source_id] = entry
    return sorted(found.values(), key=lambda entry: (entry.generation, entry.source_id))
