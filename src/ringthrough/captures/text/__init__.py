"""
Text traces: what tools and servers print of SIP, read back into the messages it was made of.

`open_trace` reads any of them, recognised by content, and gives `Sighting`s as captures do. Line ends are restored, and
what a tool puts around a message is taken off. Nothing is invented: a missing address stays empty, a missing time is
marked by `UNTIMED`, and log lines that only name a status are counted.
"""

from ringthrough.captures.text.clock import UNTIMED
from ringthrough.captures.text.open import open_trace, trace_in
from ringthrough.captures.text.reader import TraceReader
from ringthrough.captures.text.recognise import looks_like_text_trace

__all__ = ["UNTIMED", "TraceReader", "looks_like_text_trace", "open_trace", "trace_in"]
