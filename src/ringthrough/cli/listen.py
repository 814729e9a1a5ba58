"""`ringthrough listen`: calls as they end, from agents that send HEP and from interfaces of this host."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from threading import current_thread, main_thread
from typing import TYPE_CHECKING, Any

import click

from ringthrough.cli.listen_proof import Proof, proof_of, proof_options
from ringthrough.errors import LocalError

if TYPE_CHECKING:
    from ringthrough.calls import Assembler
    from ringthrough.drivers.hep import Listener
    from ringthrough.drivers.live import Live

__all__ = ["listen"]

_MEGABYTE = 1 << 20


def _place(_context: object, _option: object, values: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Read ADDRESS:PORT."""
    found = []
    for text in values:
        host, _colon, port = text.rpartition(":")
        bare = ":" in host and not (host.startswith("[") and host.endswith("]"))
        # A number alone is a port, as after `:`.
        if not (port.isascii() and port.isdigit()) or int(port) > 65_535 or bare:
            raise click.BadParameter(f"expected ADDRESS:PORT, :PORT or [IPV6]:PORT, found {text!r}")
        found.append((host.strip("[]"), int(port)))
    return tuple(found)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--udp",
    multiple=True,
    metavar="ADDR:PORT",
    callback=_place,
    help="Take HEP as datagrams here; :9060 is every address of this host. May be repeated, like the next three.",
)
@click.option("--tcp", multiple=True, metavar="ADDR:PORT", callback=_place, help="Take HEP over TCP here.")
@click.option("--tls", multiple=True, metavar="ADDR:PORT", callback=_place, help="Take HEP over TLS here.")
@click.option("--interface", "interfaces", multiple=True, metavar="NAME", help="Tap an interface of this host (Linux).")
@click.option("--tls-cert", metavar="FILE", help="Certificate for --tls, PEM.")
@click.option("--tls-key", metavar="FILE", help="Its private key, PEM.")
@click.option("--tls-clients", metavar="FILE", help="Let in agents with a certificate of these authorities only, PEM.")
@click.option("--password", metavar="FILE", help="Let in HEP with the password (authentication key) in this file only.")
@click.option("--into", metavar="DIR", help="Store calls here; the store is made if there is none.")
@click.option("--key", metavar="FILE", help="Key of a store that keeps numbers as keyed hashes.")
@click.option("--json", "as_json", is_flag=True, help="Write calls as JSON lines, with --into as soon as they last.")
@click.option("--mask", "masked", is_flag=True, help="Mask telephone numbers in everything that is written.")
@click.option("--for", "seconds", type=click.FloatRange(min=0), metavar="SECONDS", help="End by itself after so long.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End by itself after N SIP messages.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How often to write a line of figures where there is no terminal to draw them in.",
)
@click.option(
    "--replay", is_flag=True, help="What comes is an old capture: believe its times, and end calls by them alone."
)
@click.option("--region", metavar="CC", help="Country in which numbers without a country code are dialled, e.g. US.")
@click.option("--own", multiple=True, metavar="CIDR", help="Our own addresses, for the direction; may be repeated.")
@click.option("--carriers", metavar="FILE", help="TOML file that names carriers by address range or number prefix.")
@proof_options
@click.option(
    "--max-open",
    type=click.IntRange(min=1),
    default=500_000,
    show_default=True,
    metavar="N",
    help="Calls open at a time; the oldest are closed when there are more.",
)
@click.option(
    "--buffer",
    "buffer_mb",
    type=click.IntRange(1, 1024),
    default=32,
    show_default=True,
    metavar="MB",
    help="What the system is asked to keep, per address or interface, until it is taken.",
)
@click.option("-q", "--quiet", is_flag=True, help="No figures and no summary; what went wrong is still told.")
def listen(**options: Any) -> int:
    """
    Listen to live signalling, and say per call why it was refused, by whom, and whom to ask.

    Agents (Kamailio, OpenSIPS, FreeSWITCH, Asterisk, heplify, captagent) send what they see as HEP version 1, 2 or 3.
    A call is told about 37 seconds after its end, when nothing that belongs to it can come any more. Ctrl-C ends
    listening: open calls are closed as they are, and everything is stored.

    Exit status: 0 nothing was lost; 1 something was, and standard error says what; 2 it could not begin, or wrong
    usage.
    """
    if not any(options[name] for name in ("udp", "tcp", "tls", "interfaces")):
        raise click.UsageError("say where to listen: --udp :9060, --tcp, --tls or --interface.")
    if options["tls"] and not (options["tls_cert"] and options["tls_key"]):
        raise click.UsageError("--tls needs --tls-cert FILE and --tls-key FILE.")
    # Late: `ringthrough listen --help` needs none of it.
    from ringthrough.cli.listen_view import View
    from ringthrough.drivers.hep_intake import Intake
    from ringthrough.drivers.live import Live
    from ringthrough.verdict import judge

    with ExitStack() as stack:
        proof = proof_of(options)
        if proof is not None:
            stack.callback(proof.close)
        listeners = _listeners(options, stack)
        intake = Intake(
            _assemblers([listener.name for listener in listeners], options, proof),
            password=_secret(options["password"]),
            most_open=options["max_open"],
            replay=options["replay"],
        )
        keeper = _store(options)
        if keeper is not None:
            stack.callback(keeper.abandon)
        view = View(as_json=options["as_json"], masked=options["masked"], quiet=options["quiet"],
                    interval_s=options["interval"], into=options["into"])  # fmt: skip
        live = Live(listeners, intake, judge, keeper=keeper, told=view.told, looked=view.looked)
        with _signals(live), view.showing(live):
            _without_needless_looks()
            live.run(seconds=options["seconds"], messages=options["count"])
        return view.summary()


def _listeners(options: dict[str, Any], stack: ExitStack) -> list[Listener]:
    from ringthrough.drivers.hep import Listener, listen_tcp, listen_udp, tls_context
    from ringthrough.drivers.tap import open_tap

    buffer_bytes = options["buffer_mb"] * _MEGABYTE
    made: list[Listener] = []

    def keep(listener: Listener) -> None:
        stack.callback(listener.socket.close)
        made.append(listener)

    context = None
    if options["tls"]:
        context = tls_context(options["tls_cert"], options["tls_key"], clients=options["tls_clients"])
    for host, port in options["udp"]:
        keep(listen_udp(host, port, buffer_bytes=buffer_bytes))
    for host, port in options["tcp"]:
        keep(listen_tcp(host, port))
    for host, port in options["tls"]:
        keep(listen_tcp(host, port, tls=context))
    for name in options["interfaces"]:
        keep(Listener.of_tap(open_tap(name, buffer_bytes=buffer_bytes)))
    return made


def _assemblers(names: list[str], options: dict[str, Any], proof: Proof | None) -> Callable[[], Assembler]:
    """Return what makes an assembler: the compiled one where it is installed."""
    from ringthrough import calls
    from ringthrough.calls import Networks
    from ringthrough.cli.settings import settings_of
    from ringthrough.native import twin

    try:
        settings = settings_of(
            region=options["region"], own=options["own"], carriers=options["carriers"], workers=1
        )  # fmt: skip
    except LocalError as fault:
        raise click.UsageError(str(fault)) from None
    rooms: Any = twin("_native") or calls
    proving = {} if proof is None else {"prove": proof.prove}
    only_taps = not (options["udp"] or options["tcp"] or options["tls"])

    def new_assembler() -> Assembler:
        folder = rooms.Folder(
            names, region=settings.region, own=Networks(settings.own), carriers=settings.carriers,
            source="capture" if only_taps else "hep", **proving,
        )  # fmt: skip
        assembler: Assembler = rooms.Assembler(folder)
        return assembler

    return new_assembler


def _secret(path: str | None) -> bytes | None:
    if path is None:
        return None
    try:
        with open(path, "rb") as handle:
            found = handle.read().strip()
        if found:
            return found
        detail = "expected a password, found nothing"
    except OSError as fault:
        detail = f"expected a file that can be read, the system says: {fault.strerror or fault}"
    raise click.BadParameter(f"{path}: {detail}", param_hint="--password")


def _store(options: dict[str, Any]) -> Any:
    if options["into"] is None:
        return None
    from ringthrough.cli.export import key_of
    from ringthrough.store import Writer

    return Writer(options["into"], key=key_of(options["key"]))


def _without_needless_looks() -> None:
    """Let the collector look for circles rarely: calls are tuples and open calls, which make none."""
    import gc

    gc.set_threshold(100_000, 20, 100)


@contextmanager
def _signals(live: Live) -> Iterator[None]:
    """End in peace on SIGINT and SIGTERM (at once on the second one), and take no notice of SIGHUP."""
    if current_thread() is not main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def ask_for_the_end(number: int, _frame: object) -> None:
        live.stop()
        signal.signal(number, signal.SIG_DFL if number != signal.SIGINT else signal.default_int_handler)

    for name in ("SIGINT", "SIGTERM"):
        number = getattr(signal, name)
        before[number] = signal.signal(number, ask_for_the_end)
    if hasattr(signal, "SIGHUP"):  # a terminal that goes away, or a rotation of logs: nothing here depends on either
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda _number, _frame: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
