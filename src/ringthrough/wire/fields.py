"""`Headers`: the header fields of one message, in order, as sent, and found by name at the price of one look-up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .names import KEYS, key_of

__all__ = ["Headers"]


class Headers:
    """
    The header fields of a message. Does not change.

    Text is UTF-8 with surrogateescape: every octet that came in goes out again. Values are unfolded and stripped.
    """

    __slots__ = ("_index", "_items", "_lines")

    def __init__(self, items: Iterable[tuple[str, str]] = ()) -> None:
        self._lines: list[str] | None = None
        self._items: tuple[tuple[str, str], ...] | None = tuple(items)
        self._index: dict[str, list[str]] | None = None

    @classmethod
    def from_lines(cls, lines: list[str]) -> Headers:
        """Headers of unfolded lines `name: value`; a line without a colon is left out. Read on first touch."""
        made = cls.__new__(cls)
        made._lines = lines
        made._items = None
        made._index = None
        return made

    @property
    def items(self) -> tuple[tuple[str, str], ...]:
        """Every field as (name as sent, value), in order."""
        if self._items is None:
            pairs = (line.partition(":") for line in self._lines or ())
            self._items = tuple((name.strip(" \t"), value.strip(" \t")) for name, colon, value in pairs if colon)
        return self._items

    def _indexed(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        if self._items is None:
            known = KEYS.get
            for line in self._lines or ():
                name, colon, value = line.partition(":")
                if not colon:
                    continue
                key = known(name) or key_of(name)
                if key in index:
                    index[key].append(value)
                else:
                    index[key] = [value]
        else:
            for name, value in self._items:
                index.setdefault(key_of(name), []).append(value)
        self._index = index
        return index

    def get(self, name: str) -> str | None:
        """Value of the first field of that name, None when there is none. Compact and long forms are one name."""
        return self.first_of(key_of(name))

    def first_of(self, key: str) -> str | None:
        """`get` for a key of `names.key_of`, which saves making it."""
        found = (self._index or self._indexed()).get(key)
        return found[0].strip(" \t") if found else None

    def all_of(self, key: str) -> list[str]:
        """`all` for a key of `names.key_of`, which saves making it."""
        found = (self._index or self._indexed()).get(key)
        if not found:
            return []
        return [value.strip(" \t") for value in found] if len(found) > 1 else [found[0].strip(" \t")]

    def all(self, name: str) -> list[str]:
        """Values of every field of that name, in order; comma lists stay as sent."""
        return self.all_of(key_of(name))

    def names(self) -> list[str]:
        """Every name once, long and in lower case, in order of first appearance."""
        return list(self._index or self._indexed())

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and key_of(name) in (self._index or self._indexed())

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __eq__(self, other: object) -> bool:
        return self.items == other.items if isinstance(other, Headers) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.items)

    def __repr__(self) -> str:
        return f"Headers({self.items!r})"
