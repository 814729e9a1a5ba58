"""Calls that somebody refused and said so: the person, a network's analytics, a provider, an Identity check."""

from __future__ import annotations

from collections.abc import Callable

from ringthrough.simulate.scenarios.opening import outbound, refused_at, ring, try_number
from ringthrough.simulate.scene import Scene
from ringthrough.simulate.styles import Header

__all__ = ["REFUSED", "card", "conforming"]

_LOCATIONS = ("LN", "TN", "RLN", "LPN", "RPN")


def _declined(scene: Scene) -> None:
    scene.truth.says("declined", "the person pressed the red button")
    leg = outbound(scene)
    reason: list[Header] = [("Reason", "Q.850;cause=21;location=U")] if scene.chance(0.2) else []
    leg.refuse(ring(scene, leg) + scene.between(2200, 12_000), 603, extra=reason)


def _unwanted(scene: Scene) -> None:
    scene.truth.says("unwanted", "the person's list of unwanted callers")
    scene.truth.signals("607")
    leg = outbound(scene)
    leg.refuse(try_number(scene, leg) + scene.between(200, 900), 607)


def _unwanted_ringing(scene: Scene) -> None:
    scene.truth.says("unwanted", "the person pressed the button for unwanted callers")
    scene.truth.signals("607")
    leg = outbound(scene)
    leg.refuse(ring(scene, leg) + scene.between(2000, 9000), 607)


# -------------------------------------------------------------------------------------------------- 608, RFC 8688


def card(scene: Scene) -> Header:
    """Make the Call-Info that names a signed contact card, and tell the truth of it."""
    uri = f"https://cards.{scene.party.carrier.domain}/{scene.hexes(32)}"
    scene.truth.signals("608")
    scene.truth.card_uri = uri
    return ("Call-Info", f"<{uri}>;purpose=jwscard" if scene.chance(0.6) else f"<{uri}> ; purpose = JWSCARD")


def _rejected_card(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, RFC 8688")
    leg = outbound(scene)
    at = refused_at(scene, try_number(scene, leg))
    other: list[Header] = [("Call-Info", "<https://pictures.example/logo.png>;purpose=icon")]
    leg.refuse(at, 608, extra=[*other[: scene.between(0, 1)], card(scene)])


def _rejected_bare(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, without a contact")
    scene.truth.signals("608")
    leg = outbound(scene)
    reason: list[Header] = [("Reason", 'SIP ;cause=608 ;text="Rejected"')]
    leg.refuse(refused_at(scene, try_number(scene, leg)), 608, extra=reason[: scene.between(0, 1)])


def _rejected_announced(scene: Scene) -> None:
    # RFC 8688 §3.4: 183 with 100rel, PRACK, announcement, then 608 as the final response.
    scene.truth.says("network_blocked", "analytics of the far network, with an announcement")
    leg = outbound(scene)
    early = try_number(scene, leg) + scene.between(100, 300)
    invited, first = leg.cseq, scene.between(1, 9000)
    leg.reply(early, 183, sdp=True, extra=[("Require", "100rel"), ("RSeq", str(first))])
    done = leg.request(early + 20, "PRACK", extra=[("RAck", f"{first} {invited} INVITE")])
    leg.cseq = invited
    leg.refuse(done + scene.between(4000, 9000), 608, extra=[card(scene)])


# ------------------------------------------------------------------------------------- 603+, ATIS-1000099 as reported


def conforming(scene: Scene) -> Header:
    """Make the Reason of a conforming 603+, and tell the truth of it."""
    domain = scene.party.carrier.domain
    drawn = {
        "url": f"https://redress.{domain}/c/{scene.hexes(6)}",
        "tel": f"+1800555{scene.between(100, 199):04d}",
        "email": f"blocks@{domain}",
        "id": f"{scene.hexes(6)}-{scene.hexes(4)}_A",
    }
    names = scene.rng.choice((("url",), ("url", "id"), ("tel",), ("email", "id"), ("url", "tel", "email", "id")))
    contact = {name: drawn[name] for name in names}
    pairs = ";".join(f"{name}={value}" for name, value in contact.items())
    protocol = scene.rng.choice(("SIP;cause=603", "SIP;cause=603", "Q.850;cause=21"))
    semi = scene.rng.choice((";", ";", "; ", " ;"))
    value = f'{protocol};text="v=analytics1;{pairs}";location={scene.rng.choice(_LOCATIONS)}'
    head, text, tail = value.split('"')
    scene.truth.signals("603plus", **contact)
    return ("Reason", f'{head.replace(";", semi)}"{text}"{tail.replace(";", semi)}')


def _plus(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, 603+")
    leg = outbound(scene)
    at = refused_at(scene, try_number(scene, leg))
    leg.refuse(at, 603, "Network Blocked", extra=[conforming(scene)])


def _plus_announced(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, 603+ after an announcement")
    leg = outbound(scene)
    early = try_number(scene, leg) + scene.between(100, 300)
    leg.reply(early, 183, sdp=True)
    leg.refuse(early + scene.between(4000, 9000), 603, "Network Blocked", extra=[conforming(scene)])


def _plus_and_cause(scene: Scene) -> None:
    # RFC 3326 §2: values of different protocols may stand together, in one header field or in two.
    scene.truth.says("network_blocked", "analytics of the far network, 603+ beside the cause of an exchange")
    leg = outbound(scene)
    at = refused_at(scene, try_number(scene, leg))
    url = f"https://redress.{scene.party.carrier.domain}"
    scene.truth.signals("603plus", url=url)
    plus = f'SIP;cause=603;text="v=analytics1;url={url}";location=TN'
    reasons: list[Header] = [("Reason", f"Q.850;cause=21, {plus}")]
    if scene.chance(0.5):
        reasons = [("Reason", "Q.850;cause=21"), ("Reason", plus)]
    leg.refuse(at, 603, "Network Blocked", extra=reasons)


def _plus_defective(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, 603+ badly written")
    domain = scene.party.carrier.domain
    url = f"https://redress.{domain}"
    kinds: tuple[tuple[str, str, str, dict[str, str]], ...] = (
        ("no Reason", "Network Blocked", "", {}),
        ("a Reason of another kind", "Network Blocked", 'Q.850;cause=21;text="Call Rejected"', {}),
        ("no contact", "Network Blocked", 'SIP;cause=603;text="v=analytics1";location=RLN', {}),
        (
            "url without TLS",
            "Network Blocked",
            f'SIP;cause=603;text="v=analytics1;url=http://{domain}";location=RLN',
            {"url": f"http://{domain}"},
        ),
        (
            "a later version",
            "Network Blocked",
            f'SIP;cause=603;text="v=analytics2;url={url}";location=RLN',
            {"url": url},
        ),
        ("no location", "Network Blocked", f'SIP;cause=603;text="v=analytics1;url={url}"', {"url": url}),
        ("phrase in capitals", "NETWORK BLOCKED", f'SIP;cause=603;text="v=analytics1;url={url}"', {"url": url}),
        (
            "tel without plus",
            "Network Blocked",
            'SIP;cause=603;text="v=analytics1;tel=18005550123";location=TN',
            {"tel": "18005550123"},
        ),
        (
            "version not first",
            "Network Blocked",
            f'SIP;cause=603;text="url={url};v=analytics1";location=LN',
            {"url": url},
        ),
    )
    defect, phrase, reason, contact = scene.rng.choice(kinds)
    scene.truth.signals("603plus_defective", **contact)
    scene.truth.defect = defect
    leg = outbound(scene)
    headers: list[Header] = [("Reason", reason)] if reason else []
    leg.refuse(refused_at(scene, try_number(scene, leg)), 603, phrase, extra=headers)


def _plus_rewritten(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, 603+ rewritten on the way")
    reason = conforming(scene)
    scene.truth.signal = "603plus_rewritten"
    code, phrase = scene.rng.choice(((603, "Decline"), (603, "Declined"), (403, "Forbidden"), (500, None), (486, None)))
    scene.truth.defect = f"arrived as {code}"
    leg = outbound(scene)
    leg.refuse(refused_at(scene, try_number(scene, leg)), code, phrase, extra=[reason])


# ----------------------------------------------------------------------------------- providers, Identity, exchanges


def _provider_error(scene: Scene) -> None:
    scene.truth.says("provider_blocked", "our own provider's policy")
    scene.truth.signals("provider")
    scene.truth.provider_code = "32203"
    leg = outbound(scene, edge=scene.world.provider)
    leg.refuse(try_number(scene, leg) + scene.between(60, 200), 603, extra=[("X-Twilio-Error", "32203 Call blocked")])


def _provider_phrase(scene: Scene) -> None:
    scene.truth.says("provider_blocked", "our own provider refused the calling number")
    scene.truth.signals("provider")
    scene.truth.provider_code = "D35"
    leg = outbound(scene, edge=scene.world.provider)
    at = try_number(scene, leg) + scene.between(60, 200)
    leg.refuse(at, 403, "Caller Origination Number is Invalid D35")


def _provider_relays(scene: Scene) -> None:
    scene.truth.says("network_blocked", "analytics of the far network, 603+ relayed by our provider with its own mark")
    leg = outbound(scene, edge=scene.world.provider)
    at = try_number(scene, leg) + scene.between(200, 600)
    reason = conforming(scene)
    scene.truth.signal, scene.truth.defect = "603plus_rewritten", "the provider's mark in the phrase"
    scene.truth.provider_code = "D52"
    leg.refuse(at, 603, "Network Blocked D52", extra=[reason])


def _identity_failed(scene: Scene) -> None:
    scene.truth.signals("stir")
    kinds: tuple[tuple[int, str | None, str], ...] = (
        (428, None, ""),
        (436, None, ""),
        (437, None, ""),
        (438, None, ""),
        (438, None, 'STIR;cause=438;text="Invalid Identity Header"'),
        (403, "Stale Date", ""),
        (403, None, 'STIR;cause=403;text="Stale Date"'),
        (500, None, 'STIR ;cause=436 ;text="Bad Identity Info"'),
        (403, None, 'SIP; cause=428; text="Use Identity Header"'),
    )
    code, phrase, reason = scene.rng.choice(kinds)
    scene.truth.says("identity_failed", f"verification of our Identity header: {code} {reason}".strip())
    leg = outbound(scene)
    headers: list[Header] = [("Reason", reason)] if reason else []
    leg.refuse(refused_at(scene, try_number(scene, leg)), code, phrase, extra=headers)


def _network_cause(scene: Scene) -> None:
    location = scene.rng.choice(("LN", "TN", "RLN"))
    scene.truth.says("network_blocked", f"an exchange rejected the call, location {location}")
    scene.truth.signals("network_cause")
    leg = outbound(scene)
    at = refused_at(scene, try_number(scene, leg))
    leg.refuse(at, scene.rng.choice((603, 403)), extra=[("Reason", f"Q.850;cause=21;location={location}")])


REFUSED: dict[str, Callable[[Scene], None]] = {
    "declined": _declined,
    "unwanted": _unwanted,
    "unwanted_ringing": _unwanted_ringing,
    "608_card": _rejected_card,
    "608_bare": _rejected_bare,
    "608_announced": _rejected_announced,
    "603plus": _plus,
    "603plus_announced": _plus_announced,
    "603plus_and_cause": _plus_and_cause,
    "603plus_defective": _plus_defective,
    "603plus_rewritten": _plus_rewritten,
    "provider_error": _provider_error,
    "provider_phrase": _provider_phrase,
    "provider_relays": _provider_relays,
    "identity_failed": _identity_failed,
    "network_cause": _network_cause,
}
"Scenarios of this file by name."
