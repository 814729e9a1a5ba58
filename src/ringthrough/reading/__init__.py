"""
What `explain` and the web show of a pasted text: fields, sections, defects, and plain answers.

`read_paste` takes a status line, a whole message, header fields, a ladder or the cause of a call record, dressed up as
logs, mails and terminals dress them, and gives a `Reading`; it raises nothing but `LocalError`, when it recognises
nothing. Secrets (digests, keys, signatures) are blotted out before anything is kept. `ticket` makes a masked text to
send on. Nothing is verified and nothing is fetched.
"""

from .problems import PROBLEMS
from .read import read_paste
from .result import KINDS, QUESTIONS, Answer, Field, Reading
from .ticket import masked, ticket

__all__ = ["KINDS", "PROBLEMS", "QUESTIONS", "Answer", "Field", "Reading", "masked", "read_paste", "ticket"]
