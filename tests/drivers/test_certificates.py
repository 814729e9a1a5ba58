"""The store: one flight per URL, three lives, bounds, and the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from cryptography import x509

from ringthrough.drivers import CertificateCache, CertificateStore, Fetched, Limits, Lives, Step, chain_of
from ringthrough.errors import RemoteError
from ringthrough.jose import Certificate, read_certificates
from ringthrough.stir import Missing

from .conftest import HOST, QUICK, Handler, Server, WebAuthority, answer, serving

NOW = 1_800_000_000.0
Use = Callable[[Server, CertificateStore], Awaitable[None]]


def with_store(web: WebAuthority, reply: bytes | Handler | Mapping[str, bytes], use: Use, **options: object) -> None:
    """Run a server and a store that may ask it."""

    async def run() -> None:
        async with serving(web.server(x509.DNSName(HOST)), reply) as server:
            settings: dict[str, object] = {"limits": QUICK, "tls": web.client}
            store = CertificateStore(server.guard(), **(settings | options))
            await use(server, store)
            await store.settle()

    asyncio.run(run())


def pem_answer(chain: bytes, control: str = "max-age=600") -> bytes:
    return answer(chain, headers={"Cache-Control": control, "Content-Type": "application/pem-certificate-chain"})


class Changing:
    """A repository that answers each request with the next answer, and the last one for ever."""

    def __init__(self, *replies: bytes) -> None:
        self.replies = list(replies)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(self.replies.pop(0) if len(self.replies) > 1 else self.replies[0])
        await writer.drain()


DOWN = answer(status="503 Service Unavailable")


def names(found: object) -> list[str]:
    assert isinstance(found, tuple)
    assert all(isinstance(one, Certificate) for one in found)
    return [one.common_name for one in found]


def test_the_whole_chain_is_kept_for_as_long_as_the_server_says(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        url = server.url()
        assert store.known(url, NOW) is None
        first = await store.fetch(url, NOW)
        assert names(first) == ["SHAKEN 1234", "test web CA"]
        assert await store.fetch(url, NOW + 590) is first
        assert store.known(url, NOW + 590) is first
        assert len(server.requests) == 1
        assert store.known(url, NOW + 600) is None
        assert names(await store.fetch(url, NOW + 600)) == names(first)
        assert len(server.requests) == 2
        assert b"Accept: application/pem-certificate-chain," in server.requests[0]

    with_store(web, pem_answer(web.chain()), use)


LIVES = {
    "no word of the server": ({}, 86_400, True),
    "less": ({"Cache-Control": "max-age=5"}, 5, True),
    "more than the operator allows": ({"Cache-Control": "max-age=99999999"}, 7 * 86_400, True),
    "no-cache": ({"Cache-Control": "no-cache"}, 0, True),
    "no-store": ({"Cache-Control": "no-store"}, 0, False),
    "expires": ({"Expires": "0"}, 0, True),
    "too old already": ({"Cache-Control": "max-age=5", "Age": "99"}, 0, True),
}


@pytest.mark.parametrize(("headers", "life", "kept"), LIVES.values(), ids=LIVES)
def test_good_lives(web: WebAuthority, headers: dict[str, str], life: float, kept: bool) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        assert names(await store.fetch(server.url(), NOW))
        assert (store.known(server.url(), NOW + life / 2) is not None) is (life > 0)
        assert store.known(server.url(), NOW + life) is None
        assert len(store) == kept

    with_store(web, answer(web.chain(), headers=headers), use)


def test_der_alone_is_a_chain_of_one(web: WebAuthority) -> None:
    der = read_certificates(web.chain())[0].der

    async def use(server: Server, store: CertificateStore) -> None:
        assert names(await store.fetch(server.url(), NOW)) == ["SHAKEN 1234"]

    with_store(web, answer(der), use)


FAILURES = {
    "status": (answer(status="404 Not Found"), "drivers-status", 600),
    "no certificate": (answer(b"<html>Welcome</html>"), "drivers-unreadable", 600),
    "private key only": (
        answer(b"-----BEGIN PRIVATE KEY-----\nMIG=\n-----END PRIVATE KEY-----"), "drivers-unreadable", 600,
    ),
    "certificate that is none": (answer(b"-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"),
                                 "drivers-unreadable", 600),
    "redirect": (answer(status="302 Found", headers={"Location": "https://example.com/"}), "drivers-redirect", 600),
    "nothing": (b"", "drivers-http", 600),
}  # fmt: skip


@pytest.mark.parametrize(("reply", "code", "life"), FAILURES.values(), ids=FAILURES)
def test_failures_are_kept_for_a_while(web: WebAuthority, reply: bytes, code: str, life: float) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        found = await store.fetch(server.url(), NOW)
        assert isinstance(found, Missing)
        assert found.why.endswith(f"[{code}]")
        assert await store.fetch(server.url(), NOW + life - 1) is found
        assert len(server.requests) == 1
        assert await store.fetch(server.url(), NOW + life) is not found
        assert len(server.requests) == 2
        assert len(store) == 0

    with_store(web, reply, use)


def test_what_network_or_time_did_is_forgotten_sooner_than_what_the_guard_says(web: WebAuthority) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async def use(server: Server, store: CertificateStore) -> None:
        late = await store.fetch(server.url(), NOW)
        assert isinstance(late, Missing)
        assert "[drivers-timeout]" in late.why
        refused = await store.fetch("http://cr.example.com/", NOW)
        assert isinstance(refused, Missing)
        assert "[drivers-url-scheme]" in refused.why
        assert store.known(server.url(), NOW + 60) is None
        assert store.known("http://cr.example.com/", NOW + 60) is refused
        assert store.known("http://cr.example.com/", NOW + 600) is None

    with_store(web, silent, use, limits=Limits(connect_s=5.0, total_s=0.2))


def test_an_old_chain_is_used_on_while_its_server_fails(web: WebAuthority) -> None:
    old, new = web.chain("SHAKEN OLD"), web.chain("SHAKEN NEW")
    replies = Changing(pem_answer(old), DOWN, DOWN, DOWN, pem_answer(new))
    lives = Lives(failing_s=10, stale_s=100, unusable_s=30)

    async def use(server: Server, store: CertificateStore) -> None:
        url = server.url()
        first = await store.fetch(url, NOW)
        assert await store.fetch(url, NOW + 600) is first  # asked (2), failed
        assert await store.fetch(url, NOW + 609) is first  # not asked again so soon
        assert len(server.requests) == 2
        assert await store.fetch(url, NOW + 610) is first  # asked (3), failed
        assert len(server.requests) == 3
        dead = await store.fetch(url, NOW + 700)  # asked (4), failed, and the old one is too old now
        assert isinstance(dead, Missing)
        assert len(server.requests) == 4
        assert len(store) == 0
        assert await store.fetch(url, NOW + 729) is dead
        assert names(await store.fetch(url, NOW + 730))[0] == "SHAKEN NEW"
        assert len(server.requests) == 5

    with_store(web, replies, use, lives=lives)


def test_a_chain_that_grew_too_old_between_two_attempts(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        first = await store.fetch(server.url(), NOW)
        assert await store.fetch(server.url(), NOW + 699) is first
        assert isinstance(await store.fetch(server.url(), NOW + 701), Missing)
        assert len(server.requests) == 2

    with_store(web, Changing(pem_answer(web.chain()), DOWN), use, lives=Lives(failing_s=10, stale_s=100))


def test_must_revalidate_means_no_stale_use(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        assert names(await store.fetch(server.url(), NOW))
        assert isinstance(await store.fetch(server.url(), NOW + 600), Missing)

    with_store(web, Changing(pem_answer(web.chain(), "max-age=600, must-revalidate"), DOWN), use)


def test_one_flight_for_all_who_wait(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        found = await asyncio.gather(*(store.fetch(server.url(), NOW) for _ in range(50)))
        assert len(server.requests) == server.connections == 1
        assert all(one is found[0] for one in found)
        assert len(await asyncio.gather(store.fetch(server.url("/a"), NOW), store.fetch(server.url("/b"), NOW))) == 2
        assert len(server.requests) == 3

    with_store(web, pem_answer(web.chain()), use)


def test_a_waiter_that_gives_up_does_not_end_the_flight(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        gate = asyncio.Event()
        hasty = asyncio.create_task(store.fetch(server.url(), NOW))
        patient = asyncio.create_task(store.fetch(server.url(), NOW))
        gate.set()
        await gate.wait()
        await asyncio.sleep(0)  # both have begun
        hasty.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hasty
        assert names(await patient)
        assert len(server.requests) == 1

    with_store(web, pem_answer(web.chain()), use)


def test_no_more_flights_than_allowed(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        found = await asyncio.gather(*(store.fetch(server.url(f"/{n}"), NOW) for n in range(5)))
        busy = [one for one in found if isinstance(one, Missing)]
        assert len(busy) == 3
        assert all("[drivers-busy]" in one.why for one in busy)
        assert names(await store.fetch(server.url("/4"), NOW))  # being busy is not remembered

    with_store(web, pem_answer(web.chain()), use, flights=2)


def test_the_chain_that_was_used_longest_ago_goes(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        for path in "/a", "/b", "/a", "/c":
            await store.fetch(server.url(path), NOW)
        assert len(store) == 2
        assert [store.known(server.url(path), NOW) is not None for path in ("/a", "/b", "/c")] == [True, False, True]

    with_store(web, pem_answer(web.chain()), use, most=2)


def test_a_flood_of_bad_urls_empties_nothing(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        await store.fetch(server.url(), NOW)
        for number in range(20):
            await store.fetch(f"http://cr.example.com/{number}", NOW)
        assert names(store.known(server.url(), NOW))
        kept = [n for n in range(20) if store.known(f"http://cr.example.com/{n}", NOW) is not None]
        assert kept == [17, 18, 19]

    with_store(web, pem_answer(web.chain()), use, most=3)


def test_steps_are_told(web: WebAuthority) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        steps: list[Step] = []
        await store.fetch(server.url(), NOW, told=steps.append)
        assert [step.name for step in steps] == ["url", "resolve", "connect", "tls", "answer", "body"]

    with_store(web, pem_answer(web.chain()), use)


def test_a_restart_begins_with_what_is_on_disk(web: WebAuthority, tmp_path: Path) -> None:
    disk = CertificateCache(tmp_path)

    async def use(server: Server, store: CertificateStore) -> None:
        assert store.warm() == 0
        await store.fetch(server.url("/a"), NOW)
        await store.fetch(server.url("/b"), NOW + 1)
        await store.settle()
        (tmp_path / f"{'0' * 64}.pem").write_text("torn")
        again = CertificateStore(server.guard(), limits=QUICK, tls=web.client, disk=disk)
        assert again.warm() == 2
        assert again.warm() == 0
        assert [problem.code for problem in again.problems] == ["drivers-cache-file"] * 2
        assert names(again.known(server.url("/a"), NOW + 590)) == ["SHAKEN 1234", "test web CA"]
        assert again.known(server.url("/a"), NOW + 600) is None
        small = CertificateStore(server.guard(), disk=disk, most=1)
        assert small.warm() == 1
        assert small.known(server.url("/b"), NOW + 2) is not None
        assert len(server.requests) == 2

    with_store(web, pem_answer(web.chain()), use, disk=disk)


def test_no_store_is_not_written(web: WebAuthority, tmp_path: Path) -> None:
    async def use(server: Server, store: CertificateStore) -> None:
        await store.fetch(server.url(), NOW)
        await store.settle()
        assert list(tmp_path.iterdir()) == []

    with_store(web, pem_answer(web.chain(), "no-store"), use, disk=CertificateCache(tmp_path))


def test_a_disk_that_fails_is_noted_and_nothing_else(web: WebAuthority, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def use(server: Server, store: CertificateStore) -> None:
        assert store.warm() == 0
        assert names(await store.fetch(server.url(), NOW))
        await store.settle()
        assert [problem.code for problem in store.problems] == ["drivers-folder", "drivers-folder"]

    with_store(web, pem_answer(web.chain()), use, disk=CertificateCache(tmp_path / "file"))


def test_without_a_disk_nothing_is_warm(web: WebAuthority) -> None:
    assert CertificateStore(Server(1).guard()).warm() == 0


def test_a_chain_says_what_is_wrong_with_it() -> None:
    with pytest.raises(RemoteError) as caught:
        chain_of(Fetched("https://cr.example.com/a", "192.0.2.1", (), b"hello", 0.1))
    assert caught.value.problem.code == "drivers-unreadable"
    assert caught.value.problem.where == "https://cr.example.com/a"
