"""Headers that people ask about: what each says, and the section that defines it."""

from __future__ import annotations

__all__ = ["LOCATIONS", "MEANINGS", "PAIRS", "PURPOSES", "WARNINGS"]

MEANINGS: dict[str, tuple[str, str]] = {
    "via": ("One hop that the request took; the answer goes back along them.", "RFC 3261 §20.42"),
    "from": ("Who calls, as the caller's side says it; not verified.", "RFC 3261 §20.20"),
    "to": ("Who was called.", "RFC 3261 §20.39"),
    "call-id": ("Names the call; quote it in a ticket.", "RFC 3261 §20.8"),
    "cseq": ("Which request this belongs to.", "RFC 3261 §20.16"),
    "contact": ("Where the next request of this call goes.", "RFC 3261 §20.10"),
    "max-forwards": ("How many more hops are allowed.", "RFC 3261 §20.22"),
    "content-length": ("Octets of the body.", "RFC 3261 §20.14"),
    "content-type": ("What the body is.", "RFC 3261 §20.15"),
    "route": ("Hops the request still has to visit.", "RFC 3261 §20.34"),
    "record-route": ("Proxies that want to stay on the path.", "RFC 3261 §20.30"),
    "server": ("Software of the element that answered: it wrote this response, not only passed it on.",
               "RFC 3261 §20.35"),
    "user-agent": ("Software of the element that asked.", "RFC 3261 §20.41"),
    "date": ("When it was sent.", "RFC 3261 §20.17"),
    "allow": ("Methods the sender supports.", "RFC 3261 §20.5"),
    "supported": ("Extensions the sender supports.", "RFC 3261 §20.37"),
    "require": ("Extensions the receiver must support.", "RFC 3261 §20.32"),
    "unsupported": ("Extensions the server does not support.", "RFC 3261 §20.40"),
    "retry-after": ("When trying again may help, in seconds.", "RFC 3261 §20.33"),
    "error-info": ("Where to find, or hear, more about the failure.", "RFC 3261 §20.18"),
    "p-asserted-identity": ("Who calls, as the network inside one trust domain vouches for it.", "RFC 3325 §9.1"),
    "diversion": ("Who redirected the call before.", "RFC 5806 §3"),
    "history-info": ("Whom the request was meant for before.", "RFC 7044 §5"),
    "privacy": ("What the caller wants hidden.", "RFC 3323 §4.2"),
    "session-id": ("Names the call from end to end, past B2BUAs.", "RFC 7989 §5"),
    "feature-caps": ("What elements on the path support; +sip.608 means a refusal by 608 is understood.",
                     "RFC 6809 §6, RFC 8688 §3.3"),
    "x-twilio-error": ("Twilio's own error number for the refusal.", "Twilio error catalogue"),
    "x-asterisk-hangupcause": ("Cause in Asterisk's words.", "Asterisk"),
    "x-asterisk-hangupcausecode": ("Q.850 cause as Asterisk kept it.", "Asterisk"),
    "www-authenticate": ("Challenge of the server: what credentials it wants.", "RFC 3261 §20.44"),
    "proxy-authenticate": ("Challenge of a proxy: what credentials it wants.", "RFC 3261 §20.27"),
    "authorization": ("Credentials; the digest is not shown.", "RFC 3261 §20.7"),
    "proxy-authorization": ("Credentials for a proxy; the digest is not shown.", "RFC 3261 §20.28"),
    "timestamp": ("When the request was sent, copied into the 100.", "RFC 3261 §20.38"),
    "session-expires": ("After how many seconds the call must be refreshed.", "RFC 4028 §4"),
}  # fmt: skip
"Header in lower case -> what it says, and its section. Reason, Call-Info, Identity and Warning are read apart."

LOCATIONS: dict[str, str] = {
    "U": "The user's side gave the cause. A US network that blocks on TDM must say so too (47 CFR 64.1200(k)(9)).",
    "LPN": "The private network of the caller's side gave the cause.",
    "LN": "The public network of the caller's side gave the cause.",
    "TN": "A transit network gave the cause.",
    "RLN": "The public network of the called side gave the cause.",
    "RPN": "The private network of the called side gave the cause.",
    "INTL": "An international network gave the cause.",
    "BI": "The network beyond an interworking point gave the cause.",
}
"Location of a cause -> what it means (RFC 8606 §4, ITU-T Q.850 §2.2.3)."

PAIRS: dict[str, str] = {
    "v": "Version of the form; analytics1 is the only one published.",
    "url": "Page for an appeal. Nothing in a 603+ is signed: look whose page it is before you fill it in.",
    "tel": "Number for an appeal; not signed.",
    "email": "Mail address for an appeal; not signed.",
    "id": "Reference to quote in the appeal.",
}
"Pair inside the text of a 603+ -> what it means (ATIS-1000099)."

PURPOSES: dict[str, tuple[str, str]] = {
    "jwscard": ("Signed contact card of whoever rejected the call; fetch it soon, cards are fresh for about a minute.",
                "RFC 8688 §3.1"),
    "jcard": ("Card about the caller, unsigned; not a contact for an appeal.", "RFC 9796 §4"),
    "icon": ("Picture of the caller or callee.", "RFC 3261 §20.9"),
    "info": ("Page about the caller or callee.", "RFC 3261 §20.9"),
    "card": ("Business card of the caller or callee.", "RFC 3261 §20.9"),
}  # fmt: skip
"Purpose of a Call-Info -> what it means, and its section."

WARNINGS: dict[int, str] = {
    300: "Network protocols of the session description are not available.",
    301: "Address formats of the session description are not available.",
    302: "The transport of the session description is not available.",
    303: "The bandwidth units of the session description are not understood.",
    304: "A media type of the session description is not available.",
    305: "Media formats of the session description are not available.",
    306: "An attribute of the session description is not understood.",
    307: "A parameter of the session description is not understood.",
    330: "Multicast is not available.",
    331: "Unicast is not available.",
    370: "There is not enough bandwidth.",
    399: "Anything else, in words; providers put their own reasons here.",
}
"Code of a Warning -> what it means (RFC 3261 §20.43)."
