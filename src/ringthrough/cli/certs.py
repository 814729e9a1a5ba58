"""`ringthrough certs`: the certificates that are kept, and what becomes of a certificate URL."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ringthrough.errors import Error, LocalError, Problem

from .credentials import (
    cache_folder,
    cache_option,
    certificate_fields,
    guard_of,
    moment,
    network_options,
    read_anchors,
    tls_of,
)

if TYPE_CHECKING:
    from ringthrough.drivers import Fetched, Kept, Step
    from ringthrough.jose import Certificate

    from .reference_text import Page

__all__ = ["certs"]

_LABEL = 12


@click.group()
def certs() -> None:
    """
    Keep certificates of callers, and look at how they are fetched.

    Certificates that are fetched while calls are verified are kept in a folder; these commands show and change it.
    """


@certs.command("list", short_help="List what is kept.")
@cache_option
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def list_(cache: Path | None, as_json: bool) -> None:
    """List what is kept: URL, subject, whom it speaks for, validity, when it was fetched, until when it is fresh."""
    from ringthrough.drivers import CertificateCache

    folder = CertificateCache(cache_folder(cache))
    kept, problems = folder.read()
    if as_json:
        _print_json([_kept_fields(one) for one in kept])
    else:
        from .reference_text import Page

        page = Page()
        for one in kept:
            page.blank()
            _kept_text(one, page)
        page.blank()
        page.text(f"{len(kept)} of them in {folder.path}", style="dim")
        click.echo(str(page), nl=False)
    _complain(problems)


@certs.command()
@click.argument("url")
@network_options
@click.option(
    "--anchors", type=click.Path(path_type=Path), metavar="PATH",
    help="Trust anchors: say as well whether the chain is trusted now.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def check(url: str, anchors: Path | None, as_json: bool, **network: Any) -> None:
    """
    Fetch one certificate URL and tell each step.

    Nothing is kept. The exit status is 0 when the URL gives a chain (with --anchors: a trusted one), 1 when not.
    """
    import asyncio

    from ringthrough.drivers import ACCEPT, Step, chain_of, fetch_once, freshness
    from ringthrough.jose import check_chain

    guard, tls = guard_of(**network), tls_of(**network)
    trust, revocations, problems = read_anchors(anchors)
    steps: list[Step] = []
    now_s = time.time()
    answer: Fetched | None = None
    chain: tuple[Certificate, ...] = ()
    try:
        answer = asyncio.run(fetch_once(url, guard=guard, tls=tls, accept=ACCEPT, told=steps.append))
        chain = chain_of(answer)
        steps.append(Step("certificates", True, str(len(chain))))
    except Error as fault:
        if answer is not None:
            steps.append(Step("certificates", False, fault.problem.detail))
    if chain and answer is not None:
        fresh = freshness(answer, now_s=now_s)
        life = "not said by the server" if fresh.life_s is None else f"{max(fresh.life_s, 0):.0f} s"
        steps.append(Step("fresh for", True, life if fresh.storable else "not to be kept (no-store)"))
        if anchors is not None:
            outcome = check_chain(chain, trust, at_s=now_s, revocations=revocations)
            why = "".join(f": {problem.detail}" for problem in outcome.problems[:1] if not outcome.trusted)
            steps.append(Step("trust", outcome.trusted, f"{outcome.outcome}{why}"))
    good = bool(chain) and steps[-1].good
    if as_json:
        told = [{"step": step.name, "good": step.good, "detail": step.detail} for step in steps]
        _print_json({"url": url, "good": good, "steps": told, "certificates": list(map(certificate_fields, chain))})
    else:
        _check_text(steps, chain)
    _complain(problems, quietly=True)
    if not good:
        click.get_current_context().exit(1)


@certs.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", metavar="URL", help="Where the chain in FILE would be fetched.")
@cache_option
def import_(files: tuple[Path, ...], url: str | None, cache: Path | None) -> None:
    """
    Put chains into the cache without fetching them.

    FILE is a chain in PEM or DER whose place --url tells; or a folder whose index.txt says, in lines of URL and file
    name, what each file is for; or a file or folder of another cache.
    """
    from ringthrough.drivers import CertificateCache, CertificateFolder, Guard, Kept, Lives

    if url is not None:
        if len(files) != 1:
            raise click.UsageError(f"expected one FILE with --url, found {len(files)}")
        Guard(query=True, ports=frozenset(range(1, 65_536))).check(url)
    now_s, lives = time.time(), Lives()
    store = CertificateCache(cache_folder(cache))
    problems: list[Problem] = []
    count = 0
    for path in files:
        folder = CertificateFolder(path)
        problems += folder.problems
        chains = dict(folder)
        if url is not None:
            chains = {url: _one_chain(folder.leaves, path)}
        elif not chains:
            said = "expected --url, an index.txt in the folder, or files of a cache, found none of them"
            problems.append(Problem("drivers-folder", said, str(path)))
        for place, chain in chains.items():
            stale_s = max(chain[0].not_after_s, now_s)
            store.put(Kept(place, chain, now_s, now_s + lives.good_most_s, stale_s))
            count += 1
    click.echo(f"{count} put into {store.path}")
    _complain(problems)


@certs.command(short_help="Forget what is kept.")
@click.argument("urls", nargs=-1, metavar="[URL]...")
@cache_option
def clear(urls: tuple[str, ...], cache: Path | None) -> None:
    """Forget everything that is kept, or the given URLs alone."""
    from ringthrough.drivers import CertificateCache

    store = CertificateCache(cache_folder(cache))
    count = sum(map(store.remove, urls)) if urls else store.clear()
    click.echo(f"{count} removed from {store.path}")


def _one_chain(leaves: Any, path: Path) -> tuple[Certificate, ...]:
    if len(leaves) != 1:
        said = f"expected one certificate that signs tokens, found {len(leaves)}"
        raise LocalError(Problem("drivers-unreadable", said, str(path)))
    chain: tuple[Certificate, ...] = leaves[0]
    return chain


def _kept_fields(kept: Kept) -> dict[str, Any]:
    return {
        "url": kept.url,
        "fetched": moment(kept.fetched_s),
        "fresh_until": moment(kept.expires_s),
        "usable_until": moment(kept.stale_s),
        "chain": [certificate_fields(one) for one in kept.chain],
    }


def _kept_text(kept: Kept, page: Page) -> None:
    page.title(kept.url)
    _certificate_text(kept.chain[0], page)
    page.row("  chain", f"{len(kept.chain)} certificates", width=_LABEL)
    fresh = f"{moment(kept.fetched_s)}, fresh until {moment(kept.expires_s)}"
    page.row("  fetched", fresh, width=_LABEL)


def _certificate_text(certificate: Certificate, page: Page) -> None:
    said = certificate_fields(certificate)
    page.row("  subject", said["subject"], width=_LABEL)
    page.row("  speaks for", said["speaks_for"] or "nobody: it has no TNAuthList", width=_LABEL)
    page.row("  valid", f"{said['not_before']} to {said['not_after']}", width=_LABEL)
    page.rows("  problems", [one["detail"] for one in said["problems"]], width=_LABEL)


def _check_text(steps: list[Step], chain: tuple[Certificate, ...]) -> None:
    from .reference_text import Page

    page = Page()
    for step in steps:
        mark = "ok  " if step.good else "NO  "
        page.row(step.name, mark + step.detail, width=_LABEL, style="" if step.good else "bad")
    for number, certificate in enumerate(chain, 1):
        page.blank()
        page.title(f"Certificate {number}" + (" (authority)" if certificate.is_ca else ""))
        if certificate.is_ca:
            page.row("  subject", certificate.subject, width=_LABEL)
            valid = f"{moment(certificate.not_before_s)} to {moment(certificate.not_after_s)}"
            page.row("  valid", valid, width=_LABEL)
        else:
            _certificate_text(certificate, page)
    click.echo(str(page), nl=False)


def _complain(problems: list[Problem], *, quietly: bool = False) -> None:
    """Name what could not be read; the exit status tells as well, unless `quietly`."""
    for problem in problems:
        click.echo(f"ringthrough: {problem}", err=True)
    if problems and not quietly:
        click.get_current_context().exit(1)


def _print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=True, indent=2))
