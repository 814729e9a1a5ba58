"""
Blocks of records to rows of the call table.

Facts
- Everything is done column by column; `builder` puts the rows together at the end.
- A fact that the record does not have is None. Durations follow from times only where both are in the record; a record
  whose times contradict each other keeps none of them.
- Who answered is said by the record: by its outcome, by an answer time (unless the profile says that its dialect sets
  one for calls that were not), or by a 2xx. The refusal of an earlier attempt is no ending of an answered call.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from ringthrough.calls import Call, Carriers
from ringthrough.errors import Problem, RemoteError

from .blocks import Block
from .builder import build
from .cells import UNREADABLE, Numbers
from .plan import Plan, Source, make_plan
from .profile import Profile
from .refusals import Said, said
from .tally import Report
from .times import BAD, NEEDS_ZONE, Stamps

__all__ = ["Composer"]

_TEXTS = ("call_id", "trunk", "campaign", "direction", "ended_by", "answered_by", "server", "user_agent", "attestation")
_REMEMBERED = 65_536
_Times = Sequence[int] | None
_Spans = list[int | None] | None


class Composer:
    """
    Makes rows of one file.

    Args:
        profile: how its records are written.
        report: counts and problems.
        what: what the frame of a record is, for problems: `line` or `record`.
        tz: zone of local times.
        region: ISO 3166 country in which numbers without country code are read; None leaves them as sent.
        carriers: the operator's carriers.
        trunks: carrier by the name of a trunk.
        numbers: carrier by called number, as `normalise` spells it.
    """

    def __init__(
        self, profile: Profile, report: Report, *, what: str = "line", tz: tzinfo | None = None,
        region: str | None = None, carriers: Carriers | None = None, trunks: Mapping[str, str] | None = None,
        numbers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._profile = profile
        self._report = report
        self._what = what
        self.stamps = Stamps(profile.formats, profile.zone, tz, profile.zones)
        self._numbers = Numbers(region)
        self._carriers, self._trunks, self._by_number = carriers, trunks, numbers
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._said: dict[tuple[str, ...], dict[tuple[Any, ...], Said]] = {}

    def rows(self, block: Block) -> list[Call]:
        """
        The rows of a block.

        Raises:
            RemoteError: its times are local and no zone was given.
        """
        plan = self._plan(block.names)
        block = self._kept(block, plan)
        at, block = self._starts(block, plan)
        if not block.size:
            return []
        made = _Facts(self, plan, block, at).rows()
        self._report.tally.calls += len(made)
        return made

    def counts(self, what: str) -> None:
        """Say what the frame of a record counts: lines, or records."""
        self._what = what

    def plan(self, names: tuple[str, ...]) -> Plan:
        """The plan for a file with these columns."""
        return self._plan(names)

    def _plan(self, names: tuple[str, ...]) -> Plan:
        plan = self._plans.get(names)
        if plan is None:
            if len(self._plans) > 256:
                self._plans.clear()
            plan = self._plans[names] = make_plan(self._profile, names)
        return plan

    def _kept(self, block: Block, plan: Plan) -> Block:
        for index, values in plan.keep:
            wanted = [cell in values for cell in block.column(index)]
            if not all(wanted):
                self._report.tally.skip("not-a-call", wanted.count(False))
                block = block.select(wanted)
        return block

    def _starts(self, block: Block, plan: Plan) -> tuple[Sequence[int], Block]:
        """When each call began, and the block without the records that do not say so."""
        if not block.size:
            return (), block
        at = self._begin(block, plan)
        if at is None:
            self._report.tally.spoil("no-time", block.size)
            wanted = ", ".join(self._profile.fields["at"].columns) if "at" in self._profile.fields else "end_at"
            seen = ", ".join(name for name in block.names[:40] if name)
            detail = f"expected a column for the field at ({wanted}), found the columns {seen}"
            self._report.problem("cdr-no-column", detail, block.frames[0], self._what)
            return (), Block((), 0, (), lambda _: ())
        lowest = min(at)
        if lowest > 0:
            return at, block
        if lowest == NEEDS_ZONE:
            place = at.index(NEEDS_ZONE)
            text = self._stamp_text(block, plan, place)
            detail = f"expected a time zone for {text!r}, which is local time: give it with --tz, as in --tz UTC"
            where = f"{self._report.name}: {self._what} {block.frames[place]}"
            raise RemoteError(Problem("cdr-zone-needed", detail, where))
        for place, value in enumerate(at):
            if value <= 0:
                text = self._stamp_text(block, plan, place)
                if value == BAD:
                    detail = f"expected a time ({' or '.join(self._profile.formats)}), found {text[:60]!r}"
                    self._report.spoil("bad-time", detail, block.frames[place], self._what)
                else:
                    detail = f"expected when the call began, found {text[:60]!r}"
                    self._report.spoil("no-time", detail, block.frames[place], self._what)
        sound = [value > 0 for value in at]
        return [value for value in at if value > 0], block.select(sound)

    def _begin(self, block: Block, plan: Plan) -> list[int] | None:
        read = self.stamps.__getitem__
        if "at" in plan.sources:
            at = list(map(read, plan.sources["at"].texts(block)))
            if 0 not in at or not {"end_at", "total_ms"} <= plan.sources.keys():
                return at
        else:
            at = [0] * block.size
        if not {"end_at", "total_ms"} <= plan.sources.keys():
            return None
        ends = list(map(read, plan.sources["end_at"].texts(block)))
        spans = plan.sources["total_ms"].values(block)
        # A length of 0 that means "not known" leaves the end as all there is, and it stands for the beginning.
        unknown = (UNREADABLE,) if _length_or_none(plan) else (UNREADABLE, None)
        return [
            start or (end - (span or 0) * 1000 if end > 0 and span not in unknown else min(end, 0))
            for start, end, span in zip(at, ends, spans, strict=True)
        ]

    def _stamp_text(self, block: Block, plan: Plan, place: int) -> str:
        source = plan.sources.get("at") or plan.sources["end_at"]
        return source.texts(block)[place]


class _Facts:
    """The columns of one block."""

    def __init__(self, composer: Composer, plan: Plan, block: Block, at: Sequence[int]) -> None:
        self._of = composer
        self._plan = plan
        self._block = block
        self._at = at
        self._notes = composer._report.tally
        self._varying: dict[str, Sequence[Any]] = {}
        self._fixed: dict[str, Any] = {}

    def rows(self) -> list[Call]:
        of, sources, block = self._of, self._plan.sources, self._block
        self._varying["at_us"] = self._at
        self._fixed |= {"file": of._report.name, "source": f"cdr {of._profile.name}"}
        self._varying["frame"] = block.frames
        self._parties()
        for name in _TEXTS:
            if name in sources:
                self._varying[name] = sources[name].texts(block)
        self._ending()
        self._times()
        self._signals()
        if "carrier" in sources or of._by_number or of._trunks or of._carriers is not None:
            self._carrier()
        return build(self._varying, self._fixed)

    # ------------------------------------------------------------------ who

    def _parties(self) -> None:
        for name in ("caller", "callee"):
            source = self._plan.sources.get(name)
            if source is not None:
                raw, number = self._of._numbers(source.texts(self._block))
                self._varying[f"{name}_raw"] = raw
                self._varying[name] = number

    def _carrier(self) -> None:
        """Carrier from the record, the number file, the trunk table, or the prefix table: the first that knows."""
        of, source = self._of, self._plan.sources.get("carrier")
        names: Sequence[str] = source.texts(self._block) if source is not None else [""] * self._block.size
        callees = self._varying.get("callee") or [""] * self._block.size
        if of._by_number:
            known = of._by_number
            names = [name or known.get(callee, "") for name, callee in zip(names, callees, strict=True)]
        if of._trunks and "trunk" in self._varying:
            trunks = of._trunks
            names = [name or trunks.get(trunk, "") for name, trunk in zip(names, self._varying["trunk"], strict=True)]
        if of._carriers is not None and of._carriers.carriers:
            find = of._carriers.by_number
            names = [name or find(callee) for name, callee in zip(names, callees, strict=True)]
        if any(names):
            self._varying["carrier"] = names

    # ------------------------------------------------------------------ how it ended

    def _ending(self) -> None:
        """Fill `outcome`, `final_code` and `final_phrase`, and find out which calls were answered."""
        sources, block = self._plan.sources, self._block
        answers = self._instants("answer_at")
        texts: Sequence[str] | None = None
        outcomes: list[str] | None = None
        if "outcome" in sources:
            texts = self._varying["outcome_text"] = sources["outcome"].texts(block)
            outcomes = sources["outcome"].read_texts(texts)
        codes: list[int | None] | None = None
        if "final_code" in sources:
            found = self._counted(sources["final_code"])
            codes = found if any(found) else None  # a dialect that seldom knows one costs nothing where it does not
        if answers is not None and self._of._profile.answer_decides:
            if outcomes is None:
                outcomes = ["answered" if answer else "" for answer in answers]
            else:
                outcomes = ["answered" if a else o for a, o in zip(answers, outcomes, strict=True)]
        elif answers is None:
            outcomes = self._by_talk(outcomes, texts, codes)
        answered: Sequence[object] = [False] * block.size
        if outcomes is not None:
            answered = [outcome == "answered" for outcome in outcomes]
            if any(outcomes):
                self._varying["outcome"] = outcomes
        if codes is not None:
            answered, codes = _with_codes(answered, codes)
            self._varying["final_code"] = codes
            if "final_phrase" in sources:
                phrases = sources["final_phrase"].texts(block)
                if None in codes:
                    phrases = [phrase if code else "" for phrase, code in zip(phrases, codes, strict=True)]
                self._varying["final_phrase"] = phrases
        self._answers, self._codes, self._answered = answers, codes, answered

    def _by_talk(
        self, outcomes: list[str] | None, texts: Sequence[str] | None, codes: list[int | None] | None
    ) -> list[str] | None:
        """Outcomes, with "answered" for records that say nothing of the end but how long the talk was."""
        source = self._plan.sources.get("talk_ms")
        fields = self._of._profile.fields
        if source is None or (outcomes is not None and all(outcomes)) or not {"outcome", "final_code"} & fields.keys():
            return outcomes
        silent: Sequence[Any] = [None] * self._block.size
        return [
            "answered" if span and not (outcome or text or code) else outcome or ""
            for span, outcome, text, code in zip(
                self._counted(source), outcomes or silent, texts or silent, codes or silent, strict=True
            )
        ]

    def _signals(self) -> None:
        sources, codes = self._plan.sources, self._codes
        causes: list[int | None] | None = None
        if "q850_cause" in sources:
            causes = self._counted(sources["q850_cause"])
            if codes is not None and sources["q850_cause"].feed.unless == "final_code":
                causes = [None if code else cause for code, cause in zip(codes, causes, strict=True)]
        reasons = sources["reason"].texts(self._block) if "reason" in sources else None
        if reasons is not None and not any(reasons):
            reasons = None
        told: dict[str, Sequence[Any]] = {"answered": self._answered}
        if codes is not None:
            told["code"] = codes
            if "final_phrase" in self._varying:
                told["phrase"] = self._varying["final_phrase"]
        if reasons is not None:
            told["reason"] = reasons
        for field, name in (("location", "location"), ("provider_code", "provider")):
            if field in sources:
                told[name] = sources[field].values(self._block)
        if len(told) == 1:
            if causes is not None:
                self._varying["q850_cause"] = causes
        else:
            if causes is not None:
                told["q850"] = causes
            known = self._of._said.setdefault(tuple(told), {})
            self._varying["signals"] = [
                known.get(key) or self._say(known, tuple(told), key) for key in zip(*told.values(), strict=True)
            ]
        self._blind(reasons)

    def _say(self, known: dict[tuple[Any, ...], Said], names: tuple[str, ...], key: tuple[Any, ...]) -> Said:
        if len(known) >= _REMEMBERED:
            known.clear()
        made = known[key] = said(
            **dict(zip(names, key, strict=True)),
            phrases="final_phrase" in self._plan.sources,
            reasons="reason" not in self._plan.blind_to.split(),
        )
        return made

    def _blind(self, reasons: Sequence[str] | None) -> None:
        """What a kind of source never holds, less what this record holds all the same."""
        slugs = self._plan.blind_to.split()
        if "times" not in slugs and not self._of.stamps.fractions and not self._fine:
            slugs.append("times")
        size = self._block.size
        codes: Sequence[Any] | None = self._codes if "code" in slugs else None
        reasons = reasons if "reason" in slugs else None
        if codes is None and reasons is None:
            self._fixed["blind_to"] = " ".join(slugs)
            return
        texts = {
            (code, reason): " ".join(s for s in slugs if not ((s == "code" and code) or (s == "reason" and reason)))
            for code in (False, True)
            for reason in (False, True)
        }
        pairs = zip(map(bool, codes or [None] * size), map(bool, reasons or [""] * size), strict=True)
        self._varying["blind_to"] = [texts[pair] for pair in pairs]

    # ------------------------------------------------------------------ when

    def _times(self) -> None:
        at, answers, answered = self._at, self._answers, self._answered
        talk = self._spans("talk_ms")
        ends = self._instants("end_at")
        if ends is not None and _length_or_none(self._plan) and (total := self._spans("total_ms")) is not None:
            # The end stands for the beginning where the length is not known: that is no span.
            ends = [end if span is not None else 0 for end, span in zip(ends, total, strict=True)]
        if ends is None and (total := self._spans("total_ms")) is not None:
            ends = [start + span * 1000 if span is not None else 0 for start, span in zip(at, total, strict=True)]
        if answers is None and ends is not None and talk is not None:
            answers = [
                end - span * 1000 if a and end and span is not None else 0
                for a, end, span in zip(answered, ends, talk, strict=True)
            ]
        setup = self._spans("setup_ms")
        # A dialect that stamps only the end of the set-up gives the same column for both: that is no duration.
        if setup is None and not self._same_start and (answers is not None or ends is not None):
            empty = [0] * len(at)
            # The end of the attempt: the answer, or for a call without one the end of the record.
            over = [
                answer if a else end for a, answer, end in zip(answered, answers or empty, ends or empty, strict=True)
            ]
            if 0 in over:
                setup = [(end - start) // 1000 if end else None for start, end in zip(at, over, strict=True)]
            else:
                setup = [(end - start) // 1000 for start, end in zip(at, over, strict=True)]
        if talk is not None:
            talk = [span if a else None for a, span in zip(answered, talk, strict=True)]
        if answers is not None and ends is not None and (talk is None or None in talk):
            talk = [
                span if span is not None else (end - answer) // 1000 if a and answer and end else None
                for span, a, answer, end in zip(talk or [None] * len(at), answered, answers, ends, strict=True)
            ]
        self._ringing(setup)
        if setup is not None and "cancelled" in self._varying.get("outcome", ()):
            outcomes = self._varying["outcome"]
            self._varying["cancel_ms"] = [
                span if outcome == "cancelled" else None for outcome, span in zip(outcomes, setup, strict=True)
            ]
        for name, column in (("setup_ms", setup), ("talk_ms", talk)):
            if column is not None:
                self._varying[name] = column
        self._agreeing()

    def _ringing(self, setup: _Spans) -> None:
        at = self._at
        rings = self._after("ring_at", "ring_after_ms")
        media = self._after("media_at", "media_after_ms")
        pdd, ring = self._spans("pdd_ms"), self._spans("ring_ms")
        if pdd is None and (rings is not None or media is not None):
            nothing: list[int | None] = [None] * len(at)
            pdd = [
                r if m is None else m if r is None else min(r, m)
                for r, m in zip(rings or nothing, media or nothing, strict=True)
            ]
        if ring is None and rings is not None and setup is not None:
            ring = [None if r is None or whole is None else whole - r for r, whole in zip(rings, setup, strict=True)]
        for name, column in (("pdd_ms", pdd), ("ring_ms", ring)):
            if column is not None:
                self._varying[name] = column
        if media is not None:
            self._varying["early_media"] = [m is not None for m in media]

    def _after(self, instant: str, span: str) -> _Spans:
        """Milliseconds from the beginning to something, from either of two fields."""
        found = self._spans(span)
        if found is None and (times := self._instants(instant)) is not None:
            found = [(time - start) // 1000 if time else None for start, time in zip(self._at, times, strict=True)]
        return found

    def _agreeing(self) -> None:
        """Take out durations below zero: the times of such a record contradict each other."""
        for name in ("pdd_ms", "ring_ms", "setup_ms", "talk_ms", "cancel_ms"):
            column = self._varying.get(name, ())
            below = [value for value in column if value is not None and value < 0]
            if below:
                self._notes.note("time-order", len(below))
                self._varying[name] = [None if value is not None and value < 0 else value for value in column]

    def _instants(self, name: str) -> _Times:
        source = self._plan.sources.get(name)
        if source is None:
            return None
        times = list(map(self._of.stamps.__getitem__, source.texts(self._block)))
        if min(times) < 0:
            self._notes.note("bad-answer-time", sum(time < 0 for time in times))
            times = [max(time, 0) for time in times]
        return times

    def _spans(self, name: str) -> _Spans:
        source = self._plan.sources.get(name)
        return None if source is None else self._counted(source)

    def _counted(self, source: Source) -> list[Any]:
        """Values of a field; those that could not be read are counted and become None."""
        values = source.values(self._block)
        if UNREADABLE in values:
            self._notes.note("bad-number", values.count(UNREADABLE))
            values = [None if value == UNREADABLE else value for value in values]
        return values

    @property
    def _same_start(self) -> bool:
        """Whether one column is both the beginning and the answer."""
        sources = self._plan.sources
        both = "at" in sources and "answer_at" in sources
        return both and bool(set(sources["at"].indexes) & set(sources["answer_at"].indexes))

    @property
    def _fine(self) -> bool:
        """Whether the record itself says to the millisecond how long the set-up took."""
        source = self._plan.sources.get("setup_ms")
        return source is not None and source.feed.kind != "seconds"


def _length_or_none(plan: Plan) -> bool:
    """Whether the beginning follows from the end and a length whose 0 means that it is not known."""
    return "at" not in plan.sources and "total_ms" in plan.sources and not plan.sources["total_ms"].feed.zero


def _with_codes(
    answered: Sequence[object], codes: list[int | None]
) -> tuple[Sequence[object], list[int | None]]:  # fmt: skip
    """Which calls were answered, a 2xx counted; and the codes without the refusals of answered calls."""
    good = {code: code is not None and 200 <= code < 300 for code in set(codes)}
    pairs = set(zip(answered, codes, strict=True))
    if any(a and code is not None and code >= 300 for a, code in pairs):
        codes = [None if a and c is not None and c >= 300 else c for a, c in zip(answered, codes, strict=True)]
    if any(good.values()):
        good[None] = False
        answered = [a or good[code] for a, code in zip(answered, codes, strict=True)]
    return answered, codes
