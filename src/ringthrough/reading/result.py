"""What a reading consists of: fields, defects and answers."""

from __future__ import annotations

from dataclasses import dataclass

from ringthrough.errors import Problem
from ringthrough.signals import Refusal

__all__ = ["KINDS", "QUESTIONS", "Answer", "Field", "Reading"]

KINDS: dict[str, str] = {
    "status_line": "a status line alone",
    "response": "a SIP response",
    "request": "a SIP request",
    "headers": "header fields without their message",
    "ladder": "several messages, or a ladder",
    "cause": "a cause of a call record",
}
"Slug of what was pasted -> how it is called."

QUESTIONS: dict[str, str] = {
    "origin": "A person, a policy or an algorithm?",
    "who": "Who was it, and how to appeal?",
    "retry": "May my dialler retry?",
    "rewritten": "Is this what was sent, or was it rewritten on the way?",
    "owed": "What must I send if I am the network?",
}
"What a visitor wants to know, in the order in which it is wanted."


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that stands in the paste."""

    name: str
    "Header, or header and part: `Reason text url`."
    value: str
    "As sent; secrets are blotted out."
    meaning: str
    "What it says, in one sentence; empty where nothing is known about it."
    section: str
    "The rule it rests on, `RFC 3326 §2`; empty where none is known."


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question."""

    key: str
    "Key of QUESTIONS."
    short: str
    "The answer in a few words."
    text: str
    "Why, and what follows from it."
    sources: tuple[str, ...] = ()
    "What the answer rests on."

    @property
    def question(self) -> str:
        """The question in words."""
        return QUESTIONS[self.key]


@dataclass(frozen=True, slots=True)
class Reading:
    """A pasted text, read. Holds no secret: digests, keys and signatures were blotted out."""

    kind: str
    "Slug of KINDS."
    what: str
    "What it is, in one sentence."
    entry: str
    "Id in the catalogue that it comes down to (`608`, `603+`, `Q.850:21`); empty when there is none."
    fields: tuple[Field, ...]
    "Everything in the message that was read, in its order."
    defects: tuple[Problem, ...]
    "What is wrong with it, the weightiest first."
    answers: tuple[Answer, ...]
    "One for each of QUESTIONS, in that order."
    refusal: Refusal | None
    "What the message says about who refused; None when it refuses nothing."
    assumed: str
    "What had to be assumed because it was not pasted (the status line of a lone Reason ...); empty for nothing."
    steps: tuple[str, ...]
    "Every message of a ladder in short, in order; empty for a single one."
    shown: str
    "The pasted message, tidied, secrets blotted out, numbers not yet masked."

    def answer(self, key: str) -> Answer:
        """
        The answer to one question.

        Args:
            key: key of QUESTIONS.
        """
        return self.answers[list(QUESTIONS).index(key)]
