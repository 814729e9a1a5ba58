"""
Captures: pcap, pcapng and text traces in, SIP messages with time, place and addresses out; and packets back into files.

The promise: whatever the file holds, nothing but our errors escapes, memory stays bounded, and every record read is
counted once, as SIP, as skipped or as bad, with its cause.

Text traces have a room of their own in `ringthrough.captures.text`, imported when one is read: its patterns take longer
to compile than `diagnose` takes to start.
"""

from ringthrough.captures.container import Container
from ringthrough.captures.dissect import Dissector
from ringthrough.captures.open import capture_in, is_capture, open_capture, open_source
from ringthrough.captures.pcap import PcapReader
from ringthrough.captures.pcapng import PcapngReader
from ringthrough.captures.problems import PROBLEMS
from ringthrough.captures.records import Record, Row
from ringthrough.captures.split import split_pcap
from ringthrough.captures.tally import CAUSES, Tally
from ringthrough.captures.writers import PcapngWriter, PcapWriter

__all__ = [
    "CAUSES",
    "PROBLEMS",
    "Container",
    "Dissector",
    "PcapReader",
    "PcapWriter",
    "PcapngReader",
    "PcapngWriter",
    "Record",
    "Row",
    "Tally",
    "capture_in",
    "is_capture",
    "open_capture",
    "open_source",
    "split_pcap",
]
