"""What became of every record of a file: counted by cause and name, so that nothing is lost without being said."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["CAUSES", "Tally"]

CAUSES: dict[str, str] = {
    # bad: records that are broken
    "cut-record": "the file ends inside this record, as it does while a capture is still being written",
    "bad-record": "the record's length is impossible; reading went on at the next place that made sense",
    "bad-block": "the pcapng block is damaged: its lengths contradict each other",
    "unknown-interface": "the packet names an interface that the pcapng section never described",
    # skipped: records that are sound, but no packets
    "journal-entry": "a systemd journal entry, which pcapng keeps beside packets; Wireshark counts it as a frame",
    # notes: worth knowing, but no records
    "lost-bytes": "octets passed over to find the next sound record after a damaged one",
    "snaplen-zero": "the file says a snap length of 0, which is read as: no limit",
    "bad-time": "timestamps outside the years 1970 to 9999, read as 0",
    "bad-interface": "pcapng interface descriptions too short to say anything",
    "problems-not-listed": "further problems of a kind that had been listed often enough",
    "block-name-resolution": "pcapng name resolution blocks, not needed",
    "block-interface-statistics": "pcapng interface statistics blocks, not needed",
    "block-decryption-secrets": "pcapng blocks with decryption keys, not used",
    "block-custom": "pcapng custom blocks, which only their maker can read",
    "block-unknown": "pcapng blocks of a type this version does not know",
}
"Slug -> explanation, for the causes that the file readers count. The dissection of packets explains its own."


@dataclass(slots=True)
class Tally:
    """Counts of one file, or of several after `+`; grows while the file is read."""

    records: int = 0
    "Records read from the file, the broken ones included."
    sip: int = 0
    "Records that carried a SIP message or a part of one."
    skipped: dict[str, int] = field(default_factory=dict)
    "Sound records that carried no SIP: cause -> records."
    bad: dict[str, int] = field(default_factory=dict)
    "Broken records: cause -> records."
    messages: int = 0
    "SIP messages handed out; one record may carry several, several records one."
    notes: dict[str, int] = field(default_factory=dict)
    "Worth knowing, but no records: what -> how often."

    def skip(self, cause: str, records: int = 1) -> None:
        """Count sound records without SIP."""
        self.skipped[cause] = self.skipped.get(cause, 0) + records

    def spoil(self, cause: str, records: int = 1) -> None:
        """Count broken records."""
        self.bad[cause] = self.bad.get(cause, 0) + records

    def note(self, what: str, times: int = 1) -> None:
        """Count something that is not a record."""
        self.notes[what] = self.notes.get(what, 0) + times

    @property
    def adds_up(self) -> bool:
        """Whether every record read is accounted for, once."""
        return self.records == self.sip + sum(self.skipped.values()) + sum(self.bad.values())

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.records + other.records,
            self.sip + other.sip,
            _sum(self.skipped, other.skipped),
            _sum(self.bad, other.bad),
            self.messages + other.messages,
            _sum(self.notes, other.notes),
        )


def _sum(one: dict[str, int], two: dict[str, int]) -> dict[str, int]:
    return {cause: one.get(cause, 0) + two.get(cause, 0) for cause in (*one, *(c for c in two if c not in one))}
