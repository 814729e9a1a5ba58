"""The profiles that come with the package, each one TOML file in `profiles/`, and the table of them for the docs."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ringthrough.errors import LocalError, Problem

from .profile import Profile, parse_profile

__all__ = ["load_profiles", "profile_named", "profile_table"]

FOLDER = Path(__file__).parent / "profiles"


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def profile_named(name: str) -> Profile:
    """
    A shipped profile.

    Raises:
        LocalError: none has this name (`cdr-unknown-profile`).
    """
    if name not in _names():
        detail = f"expected one of {', '.join(_names())}; found {name!r}"
        raise LocalError(Problem("cdr-unknown-profile", detail, "--profile"))
    path = FOLDER / f"{name}.toml"
    return parse_profile(path.read_text(encoding="utf-8"), path.name)


def load_profiles() -> tuple[Profile, ...]:
    """All shipped profiles, by name."""
    return tuple(profile_named(name) for name in _names())


def profile_table() -> str:
    """The shipped profiles as a Markdown table: what each reads, what it rests on, and what it cannot know."""
    lines = ["| profile | reads | files | basis | times | cannot know |", "|---|---|---|---|---|---|"]
    for profile in load_profiles():
        basis = f"**{profile.basis}**: {profile.source}"
        zone = "local: needs `--tz`" if profile.zone == "local" else profile.zone
        blind = "by columns" if profile.blind_to is None else ", ".join(profile.blind_to) or "nothing"
        kinds = ", ".join(profile.container.kinds)
        cells = (f"`{profile.name}`", profile.title, kinds, basis, zone, blind)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
