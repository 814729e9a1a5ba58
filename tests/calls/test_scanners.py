"""Scanners are known by the names they give themselves, and by nothing else."""

from __future__ import annotations

import pytest

from ringthrough.calls.scanners import SCANNER_NAMES, is_scanner
from tests.calls.scene import A, B, Stage, request

ORDINARY = "<sip:+12155550112@example.com>;tag=1"


@pytest.mark.parametrize("name", SCANNER_NAMES)
def test_every_name_is_known_in_any_case_and_company(name: str) -> None:
    assert is_scanner(name, ORDINARY)
    assert is_scanner(name.upper(), ORDINARY)
    assert is_scanner(f"Mozilla/5.0 ({name}) 1.0", ORDINARY)


@pytest.mark.parametrize(
    ("agent", "sender", "scanner"),
    [
        pytest.param("", '"sipvicious"<sip:100@1.1.1.1>;tag=6433396637', True, id="realistic: svmap signs its From"),
        pytest.param("Asterisk PBX", '"sipsak" <sip:sipsak@192.0.2.9:5060>;tag=1', True, id="realistic: sipsak ping"),
        pytest.param("", "<sip:nm@nm>;tag=root", True, id="realistic: nmap"),
        pytest.param("sipcli/v1.8", ORDINARY, True, id="realistic: sipcli"),
        pytest.param("Asterisk PBX 18.9", ORDINARY, False, id="realistic: a PBX"),
        pytest.param("PolycomVVX-VVX_410-UA/5.9", '"Scan Room" <sip:200@example.com>;tag=1', False, id="a scan room"),
        pytest.param("", "<sip:nmap-lovers@example.com>;tag=1", False, id="a name that only contains one"),
        pytest.param("", "", False, id="nothing said"),
        pytest.param("\udcff\udcfe", "\udcff", False, id="pathological: not UTF-8"),
    ],
)
def test_who_is_a_scanner(agent: str, sender: str, scanner: bool) -> None:
    assert is_scanner(agent, sender) is scanner


def test_every_leg_of_a_flood_is_a_row_of_its_own_and_no_call() -> None:
    stage = Stage()
    for n in range(5):
        stage.say(
            n * 0.01, A, B,
            request("INVITE", call_id=f"s{n}", branch=f"z9hG4bK{n}", callee=f"90{n}", headers=["User-Agent: pplsip"]),
        )  # fmt: skip

    rows = stage.rows()

    assert [row.kind for row in rows] == ["scanner"] * 5
    assert {row.user_agent for row in rows} == {"pplsip"}
