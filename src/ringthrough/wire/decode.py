"""`decode`: octets to a message, whatever the octets."""

from __future__ import annotations

import re

from ringthrough.errors import Problem

from .message import Malformed, Request, Response
from .problems import shown

__all__ = ["decode"]

# RFC 3261 §25.1:
#   SIP-Version   =  "SIP" "/" 1*DIGIT "." 1*DIGIT
#   Request-Line  =  Method SP Request-URI SP SIP-Version CRLF
#   Status-Line   =  SIP-Version SP Status-Code SP Reason-Phrase CRLF
# Spaces where none may be are let through and reported.
_VERSION = r"[Ss][Ii][Pp]/[0-9]{1,9}\.[0-9]{1,9}"
_REQUEST = re.compile(rf"[ \t]*([^\s]+)[ \t]+(\S(?:.*\S)?)[ \t]+({_VERSION})[ \t]*")
_STATUS = re.compile(rf"[ \t]*({_VERSION})[ \t]+([0-9]{{1,19}})(?:[ \t](.*))?", re.DOTALL)


def decode(data: bytes, *, stream: bool = False) -> Request | Response | Malformed:
    """
    Read one message. Never raises, whatever the octets.

    Args:
        data: one datagram, or one message cut from a stream; octets after Content-Length end up in `.trailing`.
        stream: the message came over a stream, where Content-Length is owed; its absence is noted.

    Source: RFC 3261 §7, §18.3
    """
    if type(data) is not bytes:
        data = bytes(data)
    line_end = data.find(b"\n")
    if line_end < 2:
        return _slowly(data, stream)
    stop = line_end - 1 if data[line_end - 1] == 13 else line_end
    line = data[:stop].decode("utf-8", "surrogateescape")
    if line.startswith("SIP/2.0 ") and line[11:12] == " " and line[8:11].isdecimal() and line[8:11].isascii():
        response = Response(int(line[8:11]), line[12:], "SIP/2.0")
        response._read_from(data, line_end, (), stream)
        return response
    method, _, rest = line.partition(" ")
    uri, _, version = rest.rpartition(" ")
    if version == "SIP/2.0" and method and uri and " " not in uri and "\t" not in line:
        request = Request(method, uri, version)
        request._read_from(data, line_end, (), stream)
        return request
    return _slowly(data, stream)


def _slowly(data: bytes, stream: bool) -> Request | Response | Malformed:
    """A start line that is out of the ordinary."""
    begin = len(data) - len(data.lstrip(b"\r\n"))
    problems: tuple[Problem, ...] = ()
    if begin == len(data):
        empty = Problem("wire-empty", "expected a message, found no octets", "start line", "RFC 3261 §7", 0, None)
        return Malformed(data, (empty,))
    if begin:
        said = f"expected a start line, found {begin} octets of line ends"
        problems = (Problem("wire-leading-crlf", said, "start line", "RFC 3261 §7.5", 0, None),)
    line_end = data.find(b"\n", begin)
    if line_end < 0:
        line_end = len(data)
    line = data[begin:line_end].removesuffix(b"\r").decode("utf-8", "surrogateescape")
    message: Request | Response
    if (status := _STATUS.fullmatch(line)) is not None:
        version, code, phrase = status.groups()
        message = Response(int(code), phrase or "", version)
        clean = f"{version} {code} {phrase}" if phrase is not None else f"{version} {code} "
    elif (asked := _REQUEST.fullmatch(line)) is not None:
        method, uri, version = asked.groups()
        message = Request(method, uri, version)
        clean = f"{method} {''.join(uri.split())} {version}"
    else:
        said = f"expected METHOD URI SIP/2.0 or SIP/2.0 STATUS PHRASE, found {shown(line)}"
        status_owed = None if line[:4].upper() == "SIP/" else 400  # a response is never answered
        wrong = Problem("wire-start-line", said, "start line", "RFC 3261 §7", begin, status_owed)
        return Malformed(data, (*problems, wrong))
    if line != clean:
        said = f"expected single spaces, found {shown(line)}"
        problems = (*problems, Problem("wire-start-line-space", said, "start line", "RFC 3261 §7.1, §7.2", begin, 400))
    message._read_from(data, line_end, problems, stream)
    return message
