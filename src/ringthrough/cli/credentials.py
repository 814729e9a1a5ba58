"""Options about certificates, shared by the commands that need some: where they are, whom to trust, whom to ask."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ringthrough.errors import BackendError, LocalError, Problem

if TYPE_CHECKING:
    import ssl

    from ringthrough.diagnosis.proof import Prover
    from ringthrough.drivers import CertificateFolder, Guard, OfflineStore, WaitingStore
    from ringthrough.jose import Anchors, Certificate, RevocationList

__all__ = [
    "cache_folder",
    "cache_option",
    "certificate_fields",
    "certificate_options",
    "guard_of",
    "moment",
    "network_options",
    "prover_of",
    "read_anchors",
    "source_of",
    "tls_of",
]

F = TypeVar("F", bound=Callable[..., Any])
_PLACE = click.Path(path_type=Path)

cache_option = click.option(
    "--cache", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Folder of the certificate cache; by default below the user's cache folder.",
)  # fmt: skip
"Option --cache."


def certificate_options(command: F) -> F:
    """Options --certs, --anchors, --fetch and --cache."""
    for option in (
        cache_option,
        click.option("--fetch", is_flag=True, help="Fetch certificates that are not at hand from their URLs."),
        click.option("--anchors", type=_PLACE, metavar="PATH", help="Trust anchors: a file, or a folder of files."),
        click.option("--certs", type=_PLACE, metavar="PATH", help="Certificates: a file, or a folder of files."),
    ):
        command = option(command)
    return command


def network_options(command: F) -> F:
    """Options of the guard: --trusted, --port, --allow and --tls-ca; hand them to `guard_of` and `tls_of`."""
    for option in (
        click.option("--tls-ca", type=_PLACE, metavar="FILE",
                     help="Authorities of web servers, instead of the system's."),
        click.option("--allow", multiple=True, metavar="RANGE", help="Private address range that may be asked."),
        click.option("--port", "ports", multiple=True, type=click.IntRange(1, 65_535), metavar="N",
                     help="Port that may be asked, instead of 443 and 8443."),
        click.option("--trusted", multiple=True, metavar="HOST",
                     help="Repository that may be asked (cr.example.com, *.example.com); by default every one."),
    ):  # fmt: skip
        command = option(command)
    return command


def cache_folder(asked: Path | None) -> Path:
    """The folder of the cache: as asked, or where the platform keeps caches (XDG Base Directory on Linux)."""
    if asked is not None:
        return asked
    home = Path.home()
    if sys.platform == "darwin":
        caches = home / "Library" / "Caches"
    elif sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        named = os.environ.get("XDG_CACHE_HOME", "")
        caches = Path(named) if Path(named).is_absolute() else home / ".cache"  # the specification: ignore a relative
    return caches / "ringthrough" / "certificates"


def guard_of(
    *, trusted: Sequence[str], ports: Sequence[int], allow: Sequence[str], query: bool = False, **_others: object
) -> Guard:
    """
    The guard that the options describe.

    Raises:
        LocalError: a host pattern or an address range is none.
    """
    from ringthrough.drivers import Guard, read_networks

    try:
        allowed = read_networks(allow)
    except ValueError as fault:
        said = f"expected an address range such as 10.1.0.0/16, found: {fault}"
        raise LocalError(Problem("drivers-address-special", said, "--allow")) from fault
    return Guard(ports=frozenset(ports or (443, 8443)), hosts=tuple(trusted), allowed=allowed, query=query)


def tls_of(*, tls_ca: Path | None, **_others: object) -> ssl.SSLContext | None:
    """
    How web servers are checked; None for the system's authorities.

    Raises:
        BackendError: the file cannot be read, or holds no certificate.
    """
    if tls_ca is None:
        return None
    import ssl

    try:
        context = ssl.create_default_context(cafile=tls_ca)
    except OSError as fault:  # ssl.SSLError is one
        said = f"expected a file of certificates in PEM, found: {fault.strerror or fault}"
        raise BackendError(Problem("cli-not-readable", said, str(tls_ca))) from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def read_anchors(path: Path | None) -> tuple[Anchors, tuple[RevocationList, ...], list[Problem]]:
    """
    Trust anchors, the revocation lists that lie beside them, and files in which there is neither.

    Raises:
        BackendError: the path cannot be read, or there is no certificate.
    """
    from ringthrough.drivers import CertificateFolder
    from ringthrough.jose import Anchors

    if path is None:
        return Anchors(()), (), []
    folder = CertificateFolder(path)
    if not folder.certificates:
        why = f": {folder.problems[0].detail}" if folder.problems else ""
        raise BackendError(Problem("drivers-unreadable", f"expected trust anchors, found none{why}", str(path)))
    return Anchors(folder.certificates), folder.revocations, folder.problems


def source_of(
    *, certs: Path | None, cache: Path | None, fetch: bool, **network: Any
) -> tuple[OfflineStore | WaitingStore, list[Problem]]:
    """
    Where certificates come from, as the options say; a context manager, and what could not be read.

    Args:
        certs: a file or folder that is asked first.
        cache: folder of the cache; None for the platform's.
        fetch: ask their URLs.
        network: options of `network_options`.

    Raises:
        BackendError: a file or folder cannot be read.
        LocalError: an option of the network is wrong.
    """
    from ringthrough.drivers import CertificateCache, CertificateFolder, CertificateStore, OfflineStore, WaitingStore

    folder: CertificateFolder | None = None if certs is None else CertificateFolder(certs)
    problems = [] if folder is None else folder.problems
    disk = CertificateCache(cache_folder(cache))
    if not fetch:
        return OfflineStore(folder, disk), problems
    store = CertificateStore(guard_of(**network), tls=tls_of(**network), disk=disk)
    store.warm()
    return WaitingStore(store, time.time, folder), [*problems, *store.problems]


def prover_of(
    *, certs: Path | None, anchors: Path | None, cache: Path | None, fetch: bool, cards: Path | None = None,
    region: str | None = None, **network: Any,
) -> Prover:  # fmt: skip
    """
    What fills the columns of a diagnosis that need certificates. All arguments can be pickled, for other processes.

    Args:
        certs: file or folder of certificates.
        anchors: file or folder of trust anchors.
        cache: folder of the certificate cache; None for the platform's.
        fetch: ask URLs of certificates and cards.
        cards: folder of contact cards.
        region: country of numbers without a country code.
        network: options of `network_options`.

    Raises:
        BackendError: a file or folder cannot be read.
        LocalError: an option of the network is wrong.
    """
    from ringthrough.diagnosis.proof import Prover
    from ringthrough.drivers import CardFolder, WaitingCards
    from ringthrough.stir import Policy

    trust, revocations, problems = read_anchors(anchors)
    source, unread = source_of(certs=certs, cache=cache, fetch=fetch, **network)
    folder = None if cards is None else CardFolder(cards)
    problems = [*problems, *unread, *(() if folder is None else folder.problems)]
    found: CardFolder | WaitingCards | None = folder
    if fetch:
        found = WaitingCards(guard_of(query=True, **network), tls=tls_of(**network), folder=folder)
    return Prover(
        trust, source, cards=found, revocations=revocations, policy=Policy(region=region), problems=problems,
        now_s=time.time() if fetch else None, close=source.close,
    )  # fmt: skip


def moment(at_s: float) -> str:
    """A time for people."""
    from datetime import UTC, datetime

    try:
        return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return "beyond the calendar"


def certificate_fields(certificate: Certificate) -> dict[str, Any]:
    """What one certificate says, for JSON and for people."""
    numbers = certificate.tn_auth_list
    return {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "speaks_for": "" if numbers is None else numbers.text(),
        "spc": [] if numbers is None else list(numbers.spcs),
        "not_before": moment(certificate.not_before_s),
        "not_after": moment(certificate.not_after_s),
        "serial": f"{certificate.serial:x}",
        "sha256": certificate.fingerprint,
        "authority": certificate.is_ca,
        "problems": [{"code": one.code, "detail": one.detail} for one in certificate.problems],
    }
