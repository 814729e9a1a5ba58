from __future__ import annotations

import tomllib
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from ringthrough.errors import LocalError
from ringthrough.simulate.worlds import Range, draw_parameters, make_world, ranges, world_named, world_names
from ringthrough.simulate.worlds.parameters import ranges_of

GROUPS = ("world", "carrier", "engine", "trunk", "campaign")


def document() -> dict[str, Any]:
    return tomllib.loads(files("ringthrough.simulate").joinpath("worlds.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("one", "share", "value"),
    [
        (Range(2, 6), 0.25, 3.0),
        (Range(1, 100, "log"), 0.5, 10.0),
        (Range(0, 10, "log"), 0.5, 5.0),
        (Range(3, 5, "whole"), 0.0, 3.0),
        (Range(3, 5, "whole"), 0.5, 4.0),
        (Range(3, 5, "whole"), 1.0, 5.0),
        (Range(7, 7), 0.3, 7.0),
    ],
)
def test_a_range_is_drawn_from_by_its_scale(one: Range, share: float, value: float) -> None:
    assert one.at(share) == pytest.approx(value)


def test_every_range_says_why_and_is_no_point() -> None:
    found = ranges()
    silent = [f"{group}.{name}" for group in GROUPS for name, one in found[group].items() if len(one.why) < 10]
    narrow = [f"{group}.{name}" for group in GROUPS for name, one in found[group].items() if one.low == one.high]
    assert (silent, narrow) == ([], ["world.block_all"])


@pytest.mark.parametrize("name", world_names())
def test_what_is_drawn_lies_in_its_range(name: str) -> None:
    found = ranges(name)
    for seed in range(3):
        drawn = draw_parameters(np.random.default_rng(seed), name)
        groups = [("world", drawn.world), *(("engine", one) for one in drawn.engines)]
        groups += [("first_carrier" if not n else "carrier", one) for n, one in enumerate(drawn.carriers)]
        groups += [("trunk", one) for one in drawn.trunks] + [("campaign", one) for one in drawn.campaigns]
        for group, one in groups:
            for key, value in asdict(one).items():
                assert found[group][key].low <= value <= found[group][key].high, (group, key)


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    assert draw_parameters(np.random.default_rng(4)) == draw_parameters(np.random.default_rng(4))
    assert draw_parameters(np.random.default_rng(4)) != draw_parameters(np.random.default_rng(5))


def test_a_world_has_to_have_a_name_of_the_file() -> None:
    with pytest.raises(LocalError, match="expected one of mixed, quiet") as caught:
        draw_parameters(np.random.default_rng(1), "nowhere")
    assert caught.value.problem.code == "simulate-world-name"


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("world", "days", {"low": 5, "high": 4}),
        ("world", "days", {"low": 5}),
        ("world", "days", {"low": 1, "high": 4, "scale": "cubic"}),
        ("world", "moons", {"low": 1, "high": 4}),
        ("named", "mixed", {"says": "", "planets": {"days": 3}}),
        ("named", "mixed", {"says": "", "world": {"moons": 3}}),
        ("named", "mixed", {"says": "", "world": {"days": [4, 3]}}),
        ("named", "mixed", {"says": "", "first_carrier": {"moons": 3}}),
    ],
)
def test_a_wrong_range_is_named(group: str, key: str, value: dict[str, Any]) -> None:
    changed = document()
    changed[group][key] = value
    with pytest.raises(LocalError) as caught:
        ranges_of(changed, "mixed")
    assert caught.value.problem.code == "simulate-world-range"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"days": 0}, "days=0"),
        ({"days": 5000}, "days=5000"),
        ({"scale": 0.0}, "scale=0.0"),
        ({"scale": float("inf")}, "scale=inf"),
        ({"start_us": 17}, "start_us=17"),
    ],
)
def test_a_world_that_cannot_be_made_is_refused(arguments: dict[str, Any], found: str) -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(LocalError, match=found) as caught:
        make_world(draw_parameters(rng), rng, **arguments)
    assert caught.value.problem.code == "simulate-world-argument"


def test_a_world_of_one_day_has_the_size_it_was_drawn_with() -> None:
    world = world_named("mixed", 3, days=1, scale=0.1)
    parameters = world.parameters
    assert len(world.callers) == int(parameters.world.numbers) == len(set(world.callers))
    assert len(world.carriers) == len(parameters.carriers)
    assert world.day_count == 1
    assert len(set(world.people.numbers.tolist())) == world.people.numbers.size
