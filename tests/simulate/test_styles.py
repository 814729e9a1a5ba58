from __future__ import annotations

from email.parser import BytesHeaderParser

import pytest

from ringthrough.simulate.styles import STYLES, Style

HEADERS = [
    ("Via", "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKabcdef0123456789"),
    ("Via", "SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK9876543210fedcba"),
    ("Max-Forwards", "70"),
    ("From", "<sip:+16175550101@192.0.2.10>;tag=1"),
    ("To", "<sip:+12015550102@198.51.100.2>"),
    ("Call-ID", "abc@192.0.2.10"),
    ("CSeq", "1 INVITE"),
    ("Reason", 'SIP;cause=603;text="v=analytics1;url=https://redress.alder.example;id=1";location=LN'),
    ("Content-Type", "application/sdp"),
    ("Content-Length", "4"),
]
LONG = {"v": "via", "f": "from", "t": "to", "i": "call-id", "l": "content-length", "c": "content-type"}


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
def test_every_style_says_the_same(style: Style) -> None:
    written = style.render("INVITE sip:x SIP/2.0", HEADERS, "v=0\n")
    start, _, rest = written.partition(b"\r\n")
    assert start == b"INVITE sip:x SIP/2.0"
    head, _, body = rest.partition(b"\r\n\r\n")
    assert body == b"v=0\n"
    # Python's parser of mail headers knows colon, folding and order; white space before a colon it does not.
    parsed = BytesHeaderParser().parsebytes(head.replace(b" : ", b": ") + b"\r\n\r\n")
    found = [(LONG.get(name.lower(), name.lower()), "".join(value.split())) for name, value in parsed.items()]
    vias = ",".join(value for name, value in found if name == "via")
    assert vias == ",".join(value.replace(" ", "") for name, value in HEADERS if name == "Via")
    rest_of = sorted((name, value) for name, value in found if name != "via")
    assert rest_of == sorted((name.lower(), value.replace(" ", "")) for name, value in HEADERS if name != "Via")


def test_styles_differ() -> None:
    assert len({style.render("x", HEADERS) for style in STYLES}) == len(STYLES)


def test_nothing_is_folded_inside_a_quoted_string() -> None:
    folding = next(style for style in STYLES if style.folds)
    written = folding.render("x", [("Reason", 'SIP ,"a;b;c;d;e;f;g;h;i;j;k;l;m;n;o;p;q;r;s;t;u;v;w;x;y;z"')])
    assert b"\t" not in written
