"""Every problem this room reports, explained."""

from __future__ import annotations

__all__ = ["PROBLEMS"]

PROBLEMS: dict[str, str] = {
    "captures-empty": "The file holds nothing at all.",
    "captures-not-a-capture": "The file begins with neither a pcap nor a pcapng mark, also not after unpacking.",
    "captures-not-a-trace": "The file was to be read as a text trace and is no text.",
    "captures-no-messages": "The text was read to its end and holds no SIP message.",
    "captures-cut-header": "The file ends before its own header does.",
    "captures-version": "The file says a format version that nobody has published; it is read as the known one.",
    "captures-cut-record": "The file ends inside a record, which is normal while it is still being written.",
    "captures-bad-record": "A record's length is impossible, so the octets up to the next sound record are lost.",
    "captures-bad-block": "A pcapng block contradicts itself, so it could not be used.",
    "captures-unknown-interface": "A packet names an interface that its pcapng section has not described.",
    "captures-bad-time": "A packet's timestamp lies outside the years 1970 to 9999 and was read as 0.",
    "captures-bad-compression": "The compressed file is damaged or ends too early; what came before was read.",
    "captures-compression-bomb": "The file unpacks to far more than any capture would, so unpacking was stopped.",
    "captures-compression-nested": "The file is compressed more than twice over.",
    "captures-no-codec": "This Python cannot unpack the compression that the file uses.",
    "captures-trailing-octets": "Octets follow the end of the compressed data; they were ignored.",
    "captures-read-failed": "The system could not read the file to its end.",
    "captures-cannot-split": "The file cannot be shared between processes, so it is read in one go.",
    "captures-write": "A packet or an interface was to be written that the format cannot hold.",
}
"Slug -> one sentence for docs/reference/problems.md."
