"""
Two codes or causes compared: what differs, when to use which, and what each means for the call.

Facts:
- A difference is a pair of values of one field of the two entries, and a sentence made from just these two. No sentence
  repeats a description, and equal fields make no difference.
- Pairs that people ask for have texts of their own (`data/pairs.toml`); they replace the summary and the advice, never
  the differences.
- Sentences name the lower code first, whichever way round one asks, so `compare(b, a)` is `compare(a, b)` mirrored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from .entries import Entry, ToCause
from .finding import lookup
from .loading import raw

__all__ = ["Comparison", "Difference", "Effect", "Shared", "compare"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which the two differ."""

    aspect: str
    "`class`, `who decides`, `sender`, `same target` ..."
    a: str
    "What the first one says."
    b: str
    "What the second one says."
    sentence: str
    "Both in one sentence."


@dataclass(frozen=True, slots=True)
class Shared:
    """One field that is the same in both."""

    aspect: str
    "As in `Difference`."
    value: str
    "What both say."


@dataclass(frozen=True, slots=True)
class Effect:
    """What each means for one side of the call."""

    aspect: str
    "`retry`, `ringing`, `forking` or `billing`."
    a: str
    "A sentence about the first."
    b: str
    "A sentence about the second."
    same: bool
    "Both sentences say the same of their code."


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two entries side by side; descriptions, situations and remedies are those of `a` and `b`."""

    a: Entry
    b: Entry
    curated: bool
    "Summary and advice were written for this pair; otherwise they are made from the fields."
    summary: str
    "The difference in a sentence or two."
    use_a: str
    "When to send, or expect, the first."
    use_b: str
    "When to send, or expect, the second."
    caller: str
    "What the caller does on one and on the other."
    key_differences: tuple[Difference, ...]
    in_common: tuple[Shared, ...]
    effects: tuple[Effect, ...]
    "Retry, ringing, forking and billing, in this order."
    sources: tuple[str, ...]
    "What the texts of a curated pair rest on, then the sources of the fields that differ."

    def mirrored(self) -> Comparison:
        """The same comparison with the two sides changed over."""
        return Comparison(
            a=self.b,
            b=self.a,
            curated=self.curated,
            summary=self.summary,
            use_a=self.use_b,
            use_b=self.use_a,
            caller=self.caller,
            key_differences=tuple(Difference(d.aspect, d.b, d.a, d.sentence) for d in self.key_differences),
            in_common=self.in_common,
            effects=tuple(Effect(e.aspect, e.b, e.a, e.same) for e in self.effects),
            sources=self.sources,
        )


def compare(a: int | str | Entry, b: int | str | Entry) -> Comparison:
    """
    Two codes, variants or causes compared.

    Args:
        a: anything that `lookup` takes, or an entry.
        b: the other; the same one gives a comparison without differences.

    Raises:
        NotFound: one of them is unknown (`reference-unknown-code`).
    """
    first = a if isinstance(a, Entry) else lookup(a)
    second = b if isinstance(b, Entry) else lookup(b)
    if _order(first) <= _order(second):
        return _compared(first, second)
    return _compared(second, first).mirrored()


def _order(entry: Entry) -> tuple[bool, int, str]:
    return entry.kind == "cause", entry.code, entry.id


def _compared(a: Entry, b: Entry) -> Comparison:
    differences: list[Difference] = []
    shared: list[Shared] = []
    for aspect, va, vb, sentence in _aspects(a, b):
        if va != vb:
            differences.append(Difference(aspect, va, vb, _capital(sentence)))
        elif va not in _NOTHING:
            shared.append(Shared(aspect, va))
    if not differences and a.id != b.id:
        differences.append(
            Difference("meaning", a.gist, b.gist, _listed("What it says", a.label, b.label, (a.gist, b.gist)))
        )
    pair = _curated().get((a.id, b.id))
    curated = pair is not None
    if pair is None:
        made = f"{a.label} says that {a.gist}, {b.label} that {b.gist}."
        pair = (made, _use(a), _use(b), _caller(a, b), ())
    summary, use_a, use_b, caller, sources = pair
    documents = tuple(dict.fromkeys((*sources, _document(a), _document(b))))
    return Comparison(
        a=a,
        b=b,
        curated=curated,
        summary=_capital(summary),
        use_a=_capital(use_a),
        use_b=_capital(use_b),
        caller=_capital(caller),
        key_differences=tuple(differences),
        in_common=tuple(shared),
        effects=_effects(a, b),
        sources=documents,
    )


@cache
def _curated() -> dict[tuple[str, str], tuple[str, str, str, str, tuple[str, ...]]]:
    made = {}
    for pair in raw()["pairs"]:
        a, b = lookup(pair["a"]), lookup(pair["b"])
        uses = pair["use_a"], pair["use_b"]
        if _order(a) > _order(b):
            a, b, uses = b, a, (uses[1], uses[0])
        made[a.id, b.id] = (pair["summary"], *uses, pair["caller"], tuple(pair["sources"]))
    return made


_NOTHING = ("does not apply", "none of its own", "no release cause", "no")
"Equal values that say nothing are no common ground worth a line."


def _aspects(a: Entry, b: Entry) -> Iterator[tuple[str, str, str, str]]:
    """Aspect, value of a, value of b, sentence; the caller leaves out what is equal."""
    x, y = a.label, b.label
    values = _class(a), _class(b)
    yield "class", *values, f"{x} is {values[0]}, {y} is {values[1]}."
    values = _origin(a), _origin(b)
    yield "who decides", *values, f"behind {x} stands {values[0]}; behind {y} it is {values[1]}."
    values = _decapital(a.generated_by), _decapital(b.generated_by)
    yield "sender", *values, _listed("who sends it", x, y, values)
    values = _LEVELS[a.blocks.level], _LEVELS[b.blocks.level]
    yield "blocks", *values, f"{x} {values[0]}, {y} {values[1]}."
    values = _plain(a.retry.same_target), _plain(b.retry.same_target)
    yield "same target", *values, _listed("the same target again", x, y, values)
    values = _plain(a.retry.other_target), _plain(b.retry.other_target)
    yield "other target", *values, _listed("another server or route", x, y, values)
    values = "yes" if a.retry.retry_after else "no", "yes" if b.retry.retry_after else "no"
    having, lacking = (x, y) if a.retry.retry_after else (y, x)
    yield "Retry-After", *values, f"Retry-After has a meaning in {having}, but none in {lacking}."
    values = _headers(a), _headers(b)
    yield "headers", *values, _listed("headers it must carry", x, y, values)
    values = _plain(a.dialog_effect), _plain(b.dialog_effect)
    yield "dialog", *values, _listed("effect on an existing dialog", x, y, values)
    values = _other_network(a), _other_network(b)
    yield "other network", *values, _listed("on the other network", x, y, values)
    values = _decapital(a.methods), _decapital(b.methods)
    yield "requests", *values, _listed("requests it answers", x, y, values)
    values = _STATUS[a.status], _STATUS[b.status]
    yield "status", *values, _listed("standing", x, y, values)
    values = a.rfc, b.rfc
    yield "document", *values, f"{x} is defined by {values[0]}, {y} by {values[1]}."


def _listed(what: str, x: str, y: str, values: tuple[str, str]) -> str:
    """A dash between code and value: the values hold commas of their own."""
    first, second = (value.replace("; ", ", ") for value in values)
    return f"{what}: {x} – {first}; {y} – {second}."


def _class(entry: Entry) -> str:
    says: str = raw()["classes"][_class_key(entry)]["says"]
    return says


def _class_key(entry: Entry) -> str:
    if entry.kind == "cause":
        return "cause"
    return "local" if entry.class_ == "local" else entry.class_[:3]


def _origin(entry: Entry) -> str:
    origin: str = raw()["origins"][entry.origin]
    return origin


_LEVELS = {
    "explicit": "says openly that a machine blocked the call",
    "explicit_user": "says that the called person does not want the caller",
    "explicit_in_reason": "can name a block in its details",
    "policy_block": "refuses by a rule that it names",
    "can_hide": "can hide an analytics block",
    "not_expected": "is not known to hide a block",
}

_STATUS = {
    "current": "in force",
    "deprecated": "registered but deprecated",
    "reserved": "registered for future use",
    "profile": "a profile of a registered code, itself not in the registry",
    "dropped": "dropped with RFC 2543",
    "vendor": "one vendor's own, not registered",
    "foreign": "taken from HTTP, not a SIP code",
    "proposal": "proposed and never registered",
    "internal": "internal to one product, never sent",
}


def _plain(value: str) -> str:
    return "does not apply" if value == "n/a" else value


def _headers(entry: Entry) -> str:
    return ", ".join(one.header for one in entry.required_headers) or "none of its own"


def _other_network(entry: Entry) -> str:
    mapping = entry.to_q850 or entry.to_sip
    if mapping is None or mapping.cause is None:
        return "no release cause" if entry.kind != "cause" else "500 unless a product's table says otherwise"
    return _mapped(entry, mapping)


def _mapped(entry: Entry, mapping: ToCause) -> str:
    if entry.kind == "cause":
        return f"SIP {mapping.cause} {mapping.name}"
    return f"cause {mapping.cause} ({mapping.name})"


def _document(entry: Entry) -> str:
    return f"{entry.rfc} {entry.section}".strip()


def _use(entry: Entry) -> str:
    if entry.kind == "cause":
        return f"{entry.label} fits when {entry.gist}."
    if entry.status in ("foreign", "dropped", "proposal", "internal"):
        return f"do not send {entry.label}; where it turns up, {entry.gist}."
    if entry.status == "vendor":
        return f"expect {entry.label} when {entry.gist}."
    return f"{entry.label} is right when {entry.gist}."


def _caller(a: Entry, b: Entry) -> str:
    does, other = _act(a), _act(b)
    if does == other:
        return f"on {a.label} as on {b.label}: {does}."
    return f"on {a.label} {does}; on {b.label} {other}."


def _act(entry: Entry) -> str:
    """What the caller does, from the class and the retry rules alone."""
    first = entry.class_[:1]
    if entry.kind != "cause" and first in "123":
        return {"1": "keep waiting", "2": "go on, nothing is to be repeated", "3": "follow the Contact"}[first]
    if entry.retry.stops_search and not entry.retry.other_target.startswith("yes"):
        return "stop, on every route"
    same, _, condition = entry.retry.same_target.partition(", ")
    if same == "yes":
        return f"try again {condition}"
    if entry.retry.same_target.startswith(("after", "only")):
        return f"try again {entry.retry.same_target}"
    other, comma, condition = entry.retry.other_target.partition(", ")
    if other.startswith("yes"):
        return f"try another route{comma}{condition}"
    return "do not repeat the request unchanged"


def _effects(a: Entry, b: Entry) -> tuple[Effect, ...]:
    notes = [one.retry.note.removeprefix(f"{_capital(one.label)}: ") for one in (a, b)]
    made = [Effect("retry", a.retry.note, b.retry.note, notes[0] == notes[1])]
    for aspect, of in (("ringing", _ringing), ("forking", _forking), ("billing", _billing)):
        (template, said), (other, replied) = of(a), of(b)
        made.append(Effect(aspect, _capital(said), _capital(replied), template == other))
    return tuple(made)


def _ringing(entry: Entry) -> tuple[str, str]:
    template: str = raw()["rings"][entry.rings]
    return template, template.format(id=entry.label)


def _forking(entry: Entry) -> tuple[str, str]:
    return _of_class(entry, "forking")


def _billing(entry: Entry) -> tuple[str, str]:
    return _of_class(entry, "billing")


def _of_class(entry: Entry, aspect: str) -> tuple[str, str]:
    """The sentence of the code itself, that of answers outside call set-up, or that of its class."""
    catalogue = raw()
    places = (
        catalogue["effects"].get(entry.id),
        catalogue["outside"].get(entry.rings),
        catalogue["classes"][_class_key(entry)],
    )
    template: str = next(place[aspect] for place in places if place and aspect in place)
    return template, template.format(id=entry.label)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _decapital(text: str) -> str:
    """Lower first letter, unless the word is an abbreviation (`UAS`, `INVITE`) or a name."""
    word = text.split(maxsplit=1)[0].rstrip(",;")
    return text if word[1:] != word[1:].lower() or word in _NAMES else text[:1].lower() + text[1:]


_NAMES = {"Twilio,", "Twilio", "Telnyx", "Kamailio", "FreeSWITCH", "Sofia-SIP", "Provenant's", "STIR"}
