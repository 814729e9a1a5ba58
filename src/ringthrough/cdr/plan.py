"""A profile applied to the columns that a file really has: which column feeds which field, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .blocks import Block
from .cells import Remembered, duration_reader, text_reader, user_of, value_reader
from .profile import Feed, Profile
from .vocabulary import plain

__all__ = ["Plan", "Source", "find_columns", "make_plan"]

_POSITION = re.compile(r"#([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Source:
    """One field, found in a file."""

    feed: Feed
    indexes: tuple[int, ...]
    "Columns that feed it, in order of preference."
    read: Remembered | None
    "Reads a cell; None where it is taken as it is, or as a time."
    cut: Remembered | None
    "Takes the text that counts out of a cell, before it is read; None for all of it."

    def texts(self, block: Block) -> Sequence[str]:
        """The text of the field in every record."""
        if not self.indexes:
            return [self.feed.value] * block.size
        if len(self.indexes) == 1:
            column: Sequence[str] = block.column(self.indexes[0])
        else:
            columns = [block.column(index) for index in self.indexes]
            if self.feed.join:
                column = [" ".join(cells) for cells in zip(*columns, strict=True)]
            elif self.cut is not None:
                # A cell that holds nothing of what is wanted leaves the word to the next column.
                cut = self.cut
                return [next((t for t in map(cut.__getitem__, cells) if t), "") for cells in zip(*columns, strict=True)]
            else:
                column = [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
        return column if self.cut is None else list(map(self.cut.__getitem__, column))

    def values(self, block: Block) -> list[Any]:
        """The value of the field in every record."""
        return self.read_texts(self.texts(block))

    def read_texts(self, texts: Sequence[str]) -> list[Any]:
        """Values of texts of this field."""
        return list(texts) if self.read is None else list(map(self.read.__getitem__, texts))


@dataclass(frozen=True, slots=True)
class Plan:
    """The fields that a file fills."""

    sources: Mapping[str, Source]
    keep: tuple[tuple[int, frozenset[str]], ...]
    blind_to: str
    "Slugs of calls.BLIND_SPOTS, without what the file itself shows."


def find_columns(columns: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where columns stand: by name as written, by name without regard to case and punctuation, or by position."""
    exact = {name: index for index, name in reversed(list(enumerate(names)))}
    loose = {plain(name): index for index, name in reversed(list(enumerate(names)))}
    found = []
    for column in columns:
        index = exact.get(column, -1)
        if index < 0 and (position := _POSITION.fullmatch(column)) and int(position[1]) <= len(names):
            index = int(position[1]) - 1
        if index < 0 and plain(column):
            index = loose.get(plain(column), -1)
        if index >= 0 and index not in found:
            found.append(index)
    return found


def make_plan(profile: Profile, names: Sequence[str]) -> Plan:
    """Look for the columns that a profile names among those that a file has."""
    sources = {}
    for name, feed in profile.fields.items():
        indexes = find_columns(feed.columns, names)
        if indexes or feed.value:
            sources[name] = Source(feed, tuple(indexes), _reader(name, feed, profile), _cutter(feed, profile))
    keep: list[tuple[int, frozenset[str]]] = []
    for column, values in profile.keep.items():
        keep += [(index, frozenset(values)) for index in find_columns([column], names)]
    blind = profile.blind_to if profile.blind_to is not None else _unmapped(set(sources))
    return Plan(sources, tuple(keep), " ".join(blind))


def _unmapped(fields: set[str]) -> tuple[str, ...]:
    """What a file cannot show whose columns fill these fields. Whether times have fractions, its rows show."""
    blind = []
    if "final_code" not in fields:
        blind.append("code")
    if not fields & {"reason", "final_phrase"}:
        blind.append("reason")
    if not fields & {"ring_at", "ring_after_ms", "ring_ms"}:
        blind.append("ringing")
    return tuple(blind)


def _cutter(feed: Feed, profile: Profile) -> Remembered | None:
    if not (feed.pattern or feed.json or feed.map):
        return Remembered(str.strip) if profile.container.trim else None
    read = text_reader(feed.pattern, feed.json)
    if feed.map is None:
        return Remembered(read)
    exact = dict(feed.map)
    loose = {plain(word): value for word, value in exact.items() if word != "*"}
    other = exact.get("*", "")

    def look(cell: str) -> str:
        text = read(cell).strip()
        if text in exact:
            return exact[text]
        return loose.get(plain(text), other if text else "")

    return Remembered(look)


def _reader(name: str, feed: Feed, profile: Profile) -> Remembered | None:
    read: Callable[[str], Any]
    if feed.kind.endswith("seconds"):
        read = duration_reader(feed.kind, zero=feed.zero)
    elif feed.kind in ("code", "cause", "hex", "location"):
        read = value_reader(feed.kind, zero=feed.zero)
    elif feed.kind == "number":
        read = user_of
    elif name == "outcome":
        read = _outcome_reader(profile.outcomes)
    else:
        return None
    return Remembered(read)


def _outcome_reader(words: Mapping[str, str]) -> Callable[[str], str]:
    exact = dict(words)
    loose = {plain(word): slug for word, slug in words.items() if word != "*"}
    other = exact.get("*", "")

    def look(cell: str) -> str:
        text = cell.strip()
        return exact.get(text) or loose.get(plain(text), other if text else "")

    return look
