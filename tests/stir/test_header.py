"""Identity headers taken apart: every spelling gives the same, and what is wrong has a name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringthrough.stir.header import MAX_HEADER, IdentityHeader, _read_odd, read_identity

URL = "https://cert.example.org/passport.cer"
FULL = IdentityHeader("aaa.bbb.ccc", URL, "ES256", "shaken", False)

SPELLINGS = {
    "as everybody writes it": f"aaa.bbb.ccc;info=<{URL}>;alg=ES256;ppt=shaken",
    "quoted, as RFC 8946 prints it": f'aaa.bbb.ccc;info=<{URL}>;alg="ES256";ppt="shaken"',
    "spaces after the semicolons": f"aaa.bbb.ccc; info=<{URL}>; alg=ES256; ppt=shaken",
    "spaces everywhere": f" aaa.bbb.ccc ; info = <{URL}> ; alg = ES256 ; ppt = shaken ",
    "folded inside the token": f"aaa.\t bbb.ccc;info=<{URL}>;alg=ES256;ppt=shaken",
    "another order": f"aaa.bbb.ccc;ppt=shaken;alg=ES256;info=<{URL}>",
    "another case": f"aaa.bbb.ccc;INFO=<{URL}>;Alg=ES256;PPT=shaken",
    "a stranger among the parameters": f"aaa.bbb.ccc;info=<{URL}>;alg=ES256;ppt=shaken;canon=x",
    "quotes around the token": f'"aaa.bbb.ccc";info=<{URL}>;alg=ES256;ppt=shaken',
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_says_the_same(text: str) -> None:
    assert read_identity(text) == FULL
    assert read_identity(text.encode()) == FULL


def test_a_url_may_hold_a_semicolon() -> None:
    header = read_identity("aaa.bbb.ccc;info=<https://c.example.org/a;v=1/b.pem>;alg=ES256;ppt=shaken")
    assert (header.info, header.problems) == ("https://c.example.org/a;v=1/b.pem", ())


def test_the_compact_form_is_known_by_its_two_dots() -> None:
    header = read_identity(f"..ccc;info=<{URL}>;alg=ES256")
    assert (header.compact, header.ppt, header.problems) == (True, None, ())


def test_alg_and_ppt_may_be_left_out() -> None:
    assert read_identity(f"aaa.bbb.ccc;info=<{URL}>") == IdentityHeader("aaa.bbb.ccc", URL, None, None, False)


def test_info_without_brackets_is_read() -> None:
    assert read_identity(f"aaa.bbb.ccc;info={URL};alg=ES256").info == URL


FAULTS = {
    "nothing": ("", "stir-header-syntax"),
    "no token": (f";info=<{URL}>", "stir-header-syntax"),
    "a token of other letters": (f"aäa.b;info=<{URL}>", "stir-header-syntax"),
    "no info": ("aaa.bbb.ccc;alg=ES256;ppt=shaken", "stir-info-missing"),
    "empty info": ("aaa.bbb.ccc;info=<>;alg=ES256", "stir-info-missing"),
    "no parameters": ("aaa.bbb.ccc", "stir-info-missing"),
    "ppt twice": (f"aaa.bbb.ccc;info=<{URL}>;ppt=shaken;ppt=div", "stir-header-syntax"),
    "info twice": (f"aaa.bbb.ccc;info=<{URL}>;info=<{URL}x>", "stir-header-syntax"),
    "too long": ("a" * (MAX_HEADER + 1), "stir-header-too-long"),
}


@pytest.mark.parametrize(("text", "code"), FAULTS.values(), ids=FAULTS)
def test_a_fault_has_a_name(text: str, code: str) -> None:
    assert [problem.code for problem in read_identity(text).problems] == [code]


def test_octets_that_are_no_utf8_are_a_fault_and_no_error() -> None:
    assert read_identity(b"a.b.c\xff;info=<https://x>").problems[0].code == "stir-header-syntax"


WORDS = st.text(alphabet="abcXYZ09-_", min_size=1, max_size=12)


@given(
    st.tuples(WORDS, WORDS, WORDS),
    WORDS,
    st.sampled_from(["ES256", "none", '"ES256"']),
    st.sampled_from(["shaken", "div", '"rcd"', None]),
    st.sampled_from([";", "; "]),
)
def test_the_fast_way_and_the_thorough_way_agree(
    parts: tuple[str, str, str], path: str, alg: str, ppt: str | None, mark: str
) -> None:
    text = f"{'.'.join(parts)}{mark}info=<https://c.example.org/{path}>{mark}alg={alg}"
    text += f"{mark}ppt={ppt}" if ppt else ""
    assert read_identity(text) == _read_odd(text)


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60)))
def test_whatever_comes_is_read(value: str | bytes) -> None:
    header = read_identity(value)
    assert header.problems or header.info
