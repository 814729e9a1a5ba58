"""Mutations: one input in, one broken input out; all chance comes from the generator that is passed in."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

__all__ = ["MOST_BYTES", "mutated_frame", "mutated_message", "spoilt"]

MOST_BYTES = 16_384
"An input is cut here: longer ones cost time and find nothing that this length does not."

PIECES = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\r\n ", b"\r\n\t", b" ", b"\t", b":", b";", b",", b'"', b"'", b"<", b">",
    b"\\", b"=", b"@", b"%", b"%00", b"%zz", b"/", b"?", b"[", b"]", b"(", b")", b"\0", b"\0\0\0\0", b"\x7f", b"\xff",
    b"\xc3\xbc", b"\xed\xa0\x80", b"\xf0\x9f\x93\x9e", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b",
    b"\x0c", b"\x1c", b"tag", b";tag=", b";branch=", b";cause=", b";text=\"", b"v=analytics1;url=", b"v=analytics",
    b"SIP/2.0", b"SIP/2.0 603 ", b"SIP;cause=608", b"Q.850;cause=21;location=RLN", b"STIR;cause=437", b"Reason: ",
    b"\r\nReason: SIP;cause=603", b"\r\nReason", b"\r\nServer: x", b"\r\nUser-Agent: y",
    b"\r\nX-Twilio-Error: 32017 a", b"\r\nVia: SIP/2.0/UDP x", b"\r\nv: SIP/2.0/TCP [2001:db8::1]:5060;branch=z9",
    b"\r\nf: <sip:a@b>", b"\r\nt: y", b"\r\ni: z", b"\r\nl: 5", b"\r\nContent-Length: 99999",
    b"\r\nContent-Length: -1", b"\r\nCSeq: 1 BYE", b"\r\nCall-Info: <x>;purpose=jwscard",
    b"\r\nIdentity: a.b.c;info=<x>", b"\r\nDate: Fri, 31 Feb 2025 25:61:61 GMT", b"INVITE ", b"sip:", b"tel:+",
    b"anonymous",
)  # fmt: skip
RUNS = (
    b"(", b")", b'"', b"\\", b",", b";", b";a", b"=", b"<", b">", b" ", b"\r\n", b"\n", b"\r\n ", b"%", b"%41", b"a",
    b"0", b"9", b"\0", b"\xff", b"a:", b"\r\nx:", b"\r\nVia: x", b", SIP/2.0/UDP a", b";tag=", b"[", b":", b"/",
    b'\\"', b"@", b"?a=", b"\r\nReason: Q.850", b"Q.850;cause=1,",
)  # fmt: skip
COMPACT = {
    b"via": b"v", b"from": b"f", b"to": b"t", b"call-id": b"i", b"contact": b"m", b"content-type": b"c",
    b"content-length": b"l", b"subject": b"s", b"supported": b"k",
}  # fmt: skip
NUMBER = re.compile(rb"[0-9]{1,12}")
NUMBERS = (
    b"0", b"00", b"1", b"-1", b"255", b"256", b"65535", b"65536", b"2147483647", b"2147483648", b"4294967296",
    b"18446744073709551616", b"9" * 40, b"9" * 5_000, b"1e9", b"\xd9\xa3",
)  # fmt: skip

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]


def _at(rng: Random, data: bytes) -> int:
    return rng.randrange(len(data) + 1)


def flip(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Flip up to eight bits."""
    if not data:
        return data
    octets = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
    return bytes(octets)


def cut(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Keep the beginning, the end, or all but a piece."""
    one, two = sorted((_at(rng, data), _at(rng, data)))
    return (data[:one], data[one:], data[:one] + data[two:], data[:one] + data[one + 1 :])[rng.randrange(4)]


def duplicate(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Say a piece twice, or the whole."""
    one, two = sorted((_at(rng, data), _at(rng, data)))
    return data[:two] + data[one:] if rng.random() < 0.9 else data + data


def splice(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Go on in the middle of another input."""
    other = rng.choice(others)
    return data[: _at(rng, data)] + other[_at(rng, other) :]


def insert(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put a piece with a meaning somewhere, over what stands there or between."""
    at = _at(rng, data)
    return data[:at] + rng.choice(PIECES) + data[at + rng.choice((0, 0, 0, 1, 2, 8)) :]


def run(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put a long run of one piece somewhere: what makes a careless reader take the square of its length."""
    at = _at(rng, data)
    piece = rng.choice(RUNS)
    return data[:at] + piece * (rng.choice((30, 300, 3_000)) // len(piece)) + data[at:]


def number(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Make one of the numbers another: nothing, the most, one more, one less, no number."""
    found = list(NUMBER.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    value = int(one[0])
    new = rng.choice((*NUMBERS, b"%d" % (value + 1), b"%d" % (value - 1)))
    return data[: one.start()] + new + data[one.end() :]


def reorder(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Put header lines into another order, or say one twice, or leave one out."""
    head, end, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    if not lines:
        return data
    how = rng.randrange(4)
    place = rng.randrange(len(lines))
    if how == 0:
        rng.shuffle(lines)
    elif how == 1:
        lines.insert(rng.randrange(len(lines)), lines[place])
    elif how == 2:
        del lines[place]
    else:
        lines.append(lines.pop(place))
    return b"\r\n".join((first, *lines)) + end + body


def redress(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Write a header line as nobody does: compact, in another case, folded, with white space, with a bare line feed."""
    head, end, body = data.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    if not lines:
        return data
    place = rng.randrange(len(lines))
    name, colon, value = lines[place].partition(b":")
    how = rng.randrange(8)
    if how == 0:
        name = COMPACT.get(name.lower(), name.upper())
    elif how == 1:
        name = name.swapcase()
    elif how == 2:
        name += rng.choice((b" ", b"\t", b" \t "))
    elif how == 3:
        at = _at(rng, value)
        value = value[:at] + rng.choice((b"\r\n ", b"\r\n\t", b"\n ", b"\r\n \r\n ")) + value[at:]
    elif how == 4:
        value = rng.choice((b"", b"  ", b"\t")) + value.strip() + rng.choice((b"", b"  ", b"\t"))
    elif how == 5:
        return data.replace(b"\r\n", b"\n") if rng.random() < 0.5 else data.replace(b"\r\n", b"\n", 1)
    elif how == 6:
        value = b""
    else:
        value += b"," + value
    lines[place] = name + colon + value
    return b"\r\n".join((first, *lines)) + end + body


def lengths(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Set one word, of any size and order, near the beginning where headers are, to 0, to its most or off by one."""
    size = rng.choice((1, 2, 2, 2, 4, 4))
    if len(data) < size:
        return data
    at = rng.randrange(min(len(data) - size + 1, 160))
    return _word(rng, data, at, size)


def _word(rng: Random, data: bytes, at: int, size: int) -> bytes:
    order: str = rng.choice(("big", "little"))
    most = (1 << 8 * size) - 1
    old = int.from_bytes(data[at : at + size], order)  # type: ignore[arg-type]
    new = rng.choice((0, 1, most, most >> 1, (most >> 1) + 1, old + 1, old - 1, old * 2, len(data), len(data) - at))
    return data[:at] + (new & most).to_bytes(size, order) + data[at + size :]  # type: ignore[arg-type]


def noise(rng: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Throw dice for everything, or for a stretch of it."""
    fresh = rng.randbytes(rng.randrange(200))
    return fresh if rng.random() < 0.3 else data[: _at(rng, data)] + fresh


TEXTS: tuple[Mutation, ...] = (
    flip, cut, duplicate, splice, insert, insert, insert, run, number, number, reorder, redress, redress, noise,
)  # fmt: skip
"What befalls a message."
OCTETS: tuple[Mutation, ...] = (flip, flip, cut, duplicate, splice, insert, lengths, lengths, lengths, lengths, noise)
"What befalls a frame or a file."


def _apply(rng: Random, kinds: Sequence[Mutation], data: bytes, others: Sequence[bytes]) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        data = rng.choice(kinds)(rng, data, others)
    return data[:MOST_BYTES]


def mutated_message(rng: Random, messages: Sequence[bytes]) -> bytes:
    """Break one of the messages."""
    return _apply(rng, TEXTS, rng.choice(messages), messages)


def mutated_frame(rng: Random, frame: bytes, frames: Sequence[bytes]) -> bytes:
    """Break a frame; half of the time where its headers are."""
    return _apply(rng, OCTETS if rng.random() < 0.8 else TEXTS, frame, frames)


def spoilt(rng: Random, file: bytes, files: Sequence[bytes], places: Sequence[int]) -> bytes:
    """
    Break a capture file.

    Args:
        rng: all chance.
        file: its octets.
        files: others to splice with.
        places: offsets of the four-octet words of its own headers, which are what a reader trusts.
    """
    for _ in range(rng.choice((1, 1, 2, 3))):
        if places and rng.random() < 0.6:
            at = rng.choice(places)
            if at + 4 <= len(file):
                file = _word(rng, file, at, rng.choice((2, 4, 4)))
        else:
            file = rng.choice(OCTETS)(rng, file, files)
    return file
