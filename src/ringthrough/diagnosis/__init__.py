"""
Diagnosis: files in, a verdict per call out, by one process or by several with the same rows.

The one room that chains captures, calls and verdict; it prints nothing and computes nothing of its own.
"""

from ringthrough.diagnosis.problems import PROBLEMS
from ringthrough.diagnosis.run import Run, diagnose, sightings
from ringthrough.diagnosis.settings import FileReport, Proving, Settings, Source
from ringthrough.diagnosis.sink import RowSink, Sink

__all__ = ["PROBLEMS", "FileReport", "Proving", "RowSink", "Run", "Settings", "Sink", "Source", "diagnose", "sightings"]
