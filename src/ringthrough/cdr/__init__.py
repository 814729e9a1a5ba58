"""
CDR: call records of switches, providers and diallers, as rows of the call table.

Promise: one readable profile per dialect says how its records are written and what they mean; a file is recognised and
the reason given; every record is read, skipped or counted as bad with its line; what a dialect does not hold is missing
in the row and named in `blind_to`, never guessed. Rows stream in batches, in bounded memory, from any binary handle.
"""

from ringthrough.cdr.problems import NOTES, PROBLEMS, SKIPS, SPOILS, explain
from ringthrough.cdr.profile import FIELDS, Container, Feed, Hints, Join, Profile, parse_profile
from ringthrough.cdr.propose import Proposal, propose
from ringthrough.cdr.recognise import Recognition, recognise
from ringthrough.cdr.records import Records, open_records, open_rows
from ringthrough.cdr.sample import SAMPLE_BYTES
from ringthrough.cdr.shipped import load_profiles, profile_named, profile_table
from ringthrough.cdr.tally import Tally
from ringthrough.cdr.times import zone_named

__all__ = [
    "FIELDS",
    "NOTES",
    "PROBLEMS",
    "SAMPLE_BYTES",
    "SKIPS",
    "SPOILS",
    "Container",
    "Feed",
    "Hints",
    "Join",
    "Profile",
    "Proposal",
    "Recognition",
    "Records",
    "Tally",
    "explain",
    "load_profiles",
    "open_records",
    "open_rows",
    "parse_profile",
    "profile_named",
    "profile_table",
    "propose",
    "recognise",
    "zone_named",
]
