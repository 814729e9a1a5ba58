"""Contact cards by their URI."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.drivers import CardFolder, WaitingCards
from ringthrough.drivers.cards import MAX_CARD
from ringthrough.errors import BackendError
from ringthrough.stir import Missing

from .conftest import QUICK, WebAuthority, answer, server_beside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.jws").write_bytes(b"one")
    (tmp_path / "two.jws").write_bytes(b"two")
    (tmp_path / ".hidden").write_bytes(b"hidden")
    (tmp_path / "large").write_bytes(bytes(MAX_CARD + 9))
    (tmp_path / "below").mkdir()
    index = "# cards\n\nhttps://a.example.com/x?id=1 two.jws\nhttps://a.example.com/y gone\nz\n"
    (tmp_path / "index.txt").write_text(index)
    return tmp_path


FOUND = {
    "by the index": ("https://a.example.com/x?id=1", b"two"),
    "by the name": ("https://b.example.com/cards/one.jws", b"one"),
    "by the name before a query": ("https://b.example.com/cards/one.jws?id=2#x", b"one"),
    "another URI": ("https://b.example.com/cards/three.jws", None),
    "no name": ("https://b.example.com/", None),
    "a hidden file": ("https://b.example.com/.hidden", None),
    "the index": ("https://b.example.com/index.txt", None),
    "a path": ("https://b.example.com/..", None),
    "no URI": ("", None),
}


@pytest.mark.parametrize(("uri", "card"), FOUND.values(), ids=FOUND)
def test_cards_in_a_folder(folder: Path, uri: str, card: bytes | None) -> None:
    assert CardFolder(folder).find(uri) == card


def test_what_is_wrong_with_a_folder(folder: Path) -> None:
    cards = CardFolder(folder)
    assert [(p.code, p.where) for p in cards.problems] == [
        ("drivers-folder-index", "index.txt: line 4"), ("drivers-folder-index", "index.txt: line 5"),
    ]  # fmt: skip
    assert len(cards.find("https://a.example.com/large") or b"") == MAX_CARD + 1
    with pytest.raises(BackendError) as caught:
        cards.find("https://a.example.com/below")
    assert caught.value.problem.code == "drivers-folder"
    with pytest.raises(BackendError):
        CardFolder(folder / "nowhere")


def test_cards_are_fetched_once(web: WebAuthority, folder: Path) -> None:
    with server_beside(web, {"/c?id=7": answer(b"card"), "/one.jws": answer(b"not asked")}) as server:
        cards = WaitingCards(server.guard(query=True), tls=web.client, limits=QUICK, folder=CardFolder(folder))
        assert cards.find(server.url("/c?id=7")) == b"card"
        assert cards.find(server.url("/c?id=7")) == b"card"
        assert cards.find(server.url("/one.jws")) == b"one"
        gone = cards.find(server.url("/gone"))
        assert isinstance(gone, Missing)
        assert "[drivers-status]" in gone.why
        assert cards.find(server.url("/gone")) is gone
        assert len(server.requests) == 2
        assert b"Accept: application/jose," in server.requests[0]


def test_the_oldest_is_forgotten(web: WebAuthority) -> None:
    with server_beside(web, answer(b"card")) as server:
        cards = WaitingCards(server.guard(), tls=web.client, limits=QUICK, most=2)
        for path in ("/a", "/b", "/c", "/c", "/a"):
            assert cards.find(server.url(path)) == b"card"
        assert [head.split(b" ")[1] for head in server.requests] == [b"/a", b"/b", b"/c", b"/a"]
