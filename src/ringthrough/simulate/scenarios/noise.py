"""What else is on the wire: registrations, keep-alives, audio, scanners, and packets that are broken."""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.datagrams import JUNK, RTP
from ringthrough.simulate.leg import PHRASES
from ringthrough.simulate.scene import Scene
from ringthrough.simulate.styles import Header
from ringthrough.simulate.world import Host

__all__ = ["NOISE", "SCANNERS"]

_SCANNERS = ("friendly-scanner", "sipvicious", "pplsip", "sipcli/v1.8", "VaxSIPUserAgent/3.1")


def _ask(
    scene: Scene,
    source: Host,
    target: Host,
    method: str,
    uri: str,
    *,
    at: int = 0,
    cseq: int = 1,
    call_id: str = "",
    extra: tuple[Header, ...] = (),
    agent: str = "",
) -> tuple[list[Header], str]:
    """Send a request outside any dialog; return the headers that its response copies, and its Call-ID."""
    call_id = call_id or scene.hexes(20)
    via = f"SIP/2.0/{scene.transport.upper()} {source.name}:{source.port};branch=z9hG4bK{scene.hexes(12)}"
    shared = [
        ("Via", via),
        ("From", f"<sip:{scene.hexes(4)}@{source.name}>;tag={scene.hexes(8)}"),
        ("To", f"<{uri}>"),
        ("Call-ID", call_id),
        ("CSeq", f"{cseq} {method}"),
    ]
    lines = [*shared, ("Max-Forwards", "70"), ("User-Agent", agent or source.product), *extra, ("Content-Length", "0")]
    payload = source.style.render(f"{method} {uri} SIP/2.0", lines)
    scene.emit(scene.start_us + at * 1000, source, target, payload)
    return shared, call_id


def _tell(
    scene: Scene, source: Host, target: Host, shared: list[Header], at: int, code: int, extra: tuple[Header, ...] = ()
) -> None:
    lines = [(name, f"{value};tag={scene.hexes(6)}" if name == "To" else value) for name, value in shared]
    lines += [("Server", source.product), *extra, ("Content-Length", "0")]
    payload = source.style.render(f"SIP/2.0 {code} {PHRASES[code]}", lines)
    scene.emit(scene.start_us + at * 1000, source, target, payload)


def _options(scene: Scene) -> None:
    """Ask a carrier's edge whether it lives."""
    scene.kept = False
    edge = scene.rng.choice(scene.party.carrier.hosts)
    shared, _ = _ask(scene, scene.world.sbc, edge, "OPTIONS", f"sip:{edge.name}")
    _tell(scene, edge, scene.world.sbc, shared, scene.between(10, 80), 200)


def _register(scene: Scene) -> None:
    """Register a phone of ours, with the usual challenge."""
    scene.kept = False
    pbx, sbc = scene.rng.choice(scene.world.pbxes), scene.world.sbc
    uri = f"sip:{sbc.name}"
    contact: tuple[Header, ...] = (("Contact", f"<sip:phone@{pbx.name}>;expires=600"),)
    shared, call_id = _ask(scene, pbx, sbc, "REGISTER", uri, extra=contact)
    realm = (("WWW-Authenticate", f'Digest realm="ours.example", nonce="{scene.hexes(16)}"'),)
    _tell(scene, sbc, pbx, shared, 5, 401, realm)
    digest = ("Authorization", f'Digest username="phone", realm="ours.example", response="{scene.hexes(32)}"')
    shared, _ = _ask(scene, pbx, sbc, "REGISTER", uri, at=12, cseq=2, call_id=call_id, extra=(*contact, digest))
    _tell(scene, sbc, pbx, shared, 18, 200, contact)


def _audio(scene: Scene) -> None:
    """Send a second of audio (RFC 3550 §5.1), whose octets may look like anything."""
    scene.kept = False
    edge = scene.party.carrier.hosts[0]
    source, sequence = scene.rng.getrandbits(32), scene.rng.getrandbits(15)
    ports = (20_000 + 2 * scene.between(0, 2000), 30_000 + 2 * scene.between(0, 2000))
    for n in range(50):
        head = (
            b"\x80\x00" + (sequence + n).to_bytes(2, "big") + (160 * n).to_bytes(4, "big") + source.to_bytes(4, "big")
        )
        at_us = scene.start_us + n * 20_000
        payload = head + scene.rng.randbytes(160)
        scene.emit(at_us, scene.world.sbc, edge, payload, kind=RTP, transport="udp", ports=ports)


def _junk(scene: Scene) -> None:
    """Send what no parser likes: never a complete SIP message."""
    scene.kept = False
    edge = scene.party.carrier.hosts[0]
    junk = scene.rng.choice(
        (
            b"\r\n\r\n",
            b"\x00\x00\x00\x00",
            b"\x00\x01\x00\x00\x21\x12\xa4\x42" + scene.rng.randbytes(12),
            scene.rng.randbytes(scene.between(1, 300)),
            b"SIP/2.0",
            b"INVITE sip:",
            b"INVITE sip:nobody@192.0.2.1",
            b"GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
        )
    )
    scene.emit(scene.start_us, edge, scene.world.sbc, junk, kind=JUNK, transport="udp")


def _sweep(scene: Scene) -> None:
    """Sweep our addresses with OPTIONS, as scanners on the internet do all day."""
    scene.kept = False
    scanner = scene.world.stranger(scene.rng)
    agent = scene.rng.choice(_SCANNERS)
    for n in range(scene.between(3, 12)):
        target = scene.rng.choice((scene.world.sbc, *scene.world.pbxes))
        _ask(scene, scanner, target, "OPTIONS", f"sip:100@{target.name}", at=40 * n, agent=agent)


def _flood(scene: Scene) -> None:
    """Try to call abroad at our expense; our border controller answers or keeps silent."""
    scanner, sbc = scene.world.stranger(scene.rng), scene.world.sbc
    agent = scene.rng.choice(_SCANNERS[:3])
    number = f"{scene.rng.choice(('9011', '00', '+'))}44{scene.between(10**9, 10**10 - 1)}"
    contact: Header = ("Contact", f"<sip:100@{scanner.name}>")
    uri = f"sip:{number}@{sbc.name}"
    shared, call_id = _ask(scene, scanner, sbc, "INVITE", uri, extra=(contact,), agent=agent)
    truth = scene.truth
    truth.kind, truth.call_id, truth.direction = "scanner", call_id, "inbound"
    truth.caller, truth.callee, truth.carrier = "", number, ""
    truth.says("unauthorized", f"a scanner: {agent}", explicit=False)
    code = scene.rng.choice((401, 404, 403, 0))
    if code:
        _tell(scene, sbc, scanner, shared, 4, code)
        scene.decided(scene.start_us + 4000)
        truth.final_code = code


NOISE: dict[str, Callable[[Scene], None]] = {
    "noise_options": _options,
    "noise_register": _register,
    "noise_audio": _audio,
    "noise_junk": _junk,
    "noise_sweep": _sweep,
}
"Scenarios that are no calls."

SCANNERS: dict[str, Callable[[Scene], None]] = {"scanner_flood": _flood}
"Scenarios that look like calls and are none: their truth has `kind: scanner`."
