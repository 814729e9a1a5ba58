"""The connection: how much memory it may take, and for how long."""

from __future__ import annotations

import pytest

from ringthrough.store.engine import connect, spilling


@pytest.mark.parametrize(
    ("own", "during"), [("16GB", "2.0 GiB"), ("1GB", "953.6 MiB"), ("512MB", "488.2 MiB"), ("900KB", "878.9 KiB")]
)
def test_a_connection_takes_less_for_a_while_and_never_more(own: str, during: str) -> None:
    with connect(memory=own) as connection:

        def limit() -> str:
            return str(connection.sql("select current_setting('memory_limit')").fetchall()[0][0])

        before, relation = limit(), connection.sql("select 1 as a")
        for _ in range(3):
            with spilling(relation, "2 GiB"):
                assert limit() == during
            assert limit() == before


def test_a_statement_that_fails_gives_the_memory_back() -> None:
    with connect(memory="8GB") as connection:
        relation = connection.sql("select 1 as a")
        with pytest.raises(ZeroDivisionError), spilling(relation, "1 GiB"):
            _ = 1 // 0
        assert connection.sql("select current_setting('memory_limit')").fetchall() == [("7.4 GiB",)]
