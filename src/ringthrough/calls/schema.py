"""
THE CALL TABLE: one row per call attempt, every column with its type, unit and meaning, written down once.

`Call` is the row as a capture, a CDR, a trace or our own gate produces it; `Verdict` is what the verdict room adds.
`COLUMNS` is read off these two classes, and every other form (DuckDB, Parquet, CSV, JSON, the documentation) is made
from `COLUMNS`.

Facts
- Rows are named tuples, because a day of calls makes hundreds of thousands of them.
- A fact that the source cannot know is None (or the empty string for text), never a guess. 0 means 0.
- Times are integers: microseconds since 1970 UTC for `at_us` (written out as ISO 8601 in column `at`), milliseconds for
  durations.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple, get_args, get_origin, get_type_hints

__all__ = ["BLIND_SPOTS", "COLUMNS", "FACTS", "INFERRED", "JUDGED", "OUTCOMES", "VERDICTS", "Call", "Column", "Verdict"]

VERDICTS = (
    "answered", "busy", "no_answer", "abandoned", "declined", "unwanted", "network_blocked", "provider_blocked",
    "probable_block", "suspected_block", "identity_failed", "bad_number", "stalled", "incomplete", "failed",
    "unauthorized", "unknown_rejection",
)  # fmt: skip
"The slugs of the column `verdict`: a contract that scripts rely on."

INFERRED = ("probable_block", "suspected_block")
"Verdicts that no call gets alone: only `analytics.blocks` raises calls to them, over many calls of one number."

OUTCOMES: dict[str, str] = {
    "answered": "The record says the call was answered.",
    "busy": "The record says the called line was busy.",
    "no_answer": "The record says nobody answered.",
    "cancelled": "The record says the caller gave up before an answer.",
    "rejected": "The record says the call was rejected, and not by whom.",
    "blocked": "The record says a provider or its analytics blocked the call.",
    "invalid": "The record says the number is not valid or not in service.",
    "congestion": "The record says there was no way through: congestion, or no trunk.",
    "failed": "The record says the call failed, and not how.",
}
"What a call record can say of the end of a call in its own vocabulary: the slugs of the column `outcome`."

BLIND_SPOTS: dict[str, str] = {
    "code": "The source holds no SIP status.",
    "reason": "The source holds no Reason header and no other words of the refusal.",
    "ringing": "The source does not say whether it rang.",
    "times": "The source has whole seconds at best: nothing can be said about how fast a refusal came.",
    "refusals": "The source holds answered calls only.",
}
"What a kind of source can never know: the slugs of the column `blind_to`."


class Column(NamedTuple):
    """One column of the call table."""

    name: str
    "Its name in every output."
    sql: str
    "Its type in DuckDB and Spark: VARCHAR, INTEGER, BIGINT, BOOLEAN, DOUBLE or TIMESTAMP."
    unit: str
    "Unit or format of a value; empty for plain text and flags."
    meaning: str
    "What it says, in one sentence."


class _Says(NamedTuple):
    meaning: str
    unit: str = ""


class Call(NamedTuple):
    """One call attempt as it was seen: every leg, hop and retry of it together. Says what happened, judges nothing."""

    call_id: Annotated[str, _Says("Call-ID of the first INVITE, or of the first message when no INVITE was seen")]
    at_us: Annotated[int, _Says("when the first INVITE (else the first message) was seen", "us since 1970 UTC")]
    caller: Annotated[str, _Says("calling number, E.164 where the region allows; else as sent", "+digits")]
    callee: Annotated[str, _Says("called number, E.164 where the region allows; else as sent", "+digits")]
    caller_raw: Annotated[str, _Says("user part that `caller` was read from, as sent")]
    callee_raw: Annotated[str, _Says("user part of the first Request-URI, as sent")]
    carrier: Annotated[str, _Says("carrier from carriers.toml, else the address of the peer that answered")]
    direction: Annotated[str, _Says("outbound, inbound, internal or transit as seen from --own; empty without it")]
    kind: Annotated[str, _Says("call, or scanner for an internet scanner, which stays outside all rates")]
    method: Annotated[str, _Says("method that opened it: INVITE; empty when only later messages were seen")]
    final_code: Annotated[int | None, _Says("status of the final response to the last attempt, as the caller got it")]
    final_phrase: Annotated[str, _Says("reason phrase of that response, as sent")]
    far_code: Annotated[
        int | None,
        _Says("final status on the farthest leg seen, where its code or phrase differ from what the caller got"),
    ]
    far_phrase: Annotated[str, _Says("reason phrase there")]
    answered_by: Annotated[str, _Says("address and port of the element that sent the final response", "addr:port")]
    server: Annotated[str, _Says("Server or User-Agent of the final response")]
    user_agent: Annotated[str, _Says("User-Agent of the first INVITE")]
    signal: Annotated[str, _Says("what the refusal says, a slug of signals.KINDS; empty when there is none")]
    signal_in: Annotated[str, _Says("message that carried it: response, bye or cancel; empty when there is none")]
    signal_code: Annotated[int | None, _Says("status of the response (or cause of the Reason) that carried it")]
    signal_phrase: Annotated[str, _Says("reason phrase (or Reason text) that came with it")]
    reason: Annotated[
        str, _Says("every Reason value of the message that carried the signal, else of the final response")
    ]
    sip_cause: Annotated[int | None, _Says("cause of the first Reason value with protocol SIP")]
    q850_cause: Annotated[int | None, _Says("cause of the first Reason value with protocol Q.850")]
    location: Annotated[str, _Says("location of the Reason value: U, LPN, LN, TN, RLN, RPN, INTL, BI ...")]
    provider_code: Annotated[str, _Says("code of a provider's own block: X-Twilio-Error, Telnyx D-code, Warning 399")]
    defects: Annotated[str, _Says("slugs of the defects of a 603+ or 608, in order", "separated by spaces")]
    blocker: Annotated[str, _Says("domain of the contact for appeal; unverified unless a card was checked")]
    redress_url: Annotated[str, _Says("where to appeal, as the refusal says")]
    redress_tel: Annotated[str, _Says("telephone number to appeal to, as the refusal says")]
    redress_email: Annotated[str, _Says("e-mail address to appeal to, as the refusal says")]
    redress_id: Annotated[str, _Says("reference to quote in an appeal, as the refusal says")]
    card_uri: Annotated[str, _Says("URI of the signed contact card of a 608 (Call-Info purpose=jwscard)")]
    pdd_ms: Annotated[int | None, _Says("post-dial delay: first INVITE to first 18x", "ms")]
    ring_ms: Annotated[int | None, _Says("how long it rang: first 180 Ringing to the final response or CANCEL", "ms")]
    setup_ms: Annotated[int | None, _Says("first INVITE to the final response", "ms")]
    final_ms: Annotated[int | None, _Says("INVITE of the last attempt to its final response", "ms")]
    talk_ms: Annotated[int | None, _Says("answer to BYE", "ms")]
    cancel_ms: Annotated[int | None, _Says("first INVITE to CANCEL", "ms")]
    trying_ms: Annotated[int | None, _Says("first INVITE to first 100 Trying", "ms")]
    silence_ms: Annotated[int | None, _Says("last answer to CANCEL, else (no final) to the end of what was seen", "ms")]
    last_hop: Annotated[str, _Says("address and port of the peer that was heard last, or never", "addr:port")]
    early_media: Annotated[bool, _Says("a provisional response carried a session description")]
    ended_by: Annotated[str, _Says("who sent BYE or CANCEL: caller or callee; empty when neither was seen")]
    attempts: Annotated[int, _Says("INVITE transactions towards the callee: 3xx, 491 and route advance count again")]
    challenges: Annotated[int, _Says("401 and 407 challenges that were answered with a new INVITE")]
    forks: Annotated[int, _Says("further branches tried at the same time")]
    legs: Annotated[int, _Says("hops, one behind the other, at which this same call was seen")]
    retransmissions: Annotated[int, _Says("repeats of INVITE, its responses, CANCEL and BYE (ACK is not watched)")]
    duplicates: Annotated[int, _Says("copies of such a frame that a mirror port made")]
    cut: Annotated[str, _Says("edge of the capture that cuts this call: start, end, both; empty for none")]
    file: Annotated[str, _Says("file that holds the first INVITE (else the first message)")]
    frame: Annotated[int | None, _Says("frame of the first INVITE (else the first message) in that file")]
    ring_file: Annotated[str, _Says("file that holds the first ringing")]
    ring_frame: Annotated[int | None, _Says("frame of the first ringing")]
    final_file: Annotated[str, _Says("file that holds the final response")]
    final_frame: Annotated[int | None, _Says("frame of the final response (else of the BYE or CANCEL with the signal)")]
    source: Annotated[str, _Says("kind of source: capture, trace, hep, gate, or `cdr` and the profile that read it")]
    trunk: Annotated[str, _Says("trunk or gateway the call left by, as the record or the trunk table names it")]
    campaign: Annotated[str, _Says("campaign, list or account the call belongs to, as the record names it")]
    outcome: Annotated[
        str, _Says("how a call record says it ended, a slug of calls.OUTCOMES; empty where messages were seen")
    ]
    outcome_text: Annotated[str, _Says("the record's own words for it, as written there")]
    blind_to: Annotated[
        str, _Says("facts that this kind of source never holds, slugs of calls.BLIND_SPOTS", "separated by spaces")
    ]
    attestation: Annotated[str, _Says("A, B or C, as the caller's first `shaken` PASSporT claims it")]
    identity: Annotated[str, _Says("what became of the Identity of the INVITE: a slug of stir; empty without one")]
    identity_code: Annotated[int | None, _Says("status that RFC 8224 owes an Identity that failed: 428, 436, 437 ...")]
    identity_signer: Annotated[str, _Says("service provider code (else subject) of the certificate that signed it")]
    card: Annotated[str, _Says("what became of the contact card of a 608: a slug of signals; empty without one")]
    card_signer: Annotated[str, _Says("subject of the certificate that signed the card")]


class Verdict(NamedTuple):
    """Our reading of one call: made from a `Call` and nothing else."""

    verdict: Annotated[str, _Says("who ended it: one of the verdict slugs")]
    confidence: Annotated[float, _Says("how sure the class is, given only this call", "0..1")]
    rule: Annotated[str, _Says("name of the rule that decided")]
    because: Annotated[str, _Says("why, in one sentence")]
    settle: Annotated[str, _Says("what would settle the question, where it is open")]
    hidden_candidate: Annotated[
        bool, _Says("could hide an analytics block: refused without ringing; statistics decide")
    ]
    tool_version: Annotated[str, _Says("version of ringthrough that made the row")]
    rules_version: Annotated[str, _Says("version of the rules that made the verdict")]


_SQL = {str: "VARCHAR", int: "BIGINT", bool: "BOOLEAN", float: "DOUBLE"}
_SMALL = {"final_code", "far_code", "signal_code", "sip_cause", "q850_cause", "identity_code"}


def _columns(row: type) -> tuple[Column, ...]:
    made = []
    for name, hint in get_type_hints(row, include_extras=True).items():
        base, says = get_args(hint)
        kind = next(a for a in get_args(base) if a is not type(None)) if get_origin(base) else base
        sql = "INTEGER" if name in _SMALL else _SQL[kind]
        made.append(Column(name, sql, says.unit, says.meaning))
    return tuple(made)


FACTS: tuple[Column, ...] = _columns(Call)
"Columns of `Call`, in order."
JUDGED: tuple[Column, ...] = _columns(Verdict)
"Columns of `Verdict`, in order."
COLUMNS: tuple[Column, ...] = FACTS + JUDGED
"All columns of the call table, in order."
