"""Records to open calls in one step: the compiled twin where it is installed, else dissector and assembler in turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ringthrough import calls
from ringthrough.calls import Assembler, Networks, Sighting
from ringthrough.captures import Dissector, Row
from ringthrough.diagnosis.settings import Settings
from ringthrough.errors import Problem
from ringthrough.native import twin
from ringthrough.numbers import normalise

__all__ = ["Intake"]


class Intake:
    """
    Takes in the records of a data set.

    Args:
        names: names of its files, by index.
        settings: how to read.
        compiled: use the compiled twin where it is installed.
        source: kind of source, for the column of that name.
    """

    def __init__(
        self, names: Sequence[str], settings: Settings, *, compiled: bool = True, source: str = "capture"
    ) -> None:
        normalise("", settings.region)  # an unknown region is told at once
        native = twin("_native") if compiled else None
        rooms: Any = native or calls
        self._prover = settings.prover() if settings.prover is not None else None
        proving = {} if self._prover is None else {"prove": self._prover.prove}
        folder = rooms.Folder(
            names,
            region=settings.region,
            own=Networks(settings.own),
            carriers=settings.carriers,
            source=source,
            **proving,
        )
        assembler = rooms.Assembler(folder)
        self.assembler: Assembler = assembler
        self._feed_rows = None if native is None else assembler.feed_rows

    def feed(self, dissector: Dissector, rows: Sequence[Row]) -> str | None:
        """
        Take in records.

        Returns:
            The transport of the first message in them that did not come by UDP; None when there is none.
        """
        if self._feed_rows is not None:
            transport: str | None = self._feed_rows(rows, dissector)
            return transport
        sightings = dissector.feed_rows(rows, acks=False)
        self.assembler.feed_all(sightings)
        return _other_transport(sightings)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read of certificates, anchors and cards."""
        return () if self._prover is None else tuple(self._prover.problems)

    def close(self) -> None:
        """Let go of what verifies Identities and cards."""
        if self._prover is not None:
            self._prover.close()

    def finish(self, dissector: Dissector) -> None:
        """Take in what the dissector still holds."""
        self.assembler.feed_all(dissector.finish())


def _other_transport(sightings: Sequence[Sighting]) -> str | None:
    return next((sighting[3] for sighting in sightings if sighting[3] != "udp"), None)
