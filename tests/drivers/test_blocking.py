"""The store for programs that wait."""

from __future__ import annotations

from pathlib import Path

from ringthrough.drivers import CertificateCache, CertificateFolder, CertificateStore, Kept, OfflineStore, WaitingStore
from ringthrough.jose import read_certificates
from ringthrough.stir import Missing

from .conftest import QUICK, Server, WebAuthority, answer, server_beside

NOW = 1_800_000_000.0


def test_folder_first_then_the_network_then_memory(web: WebAuthority, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "mine.pem").write_bytes(web.chain("SHAKEN MINE"))
    (folder / "index.txt").write_text("https://folder.example.com/a mine.pem\n")
    disk = CertificateCache(tmp_path / "disk")
    reply = answer(web.chain(), headers={"Cache-Control": "max-age=60"})
    with server_beside(web, reply) as server:
        store = CertificateStore(server.guard(), limits=QUICK, tls=web.client, disk=disk)
        with WaitingStore(store, lambda: NOW, CertificateFolder(folder)) as waiting:
            found = waiting.find("https://folder.example.com/a", "")
            assert not isinstance(found, Missing)
            assert found[0].common_name == "SHAKEN MINE"
            fetched = waiting.find(server.url(), "")
            assert waiting.find(server.url(), "") is fetched
            assert not isinstance(fetched, Missing)
            assert [one.common_name for one in fetched] == ["SHAKEN 1234", "test web CA"]
            assert isinstance(waiting.find("http://cr.example.com/", ""), Missing)
        assert len(server.requests) == 1
    assert [kept.url for kept in disk.read()[0]] == [server.url()]


def test_without_a_folder(web: WebAuthority) -> None:
    waiting = WaitingStore(CertificateStore(Server(443).guard()), lambda: NOW)
    found = waiting.find("http://cr.example.com/", "")
    waiting.close()
    assert isinstance(found, Missing)


def test_offline_a_folder_then_the_cache(web: WebAuthority, tmp_path: Path) -> None:
    chain = read_certificates(web.chain())
    cache = CertificateCache(tmp_path / "cache")
    cache.put(Kept("https://b.example.com/b", chain, 1.0, 2.0, 3.0))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.pem").write_bytes(web.chain("SHAKEN A"))
    (folder / "index.txt").write_text("https://a.example.com/a a.pem")
    with OfflineStore(CertificateFolder(folder), cache) as offline:
        found = offline.find("https://a.example.com/a", "")
        assert found is not None
        assert found[0].common_name == "SHAKEN A"
        assert offline.find("https://b.example.com/b", "") == chain
        assert offline.find("https://c.example.com/c", "") is None
    assert OfflineStore().find("https://a.example.com/a", "") is None
    assert OfflineStore(cache=cache).find("https://b.example.com/b", "") == chain
