"""
Write the pages of docs/reference that are made from the code: columns, problems, counts, profiles, command help.

    python docs/generate.py            write them
    python docs/generate.py --check    fail when one is not up to date (a test does the same)
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import click

DOCS = Path(__file__).resolve().parent
ROOMS = (
    "numbers", "wire", "reference", "jose", "signals", "stir", "calls", "captures", "cdr", "reading", "verdict",
    "store", "analytics", "diagnosis", "simulate", "drivers", "cli",
)  # fmt: skip
HELP = {"help_option_names": ["-h", "--help"]}  # as the group sets it; click remembers the first it was asked for
HEAD = "<!-- made by docs/generate.py; do not edit -->\n\n"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def columns() -> str:
    from ringthrough.calls import BLIND_SPOTS, COLUMNS, OUTCOMES, VERDICTS
    from ringthrough.report.rows import OUTPUT

    by_name = {column.name: column for column in COLUMNS}
    rows = []
    for name in OUTPUT:
        column = by_name["at_us" if name == "at" else name]
        sql = "TIMESTAMP" if name == "at" else column.sql
        unit = "ISO 8601 UTC" if name == "at" else column.unit
        rows.append((f"`{name}`", sql, unit, column.meaning))
    said = (
        "# Columns of the call table\n\nThe columns that `ringthrough diagnose --csv`, `--json` and `--parquet` write, "
        "in their order. A fact that was not seen is empty (null), never a guess; 0 means 0. "
        "`ringthrough.calls.schema` defines them.\n\n"
    )
    slugs = ", ".join(f"`{slug}`" for slug in VERDICTS)
    text = HEAD + said + table(("column", "type", "unit", "meaning"), rows) + f"\nVerdicts: {slugs}.\n"
    for heading, words in (("outcome", OUTCOMES), ("blind_to", BLIND_SPOTS)):
        text += f"\n## Slugs of `{heading}`\n\n"
        text += table(("slug", "meaning"), [(f"`{slug}`", says) for slug, says in words.items()])
    return text


def problems() -> str:
    text = "# Problems\n\nEvery `Problem.code`, by room. The detail of a problem says what was expected and found.\n"
    for room in ROOMS:
        found = importlib.import_module(f"ringthrough.{room}" if room != "cli" else "ringthrough.cli.problems").PROBLEMS
        rows = [(f"`{code}`", says) for code, says in sorted(found.items())]
        text += f"\n## {room}\n\n" + table(("code", "meaning"), rows)
    return HEAD + text


def causes() -> str:
    from ringthrough import cdr
    from ringthrough.captures import CAUSES
    from ringthrough.captures.causes import CAUSES as LEFT_OUT
    from ringthrough.captures.causes import NOTES, SPOILS

    text = (
        "# What a file's records were\n\nEach record read gave a call or a message, or was skipped, or was bad, and is "
        "counted once. Records of a capture are packets, those of a text trace lines.\n"
    )
    parts = {
        "Skipped": LEFT_OUT,
        "Bad": SPOILS,
        "Notes on packets and traces": NOTES,
        "Causes and notes of the file": CAUSES,
        "Call records: skipped": cdr.SKIPS,
        "Call records: bad": cdr.SPOILS,
        "Call records: notes": cdr.NOTES,
    }
    for title, found in parts.items():
        text += f"\n## {title}\n\n" + table(("name", "meaning"), [(f"`{k}`", v) for k, v in sorted(found.items())])
    return HEAD + text


def profiles() -> str:
    from ringthrough.cdr import FIELDS, profile_table

    said = (
        "# Profiles of call records\n\nHow `ringthrough diagnose` reads call records, one row for each dialect. "
        "*seen*: made from a sample that the dialect's program wrote; *documented*: from a description. *Times* says "
        "of which zone they are where a record does not. *Cannot know* are slugs of "
        "[`blind_to`](columns.md#slugs-of-blind_to). A profile is a TOML file; `ringthrough sniff FILE --toml` "
        "proposes one, and `--profile` takes a name or a file.\n\n"
    )
    fields = table(("field", "meaning"), [(f"`{name}`", says) for name, says in FIELDS.items()])
    filled = "\n## Fields\n\nWhat a profile, or `--map FIELD=COLUMN`, can fill.\n\n"
    return HEAD + said + profile_table() + filled + fields


def _commands(group: click.Group, context: click.Context, names: str) -> str:
    """Help of every command of a group, and of the commands of those that are groups themselves."""
    text = ""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(
            command, info_name=name, parent=context, terminal_width=100, max_content_width=100, **HELP
        )
        text += f"\n## {names} {name}\n\n```text\n{command.get_help(inner)}\n```\n"
        if isinstance(command, click.Group):
            text += _commands(command, inner, f"{names} {name}")
    return text


def command_line() -> str:
    from ringthrough.cli import cli

    text = "# Command line\n\n"
    context = click.Context(cli, info_name="ringthrough", terminal_width=100, max_content_width=100, **HELP)
    text += f"```text\n{cli.get_help(context)}\n```\n"
    text += _commands(cli, context, "ringthrough")
    return HEAD + re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE)


PAGES = {
    "reference/columns.md": columns,
    "reference/problems.md": problems,
    "reference/capture-counts.md": causes,
    "reference/profiles.md": profiles,
    "reference/command-line.md": command_line,
}


def stale() -> list[str]:
    """Names of the pages that differ from what the code says."""
    old = []
    for name, make in PAGES.items():
        path = DOCS / name
        if not path.is_file() or path.read_text(encoding="utf-8") != make():
            old.append(name)
    return old


def main() -> int:
    if "--check" in sys.argv:
        for name in stale():
            print(f"docs/{name} is not up to date: run make docs")
        return 1 if stale() else 0
    for name, make in PAGES.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
