"""The compiled twins, or a skip that says how to get them; in CI they have to be there."""

from __future__ import annotations

from typing import Any

import pytest

from ringthrough.native import twin
from tests.conftest import FULL


def need_twin(name: str) -> Any:
    found = twin(name)
    if found is None:
        reason = "ringthrough-native is not installed, or RINGTHROUGH_NATIVE=0: make native"
        if FULL:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def native() -> Any:
    return need_twin("_native")


@pytest.fixture(scope="session")
def native_records() -> Any:
    return need_twin("_records")
