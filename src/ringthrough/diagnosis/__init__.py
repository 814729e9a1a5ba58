"""
Diagnosis: files in, a verdict per call out, by one process or by several with the same rows.

The one room that chains captures, calls and verdict; it prints nothing and computes nothing of its own.
"""

from ringthrough.diagnosis.problems import PROBLEMS
from ringthrough.diagnosis.run import Run, diagnose, sightings
from ringthrough.diagnosis.settings import FileReport, Proving, Settings, Source
from ringthrough.diagnosis.sink import RowSink, Sink
from ringthrough.diagnosis.table import Calls, read_calls

__all__ = [
    "PROBLEMS",
    "Calls",
    "FileReport",
    "Proving",
    "RowSink",
    "Run",
    "Settings",
    "Sink",
    "Source",
    "diagnose",
    "read_calls",
    "sightings",
]
