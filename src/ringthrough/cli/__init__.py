"""
The command line: thin commands that open files and print documents.

A command's module is imported when the command is called, not before, so that each costs only what it uses.
"""

from ringthrough.cli.group import cli, main
from ringthrough.cli.problems import PROBLEMS

__all__ = ["PROBLEMS", "cli", "main"]
