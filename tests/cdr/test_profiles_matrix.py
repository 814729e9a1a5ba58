"""Every shipped profile among all others: a sample is recognised as its own and as nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringthrough.cdr import load_profiles, recognise

from .reading import DATA

SAMPLES = sorted(path for path in DATA.iterdir() if path.suffix != ".md")


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_recognised_as_its_own(path: Path) -> None:
    """By what is in it; its name may only confirm it."""
    octets = path.read_bytes()
    for name in ("", path.name):
        found = recognise(octets, name)
        assert found.profile is not None, found.why
        assert (found.profile.name, bool(found.why)) == (path.stem, True)
        assert {other for other, _ in found.others} <= {"generic"}


def test_every_profile_has_a_sample_and_every_sample_a_profile() -> None:
    assert {path.stem for path in SAMPLES} == {profile.name for profile in load_profiles()}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_recognised_by_its_first_records(path: Path) -> None:
    """A file may be long, and only its beginning is looked at: some records are enough."""
    octets = path.read_bytes()
    if path.suffix in (".json", ".xml"):
        return
    cut = octets[: max(len(octets) * 3 // 4, len(octets) - 300)]
    found = recognise(cut)
    assert found.profile is not None, found.why
    assert found.profile.name == path.stem


@pytest.mark.parametrize("profile", load_profiles(), ids=lambda profile: profile.name)
def test_a_profile_knows_its_names_once(profile: object) -> None:
    """A column named twice, or a word that means two outcomes, is a slip of whoever wrote it."""
    columns = profile.container.columns  # type: ignore[attr-defined]
    named = [column for column in columns if column]
    assert len(set(named)) == len(named)
    for field, feed in profile.fields.items():  # type: ignore[attr-defined]
        assert len(set(feed.columns)) == len(feed.columns), field
    hints = profile.hints  # type: ignore[attr-defined]
    assert not set(hints.names) & set(hints.any)
