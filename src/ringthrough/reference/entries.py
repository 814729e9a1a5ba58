"""What the reference says about one code or cause: frozen values, the same words as the TOML files and the JSON."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Blocks", "Entry", "Evidence", "FromCause", "Gateway", "Header", "Loss", "Retry", "ToCause"]

_OWNERS = {"freeswitch": "FreeSWITCH records", "twilio": "Twilio", "telnyx": "Telnyx"}


@dataclass(frozen=True, slots=True)
class Retry:
    """What may be tried again after this answer."""

    same_target: str
    "Starts with `yes`, `no`, `maybe` or `n/a`, then the condition."
    other_target: str
    "The same for another server or route to the same user."
    automatic: str
    "May a device repeat by itself: starts with `yes`, `no`, `none`, `allowed` ..."
    retry_after: bool
    "The defining document gives Retry-After a meaning for it."
    stops_search: bool
    "A 6xx: proxies start no new branch and other routes to the same user are pointless (RFC 3261 16.7)."
    note: str
    "The rule in one sentence."


@dataclass(frozen=True, slots=True)
class Header:
    """A header field that the answer has to carry."""

    header: str
    "Its name, with the parameter or condition that matters."
    level: str
    "`MUST`, `SHOULD` and its condition."
    source: str
    "Document and section."


@dataclass(frozen=True, slots=True)
class ToCause:
    """What the code becomes on the telephone network."""

    cause: int | None
    "Q.850 cause; None where the code releases nothing or has no mapping."
    name: str
    "Name of the cause; empty without one."
    location: str
    "`user` or `network`: who the cause says released the call."
    rule: str
    "Whether the table lists it, or a default applies."
    source: str
    "Document and section of the mapping."
    notes: tuple[str, ...]
    "Rules and practice that differ from the table."


@dataclass(frozen=True, slots=True)
class FromCause:
    """A code or cause that becomes this entry when it crosses the border."""

    id: str
    "`Q.850:21` for a code, `603` for a cause."
    condition: str
    "Under which condition; empty when always."
    source: str
    "Document and section."


@dataclass(frozen=True, slots=True)
class Loss:
    """What a trip over the other network and back makes of it, by RFC 3398."""

    to: str
    "What it becomes on the other side."
    back: str
    "What comes back."
    sentence: str
    "Both in one sentence."


@dataclass(frozen=True, slots=True)
class Gateway:
    """What one product's table makes of it."""

    name: str
    "Product, version and table."
    gives: str
    "The cause or code it sends, as text."
    differs: bool
    "It is not what RFC 3398 says."


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a statement about blocks rests on."""

    kind: str
    "`standard`, `regulation`, `source_code`, `vendor_doc`, `reported` or `inference`."
    text: str
    "The document or observation."


@dataclass(frozen=True, slots=True)
class Blocks:
    """Can an analytics block look like this?"""

    level: str
    """`explicit` (says so), `explicit_user` (a person's rejection), `explicit_in_reason`, `policy_block`, `can_hide`,
    `not_expected`."""
    why: str
    "The reason in one or two sentences."
    evidence: tuple[Evidence, ...]
    "What it rests on; empty where nothing is known."


@dataclass(frozen=True, slots=True)
class Entry:
    """One code, variant or cause."""

    id: str
    "`608`, `603+`, `Q.850:21`."
    kind: str
    "`code` (in the registry), `variant` (not in it) or `cause` (Q.850)."
    code: int
    "The number on the wire."
    name: str
    "The registered phrase, or the name people use."
    class_: str
    "`4xx Request failure`, `normal event (class 001)`."
    registered: bool
    "It stands in the IANA registry (a cause: in ITU-T Q.850)."
    status: str
    "`current`, `deprecated`, `reserved`; variants: `profile`, `dropped`, `vendor`, `foreign`, `proposal`, `internal`."
    rfc: str
    "Defining document."
    section: str
    "Section of it; empty where the document has none."
    generated_by: str
    "Who sends it."
    methods: str
    "Requests that it answers."
    origin: str
    "What stands behind it: a key of `origins` in the catalogue, for example `person`, `algorithm`, `unclear`."
    rings: str
    "Whether the called phone rang: a key of `rings` in the catalogue, for example `rang_possibly`, `not_rung`."
    gist: str
    "What it says, as a clause: `404 says that ...`."
    description: str
    "What it means, in a sentence or two."
    details: tuple[str, ...]
    "Further facts."
    when_seen: tuple[str, ...]
    "Situations in which it turns up."
    fix_caller: tuple[str, ...]
    "What the caller can do."
    fix_operator: tuple[str, ...]
    "What whoever runs the network or the equipment can do."
    retry: Retry
    required_headers: tuple[Header, ...]
    "Header fields the answer must carry."
    optional_headers: tuple[str, ...]
    "Header fields with a meaning in it."
    dialog_effect: str
    "What it does to an existing dialog (RFC 5057)."
    dialog_source: str
    "Section for that; empty where nothing applies."
    to_q850: ToCause | None
    "For codes: the cause it becomes."
    to_sip: ToCause | None
    "For causes: `cause` holds the SIP code it becomes."
    comes_from: tuple[FromCause, ...]
    "For codes the causes, for causes the codes, that turn into it."
    losses: tuple[Loss, ...]
    "What the round trip loses."
    gateways: tuple[Gateway, ...]
    "What products make of it."
    blocks: Blocks
    related: tuple[str, ...]
    "Ids of entries to read next."
    pitfalls: tuple[str, ...]
    "Known mistakes of software and documents."
    example: str
    "A response with it, lines separated by ` | `; empty where the phrase says all."
    aliases: tuple[str, ...]
    "Other spellings that `lookup` takes."
    sources: tuple[str, ...]
    "Documents that were read for it."
    unverified: tuple[str, ...]
    "Statements for which the source could not be read."

    @property
    def title(self) -> str:
        """Id and name: `608 Rejected`, `603+ Network Blocked`, `Q.850:21 Call rejected`."""
        return f"{self.id} {self.name}"

    @property
    def label(self) -> str:
        """The id inside a sentence: `608`, `603+`, `cause 21`, `603 of Twilio`."""
        if self.kind == "cause":
            return f"cause {self.code}"
        number, dash, owner = self.id.partition("-")
        return f"{number} of {_OWNERS.get(owner, owner)}" if dash else self.id

    @property
    def differing_gateways(self) -> tuple[Gateway, ...]:
        """The products that do otherwise than RFC 3398."""
        return tuple(one for one in self.gateways if one.differs)
