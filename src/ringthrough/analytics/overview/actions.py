"""
What to do first: concrete things, each with its evidence and the calls at stake, ranked by these calls.

Facts
- What was lost comes before what may be lost: numbers at risk that are not blocked yet come last, whatever they carry.
- The same calls may stand behind several actions (a number is rested, and its blocker is asked), so stakes are not
  added up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ringthrough.analytics.overview.losses import AnswerRates
from ringthrough.analytics.overview.reading import ListLine, OwnLine, Pair
from ringthrough.analytics.overview.shapes import Action, Block, Contact, Example, Quality, RiskRow

__all__ = ["actions_of"]

_LEAST_LOST = 3.0
"Fewer lost calls are no reason to do anything."
_REST_SHARE, _REST_CALLS, _REST_CARRIERS = 0.5, 20, 2
"A number is worth resting when so many of its calls are lost, of so many, at so many carriers."
_BAD_SHARE, _BAD_CALLS = 0.05, 20
"A list is worth cleaning when so many of its numbers do not exist: risk factor 10."
_RISKY_SCORE = 50.0
_BLIND_SHARE = 0.25
_QUOTED = 3
_NAMED = 3
_KINDS = ("appeal", "ask", "provider", "rest", "list", "risk", "source")


def actions_of(
    blocks: Sequence[Block],
    pairs: Mapping[tuple[str, str], Pair],
    rates: AnswerRates,
    own: Sequence[OwnLine],
    own_hop: Mapping[str, int],
    lists: Sequence[ListLine],
    risk: Sequence[RiskRow],
    quality: Quality,
) -> tuple[Action, ...]:
    """
    Return what to do, first things first.

    Args:
        blocks: blocks of this period.
        pairs: counts of this period by number and carrier.
        rates: how often calls are answered that are not blocked.
        own: what the own provider refused.
        own_hop: calls by number that were refused at every carrier alike, so by the own provider.
        lists: calls to numbers that do not exist.
        risk: health of numbers.
        quality: what the sources cannot know.
    """
    lost = [*_ask(blocks), *_rest(blocks, pairs), *_provider(own, own_hop, rates), *_lists(lists)]
    lost.sort(key=lambda action: (-action.stake, _KINDS.index(action.kind), action.title))
    return (*lost, *_risky(risk, {block.number for block in blocks}), *_sources(quality))


def _ask(blocks: Sequence[Block]) -> Iterable[Action]:
    """One for each party that blocks and can be asked: the contact of its refusals, else the carrier."""
    parties: dict[tuple[str, str], list[Block]] = defaultdict(list)
    named = _contacts(blocks)
    known = {_name(block.contact) for block in blocks if block.contact}
    for block in blocks:
        if block.state not in ("lifted", "passing"):
            contact = block.contact or named.get(block.carrier)
            parties[(_party(_name(contact), known), "") if contact else ("", block.carrier)].append(block)
    for (name, carrier), found in parties.items():
        lost = sum(block.lost for block in found)
        if lost >= _LEAST_LOST:
            contact = next((block.contact for block in found if block.contact), None) or named.get(found[0].carrier)
            yield _appeal(name, contact if name else None, carrier, found, lost)


def _contacts(blocks: Sequence[Block]) -> dict[str, Contact]:
    """Whom the explicit blocks of a carrier name: most likely who blocks the others there as well."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    contacts: dict[str, Contact] = {}
    for block in blocks:
        if block.contact:
            found[block.carrier][_name(block.contact)] += block.explicit
            contacts.setdefault(_name(block.contact), block.contact)
    return {carrier: contacts[max(sorted(names), key=lambda name: names[name])] for carrier, names in found.items()}


def _party(name: str, known: set[str]) -> str:
    """The shortest known name that this one ends with: redress.larch.example and larch.example are one party."""
    return min((other for other in known if name == other or name.endswith(f".{other}")), key=len)


def _name(contact: Contact) -> str:
    return contact.blocker or contact.url or contact.email or contact.tel or contact.card


def _appeal(name: str, contact: Contact | None, carrier: str, found: Sequence[Block], lost: float) -> Action:
    numbers, carriers = _unique(b.number for b in found), _unique(b.carrier for b in found)
    what = f"number {numbers[0]}" if len(numbers) == 1 else f"{len(numbers):,} numbers"
    since = sorted(block.since for block in found if block.since)
    why = [_blocked_words(found)]
    if since:
        why.append(f"The newest of these blocks began on {_day(since[-1])}, the oldest known one on {_day(since[0])}.")
    else:
        why.append("They stand since the first day that was seen.")
    if contact is None:
        why.append("The refusals name nobody to ask, so the carrier is the one who can say which analytics it uses.")
        title = f"Ask {carrier or 'the carriers'} to lift the block of {what}"
    else:
        unnamed = sum(1 for block in found if not block.contact)
        if unnamed:
            name_it = "names" if unnamed == 1 else "name"
            why.append(
                f"{unnamed:,} of these {len(found):,} blocks {name_it} nobody;"
                " others at the same carrier name this contact."
            )
        title = f"Appeal to {name}: unblock {what}"
    quoted = [example for block in found for example in block.examples if example.reference or contact is None] or [
        example for block in found for example in block.examples
    ]
    answers = sum(block.answers for block in found)
    kind = "appeal" if contact else "ask"
    return Action(kind, title, tuple(why), lost, answers, numbers, carriers, contact, _spread(quoted))


def _blocked_words(found: Sequence[Block]) -> str:
    explicit, hidden = sum(b.explicit for b in found), sum(b.hidden for b in found)
    carriers = _unique(b.carrier for b in found)
    where = f"at {carriers[0] or 'carriers without a name'}" if len(carriers) == 1 else f"at {len(carriers)} carriers"
    if not explicit:
        return f"About {hidden:,.0f} calls {where} were most likely blocked; no refusal says so."
    said = f"{explicit:,} calls {where} were refused as blocked"
    return f"{said}, and about {hidden:,.0f} more most likely were." if hidden >= 0.5 else f"{said}."


def _rest(blocks: Sequence[Block], pairs: Mapping[tuple[str, str], Pair]) -> Iterable[Action]:
    """Numbers that are blocked nearly everywhere: calling on with them makes it worse."""
    lost: dict[str, float] = defaultdict(float)
    answers: dict[str, float] = defaultdict(float)
    where: dict[str, set[str]] = defaultdict(set)
    for block in blocks:
        if block.state not in ("lifted", "passing"):
            lost[block.number] += block.lost
            answers[block.number] += block.answers
            where[block.number].add(block.carrier)
    calls: dict[str, int] = defaultdict(int)
    for (number, _), pair in pairs.items():
        calls[number] += pair.calls
    chosen = [
        number for number, missed in lost.items()
        if calls[number] >= _REST_CALLS and missed >= _REST_SHARE * calls[number]
        and len(where[number]) >= _REST_CARRIERS
    ]  # fmt: skip
    if not chosen:
        return
    chosen.sort(key=lambda number: (-lost[number], number))
    worst = chosen[0]
    what = f"number {worst}" if len(chosen) == 1 else f"{len(chosen):,} numbers that are blocked nearly everywhere"
    stake = sum(lost[number] for number in chosen)
    whole = sum(calls[number] for number in chosen)
    why = (
        f"{stake:,.0f} of {whole:,} calls from {'it' if len(chosen) == 1 else 'them'} were lost "
        f"({stake / whole:.0%}); the worst, {worst}, lost {lost[worst]:,.0f} of {calls[worst]:,} at "
        f"{len(where[worst])} carriers.",
        "Each further call that is refused confirms the analytics in their judgement: pause until the appeal is heard.",
    )
    carriers = _unique(sorted({carrier for number in chosen for carrier in where[number]}))
    stopped = sum(answers[number] for number in chosen)
    yield Action("rest", f"Rest {what}", why, stake, stopped, tuple(chosen), carriers, None, ())


_OWN_WORDS = {
    "identity_failed": (
        "Have the signatures of your calls mended",
        "the signed caller identity was missing or invalid",
    ),
    "unauthorized": ("Mend the credentials of your trunk", "credentials were not given or not accepted"),
}


def _provider(own: Sequence[OwnLine], own_hop: Mapping[str, int], rates: AnswerRates) -> Iterable[Action]:
    """What is to be fixed before a carrier ever sees the call."""
    for verdict, (title, words) in _OWN_WORDS.items():
        lines = [line for line in own if line.verdict == verdict]
        calls = sum(line.calls for line in lines)
        if calls >= _LEAST_LOST:
            why = (f"{calls:,} calls: {words}.", *_answers(lines))
            yield Action("provider", title, why, float(calls), calls * rates.of("", ""), (), (), None, ())
    lines = [line for line in own if line.verdict == "provider_blocked"]
    said = sum(line.calls for line in lines)
    hopped = {number: calls for number, calls in own_hop.items() if calls}
    # Both name the same calls where the provider gives a reason: the larger one is what is known.
    calls = max(said, sum(hopped.values()))
    if calls < _LEAST_LOST:
        return
    numbers = tuple(sorted(hopped, key=lambda number: (-hopped[number], number)))
    what = f"number {numbers[0]}" if len(numbers) == 1 else f"{len(numbers):,} numbers" if numbers else "your numbers"
    told = [
        f"{calls:,} calls were refused by your own provider or trunk, before any carrier of the called side saw them."
    ]
    if calls > said:
        told.append(f"{calls - said:,} of them give no reason: 403 in a row, whichever carrier was called.")
    yield Action(
        "provider", f"Have your own provider accept {what}", (*told, *_answers(lines)), float(calls),
        calls * rates.of("", ""), numbers, (), None, (),
    )  # fmt: skip


def _answers(lines: Sequence[OwnLine]) -> tuple[str, ...]:
    """The commonest answer, and the trunks that give it."""
    if not lines:
        return ()
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        totals[" ".join(str(part) for part in (line.code or "", line.phrase) if part)] += line.calls
    answer = max(sorted(totals), key=totals.__getitem__)
    trunks = sorted({line.trunk for line in lines if line.trunk})
    through = f" (trunk{'s' if len(trunks) > 1 else ''} {', '.join(trunks[:_NAMED])})" if trunks else ""
    return (f"The commonest answer is “{answer}”, {totals[answer]:,} times{through}.",) if answer else ()


def _lists(lists: Sequence[ListLine]) -> Iterable[Action]:
    """Lists with many numbers that do not exist: by campaign, or by calling number where no record names one."""
    by_campaign = any(line.campaign for line in lists)
    calls: dict[str, int] = defaultdict(int)
    bad: dict[str, int] = defaultdict(int)
    for line in lists:
        key = line.campaign if by_campaign else line.number
        calls[key] += line.calls
        bad[key] += line.bad
    stale = [key for key in calls if bad[key] >= _BAD_CALLS and bad[key] >= _BAD_SHARE * calls[key]]
    if not stale:
        return
    stale.sort(key=lambda key: (-bad[key], key))
    whole, missed = sum(calls[key] for key in stale), sum(bad[key] for key in stale)
    if by_campaign:
        named = ", ".join(key or "(none)" for key in stale[:_NAMED])
        what = f"the list{'s' if len(stale) > 1 else ''} of {named}"
        what += f" and {len(stale) - _NAMED} more" if len(stale) > _NAMED else ""
    else:
        what = "the lists that " + (stale[0] if len(stale) == 1 else f"{len(stale):,} of your numbers") + " call from"
    worst = max(stale, key=lambda key: (bad[key] / calls[key], key))
    why = (
        f"{missed:,} of {whole:,} calls ({missed / whole:.0%}) went to numbers that do not exist; from "
        f"{_BAD_SHARE:.0%} on analytics take a caller for one who dials at random.",
        f"The worst is {worst or '(none)'}: {bad[worst]:,} of {calls[worst]:,}.",
    )
    numbers = () if by_campaign else tuple(stale)
    yield Action("list", f"Clean {what}", why, float(missed), 0.0, numbers, (), None, ())


def _risky(risk: Sequence[RiskRow], blocked: set[str]) -> Iterable[Action]:
    """Numbers that are not blocked yet, by the reason that most of them share."""
    reasons: dict[str, list[RiskRow]] = defaultdict(list)
    for row in risk:
        if row.score < _RISKY_SCORE and row.number not in blocked and row.lost:
            reasons[row.lost[0].factor].append(row)
    for rows in sorted(reasons.values(), key=lambda rows: (-sum(row.calls for row in rows), rows[0].number)):
        part = rows[0].lost[0]
        what = rows[0].number if len(rows) == 1 else f"{len(rows):,} numbers"
        why = [f"Not blocked yet; health {rows[0].score:.0f} of 100. {part.because}".strip()]
        if part.advice:
            why.append(part.advice)
        yield Action(
            "risk", f"Protect {what}: {part.title.lower()}", tuple(why), float(sum(row.calls for row in rows)), 0.0,
            tuple(row.number for row in rows), (), None, (),
        )  # fmt: skip


def _sources(quality: Quality) -> Iterable[Action]:
    """Better sources, where much cannot be known."""
    calls = sum(line.calls for line in quality.sources)
    blind = max(quality.unscreened, quality.mute)
    if not calls or blind < _BLIND_SHARE * calls:
        return
    worst = max(
        (line for line in quality.sources if line.blind_to), key=lambda line: (line.calls, line.source), default=None
    )
    why = [f"Of {blind:,} of {calls:,} calls ({blind / calls:.0%}) nobody can say whether a network blocked them."]
    if worst:
        why.append(
            f"Most come from {worst.source or 'a source without a name'}, which does not hold: "
            f"{', '.join(worst.blind_to)}."
        )
    yield Action("source", "Record more of each call", tuple(why), float(blind), 0.0, (), (), None, ())


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _spread(examples: Sequence[Example]) -> tuple[Example, ...]:
    """The newest calls, of as many numbers as possible."""
    newest = sorted(examples, key=lambda example: example.at, reverse=True)
    first: dict[str, Example] = {}
    for example in newest:
        first.setdefault(example.caller, example)
    rest = [example for example in newest if first[example.caller] is not example]
    return tuple([*first.values(), *rest][:_QUOTED])


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    return f"{day.day} {day:%B %Y}"
