"""JSON objects that no two readers can read differently."""

from __future__ import annotations

import pytest

from ringthrough.errors import LocalError, RemoteError
from ringthrough.jose import read_object, write_object
from ringthrough.jose.objects import MAX_DEPTH


def _nested(levels: int) -> bytes:
    """An object that holds arrays, `levels` in all."""
    return b'{"a":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        (b"{}", {}),
        (b' {"a" : [1, 2.5, -0, true, null, "x"] }\n', {"a": [1, 2.5, 0, True, None, "x"]}),
        ('{"name":"Zürich"}'.encode(), {"name": "Zürich"}),
        (b'{"name":"Z\\u00fcrich \\ud83d\\ude00"}', {"name": "Zürich 😀"}),
        (b'{"a":{"b":1},"c":{"b":2}}', {"a": {"b": 1}, "c": {"b": 2}}),
        (b'{"a":"' + b"[" * 100 + b'"}', {"a": "[" * 100}),
        (b'{"a":1e308}', {"a": 1e308}),
    ],
)
def test_read(octets: bytes, value: object) -> None:
    assert read_object(octets) == value


@pytest.mark.parametrize(
    ("octets", "slug"),
    [
        pytest.param(b"", "jose-json-syntax", id="nothing"),
        pytest.param(b"{", "jose-json-syntax", id="cut"),
        pytest.param(b"{}x", "jose-json-syntax", id="text after it"),
        pytest.param(b"{'a':1}", "jose-json-syntax", id="wrong quotes"),
        pytest.param(b'{"a":1,}', "jose-json-syntax", id="comma at the end"),
        pytest.param(b'{"a":01}', "jose-json-syntax", id="leading zero"),
        pytest.param(b'{"a":"\n"}', "jose-json-syntax", id="bare control character"),
        pytest.param(b"\xef\xbb\xbf{}", "jose-json-syntax", id="byte order mark"),
        pytest.param(b'{"a":1}\x00', "jose-json-syntax", id="NUL after it"),
        pytest.param(b'{"a":"\xff"}', "jose-json-utf8", id="not UTF-8"),
        pytest.param(b'{"a":"\xed\xa0\x80"}', "jose-json-utf8", id="surrogate in UTF-8"),
        pytest.param("{}".encode("utf-16"), "jose-json-utf8", id="UTF-16"),
        pytest.param(b"[]", "jose-json-not-object", id="array"),
        pytest.param(b'"alg"', "jose-json-not-object", id="string"),
        pytest.param(b"12", "jose-json-not-object", id="number"),
        pytest.param(b"true", "jose-json-not-object", id="boolean"),
        pytest.param(b"null", "jose-json-not-object", id="null"),
        pytest.param(b'{"alg":"ES256","alg":"none"}', "jose-json-duplicate", id="member twice"),
        pytest.param(b'{"a":{"b":1,"c":2,"b":1}}', "jose-json-duplicate", id="member twice further in"),
        pytest.param(b'{"al\\u0067":1,"alg":2}', "jose-json-duplicate", id="member twice, once escaped"),
        pytest.param(b'{"iat":NaN}', "jose-json-constant", id="NaN"),
        pytest.param(b'{"iat":-Infinity}', "jose-json-constant", id="minus infinity"),
        pytest.param(b'{"iat":1e999}', "jose-json-constant", id="beyond a double"),
        pytest.param(b'{"iat":' + b"9" * 5000 + b"}", "jose-json-constant", id="5000 digits"),
        pytest.param(_nested(MAX_DEPTH + 1), "jose-json-depth", id="one level too many"),
        pytest.param(_nested(200_000), "jose-json-depth", id="200,000 levels"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, "jose-json-depth", id="5,000 objects"),
        pytest.param(b'{"a":"\\ud800"}', "jose-json-surrogate", id="half a pair"),
        pytest.param(b'{"\\udc00":1}', "jose-json-surrogate", id="half a pair in a name"),
        pytest.param(
            b'{"a":' + b"[" * (MAX_DEPTH - 1) + b'"\\ud800"' + b"]" * (MAX_DEPTH - 1) + b"}",
            "jose-json-surrogate",
            id="half a pair at the deepest level",
        ),
    ],
)
def test_refused(octets: bytes, slug: str) -> None:
    """RFC 8259, RFC 7493 §2, RFC 7515 §4."""
    with pytest.raises(RemoteError) as caught:
        read_object(octets, "header")
    assert (caught.value.problem.code, caught.value.problem.where) == (slug, "header")


def test_nesting_up_to_the_limit_is_read() -> None:
    assert list(read_object(_nested(MAX_DEPTH))) == ["a"]
    deepest = b'{"a":' + b"[" * (MAX_DEPTH - 1) + b'1,"\\u0041"' + b"]" * (MAX_DEPTH - 1) + b"}"
    assert list(read_object(deepest)) == ["a"]
    wide = b'{"a":[' + b"[]," * 200 + b"[]]}"
    assert len(read_object(wide)["a"]) == 201


def test_written_compact_and_in_the_order_given() -> None:
    assert write_object({"b": 1, "a": {"ü": [True]}}) == '{"b":1,"a":{"ü":[true]}}'.encode()


@pytest.mark.parametrize("value", [{"a": float("nan")}, {"a": {1, 2}}, {"a": "\ud800"}, {("a",): 1}])
def test_what_json_cannot_say(value: dict[str, object]) -> None:
    with pytest.raises(LocalError) as caught:
        write_object(value)
    assert caught.value.problem.code == "jose-token-header"


def test_a_circle_cannot_be_written() -> None:
    circle: dict[str, object] = {}
    circle["a"] = [circle]
    with pytest.raises(LocalError):
        write_object(circle)
