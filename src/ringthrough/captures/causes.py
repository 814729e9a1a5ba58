"""
Why a record gave no SIP message: every cause by name, and the notes that a reader of a capture should see.

A record is counted once: it completed a SIP message, it was skipped for one of `CAUSES`, or it was spoilt for one of
`SPOILS`. `NOTES` count what happened beside that (octets that were lost, fragments that overlapped): they say how far
the picture can be trusted and are no part of the sum.
"""

from __future__ import annotations

__all__ = ["CAUSES", "DISSECT_PROBLEMS", "NOTES", "SPOILS", "explain"]

CAUSES: dict[str, str] = {
    "arp": "ARP or RARP.",
    "cdp": "Cisco Discovery, STP or another link protocol over LLC.",
    "dhcp": "DHCP.",
    "dns": "DNS or multicast DNS.",
    "encrypted-dtls": "DTLS: keys of SRTP or encrypted data; what it carries cannot be read.",
    "encrypted-esp": "IPsec (ESP), also inside UDP; may hide SIP, as on the Gm interface of VoLTE.",
    "encrypted-quic": "QUIC: encrypted.",
    "encrypted-sip-tls": "TLS on a SIP port (5061 or 5081): SIP is there but encrypted; export it decrypted.",
    "encrypted-tls": "TLS on a port that is not a SIP port; may be SIP over TLS or WSS.",
    "exported-other": "Exported PDU of a protocol other than SIP.",
    "h323": "H.225 or H.245, the signalling of H.323: not SIP.",
    "hep-other": "HEP that carries something other than a SIP message.",
    "http": "HTTP that does not lead to SIP over WebSocket.",
    "icmp": "ICMP or ICMPv6; the SIP message an error quotes was counted where it was sent.",
    "igmp": "IGMP.",
    "ike": "IKE: key agreement for IPsec.",
    "ip-fragment": "Fragment of a datagram; the datagram counts with the frame that completed it.",
    "ipv6-no-next": "IPv6 that says nothing follows (next header 59).",
    "keepalive": "Empty or tiny datagram, or only CR, LF and NUL, that keeps a NAT binding open.",
    "l2tp": "L2TP; a tunnel that is not opened.",
    "lldp": "LLDP.",
    "mgcp": "MGCP or MEGACO, the control of media gateways: not SIP.",
    "msrp": "MSRP: messages of a session, not signalling.",
    "nflog-other": "NFLOG record without an IP packet.",
    "null-other": "Loopback record of an address family other than IP.",
    "ospf": "OSPF, EIGRP, PIM, VRRP or another protocol between routers.",
    "ppp-control": "PPP control protocol (LCP, IPCP, PAP, CHAP).",
    "pppoe-discovery": "PPPoE discovery.",
    "rtcp": "RTCP: reports about media.",
    "rtp": "RTP: media.",
    "rtsp": "RTSP.",
    "sctp": "SCTP; SIP over SCTP is not reassembled.",
    "snmp": "SNMP.",
    "ssdp": "SSDP (UPnP discovery) or another protocol in the shape of HTTP over UDP.",
    "stun": "STUN, TURN or ICE.",
    "syslog": "Syslog.",
    "tcp-no-data": "TCP segment without data: handshake, acknowledgement, end.",
    "tcp-other": "TCP stream that is not SIP.",
    "tcp-retransmission": "TCP segment whose octets were seen before.",
    "tcp-segment": "TCP segment that completed no SIP message: part of one, or of a stream not yet recognised.",
    "text-mention": "Lines of a log that name a status or a request, without the message.",
    "text-other": "Other lines of a log or trace: no SIP.",
    "text-page": "Lines of page breaks, and lines between the segments of one message.",
    "text-spacing": "Blank and ruled lines between messages.",
    "tunnel-control": "Control message of a tunnel (GTP-U echo, keepalive of GRE or TZSP, PPTP).",
    "udp-other": "UDP that is not SIP and has no other name here.",
    "websocket-control": "WebSocket record that completed no SIP message: upgrade, ping, pong, close or a part.",
    "link-type-*": "Link type that is not supported, by its number in the registry of link types.",
    "ethertype-*": "Ethernet protocol that is not supported, by its hexadecimal number.",
    "ip-protocol-*": "IP protocol that is not supported, by its number.",
}
"Cause of a skipped record -> what it is, in one sentence. A name that ends in `*` stands for one name per number."

SPOILS: dict[str, str] = {
    "bad-exported": "Exported PDU whose tags do not fit into the record.",
    "bad-fragment": "IP fragment with an impossible length or place.",
    "bad-hep": "HEP whose chunks do not fit into the datagram.",
    "bad-ipv4": "IPv4 header with a wrong version or an impossible length.",
    "bad-ipv6": "IPv6 header with a wrong version or an endless chain of extension headers.",
    "bad-tcp": "TCP header with an impossible length.",
    "bad-tunnel": "Header of a tunnel or link that breaks its layout.",
    "bad-udp": "UDP header with an impossible length.",
    "header-cut": "The snap length cut the record inside its headers.",
    "header-short": "The record ends inside its headers although the capture says it is complete.",
    "text-headless": "Lines of a text trace that are header fields of a message whose start is missing.",
    "too-deep": "More encapsulations inside each other than any network uses.",
}
"Cause of a spoilt record -> what it is, in one sentence."

NOTES: dict[str, str] = {
    "fragment-duplicate": "Fragments that repeated octets already seen (a mirror port, or a copy on the way).",
    "fragment-lost": "Datagrams given up because fragments were missing after 30 s or at the end.",
    "fragment-overlap": "Fragments that overlapped others with different bounds; the octets seen first were kept.",
    "fragment-overflow": "Datagrams given up because more fragments were waiting than the limits allow.",
    "message-cut": "SIP messages of which the capture holds only the beginning.",
    "stream-bad-length": "SIP messages on a stream with no readable Content-Length; taken as without a body.",
    "stream-resync": "Times that octets of a stream were passed over to find the next SIP start line.",
    "tcp-gap": "Holes in TCP streams that were passed over because the missing octets never came.",
    "tcp-overflow": "TCP streams forgotten because more were open than the limit allows.",
    "text-address-missing": "Messages of a text trace that says neither whence nor whither; hops cannot be told apart.",
    "text-body-length": "Messages of a text trace whose body is not as long as Content-Length says.",
    "text-date-unknown": "Messages whose time names no date or year; say on which day the trace begins.",
    "text-header-truncated": "Header fields that tshark shortened to 240 characters.",
    "text-hep-copy": "Copies inside HEP, whose own addresses a text trace does not show.",
    "text-lines-between": "Lines of a log in the middle of a message, which were left out of it.",
    "text-lines-joined": "Lines broken by a terminal or a mail program, which were joined.",
    "text-shown-twice": "Messages that tcpdump showed a second time, decoded and as octets, or inside HEP.",
    "text-time-ambiguous": "Messages of the hour that the clocks went back over; taken as the first of the two.",
    "text-time-missing": "Messages without a time: their order is known, and durations are not.",
    "text-time-seconds": "Messages timed in whole seconds: durations are not known.",
    "text-time-zone-unknown": "Messages in local time of a zone that nobody named; taken as UTC.",
    "websocket-compressed": "WebSocket messages that were compressed and not read.",
}
"Name of a note -> what it counts."

DISSECT_PROBLEMS: dict[str, str] = {}
"Problem slug -> explanation. Empty: what is wrong inside a record is counted by cause, it never becomes a `Problem`."


def explain(cause: str) -> str:
    """Say what a cause or note means; a numbered cause gets the sentence of its family. Empty for an unknown one."""
    for known in (CAUSES, SPOILS, NOTES):
        if cause in known:
            return known[cause]
    return CAUSES.get(cause[: cause.rfind("-") + 1] + "*", "")
