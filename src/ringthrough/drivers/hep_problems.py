"""Every problem that live sources report, and every cause for which a HEP packet gave no message, explained."""

from __future__ import annotations

from ringthrough.captures.causes import explain

__all__ = ["CAUSES", "NOTES", "PROBLEMS", "explain_cause"]

PROBLEMS: dict[str, str] = {
    "drivers-hep-bind": "An address cannot be listened on: it is taken, not of this host, or not permitted.",
    "drivers-hep-broken": "A listener broke while it was receiving; the others go on.",
    "drivers-hep-certificate": "The certificate, its key or the file of authorities for TLS cannot be used.",
    "drivers-hep-clock": "The clock of an agent is far off; its times were moved by what it is off.",
    "drivers-hep-dropped": "The system threw datagrams away, because they came faster than they were taken.",
    "drivers-hep-given-up": "Calls were closed before they ended, because more were open than allowed.",
    "drivers-hep-refused": "Connections were refused, or ended by us, for the reasons counted.",
    "drivers-hep-tap": "An interface cannot be tapped: there is none of this name, or its link type is not known.",
    "drivers-hep-tap-permission": "Tapping an interface needs root or the capability CAP_NET_RAW.",
    "drivers-hep-tap-system": "Interfaces can be tapped on Linux only.",
    "drivers-hep-unkept": "Rows could not be stored so often that listening ended; the disk may be full.",
}
"Slug -> one sentence for docs/reference/problems.md."

CAUSES: dict[str, str] = {
    "hep-password": "HEP without the password that was asked for.",
    "not-hep": "Something other than HEP.",
}
"Cause of a packet that gave no message -> what it is; those that captures share are explained there."

NOTES: dict[str, str] = {
    "agent-overflow": "Messages of agents beyond the number that is told apart; their clocks were believed.",
    "clock-corrected": "Messages of agents whose clock is far off; their times were moved by what it is off.",
    "clock-missing": "Messages whose packet says no time; the time of arrival was taken.",
    "connection": "Connections of agents.",
    "connection-broken": "Connections that ended in the middle of a packet.",
    "connection-not-hep": "Connections ended because what came over them was not HEP.",
    "connection-refused": "Connections refused because as many as allowed were open.",
    "handshake-failed": "Connections on which TLS did not come about.",
    "seen-by-another": "Messages that another agent had reported already.",
    "stream-lost-bytes": "Octets of connections passed over to find the next HEP packet.",
}
"Name of a note -> what it counts."


def explain_cause(cause: str) -> str:
    """Say what a cause or note of a live source means; empty for an unknown one."""
    return CAUSES.get(cause) or NOTES.get(cause) or explain(cause)
