"""
TOML that people edit -> `data/catalogue.json` that the library loads: `python -m ringthrough.reference.compiling`.

It folds wrapped text, resolves names of causes, and derives what follows from the tables: which causes become a code,
what a round trip loses, which products differ. Nothing else in the room imports it.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from .loading import DATA

__all__ = ["compile_catalogue", "main"]

CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", "6xx")
RFC_3398 = "RFC 3398 8.2.6.1"
_PLAIN_BLOCK = {"not_expected": "No use of {id} for an analytics block is known."}


def compile_catalogue(folder: Path = DATA) -> str:
    """The text of `catalogue.json` from the TOML files in `folder`: one entry per line."""
    sources = _Sources(folder)
    entries = [*sources.code_rows(), *sources.variant_rows(), *sources.cause_rows()]
    head = {
        "about": sources.about,
        "classes": sources.classes,
        "origins": sources.origins,
        "rings": sources.rings,
        "effects": sources.effects,
        "outside": sources.outside,
        "registry": sources.registry,
        "pairs": sources.pairs,
        "beside": sources.beside,
    }
    lines = [f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}," for key, value in head.items()]
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in entries)
    return "{\n" + "\n".join(lines) + '\n"entries": [\n' + rows + "\n]\n}\n"


class _Sources:
    def __init__(self, folder: Path) -> None:
        def read(name: str) -> dict[str, Any]:
            folded: dict[str, Any] = _fold(tomllib.loads((folder / f"{name}.toml").read_text("utf-8")))
            return folded

        frame = read("frame")
        self.about = frame["about"]
        self.classes = frame["classes"]
        self.origins = frame["origins"]
        self.rings = frame["rings"]
        self.effects = frame["effects"]
        self.outside = frame["outside"]
        self.registry = read("registry")
        self.pairs = read("pairs")["pairs"]
        self.beside = read("beside")
        self._codes = {key: row for cl in CLASSES for key, row in read(f"codes_{cl}").items()}
        self._variants = read("unregistered")
        self._causes = read("causes")
        self._gateways = read("gateways")
        self._words = read("words")
        self._names = {row["code"]: row["name"] for row in self._causes.values()}
        self._to_sip = {row["code"]: row["sip"].get("code") for row in self._causes.values()}

    def code_rows(self) -> list[dict[str, Any]]:
        return [self._code_row(key, row, "code") for key, row in self._codes.items()]

    def variant_rows(self) -> list[dict[str, Any]]:
        return [self._code_row(key, row, "variant") for key, row in self._variants.items()]

    def _code_row(self, key: str, row: dict[str, Any], kind: str) -> dict[str, Any]:
        number: int = row["code"]
        level = row["block_level"]
        mapping = self._to_cause(row)
        return {
            "id": key,
            "kind": kind,
            "code": number,
            "name": row["name"],
            "class_": self._class(number, row["status"]),
            "registered": kind == "code",
            "status": row["status"],
            "rfc": row.get("rfc") or row["defined_by"],
            "section": row.get("section", ""),
            "generated_by": row["generated_by"],
            "methods": row["methods"],
            "origin": row["origin"],
            "rings": row["rings"],
            "gist": row["gist"],
            "description": row["description"],
            "details": row.get("details", []),
            "when_seen": row["when_seen"],
            "fix_caller": row["fix_caller"],
            "fix_operator": row["fix_operator"],
            "retry": {
                "same_target": row["retry"]["same_target"],
                "other_target": row["retry"]["other_target"],
                "automatic": row["retry"]["automatic"],
                "retry_after": row["retry"]["retry_after_defined"],
                "stops_search": (600 <= number < 700 and kind == "code") or key in ("603+", "603-twilio"),
                "note": row["retry_note"],
            },
            "required_headers": row.get("required_headers", []),
            "optional_headers": row.get("optional_headers", []),
            "dialog_effect": row["dialog"]["effect"],
            "dialog_source": row["dialog"].get("source", ""),
            "to_q850": mapping,
            "to_sip": None,
            "comes_from": [
                {"id": f"Q.850:{one['cause']}", "condition": one.get("condition", ""), "source": one["source"]}
                for one in row.get("from_q850", [])
            ],
            "losses": self._code_losses(key, mapping),
            "gateways": self._code_gateways(key, mapping),
            "blocks": {
                "level": level,
                "why": row.get("block_why") or _PLAIN_BLOCK[level].format(id=key),
                "evidence": row.get("block_evidence", []),
            },
            "related": row["related"],
            "pitfalls": row.get("pitfalls", []),
            "example": row.get("example", ""),
            "aliases": row.get("aliases", []),
            "sources": row["sources"],
            "unverified": row.get("unverified", []),
            "words": " ".join(self._words.get(key, [])),
        }

    def _class(self, number: int, status: str) -> str:
        key = f"{number // 100}xx"
        return "local" if status == "internal" else f"{key} {self.classes[key]['name']}"

    def _to_cause(self, row: dict[str, Any]) -> dict[str, Any]:
        mapping = row["q850"]
        cause = mapping.get("cause")
        return {
            "cause": cause,
            "name": "" if cause is None else self._names[cause],
            "location": mapping.get("location", ""),
            "rule": mapping["rule"],
            "source": mapping.get("source", ""),
            "notes": [*row.get("q850_notes", []), *row.get("from_q850_notes", [])],
        }

    def _code_losses(self, key: str, mapping: dict[str, Any]) -> list[dict[str, Any]]:
        """RFC 3398 there (8.2.6.1) and back (7.2.4.1): what a call meets that crosses a telephone network."""
        cause = mapping["cause"]
        if cause is None:
            return []
        if key == "603+":
            back = "603"
            tail = "comes back as 603 at best; phrase and Reason text are lost, and with them the contact."
        elif cause == 21 and mapping["location"] == "user":
            back = "603 or 403"
            tail = "comes back as 603 only if the location is still user, as 403 otherwise."
        else:
            back = str(self._to_sip[cause] or 500)
            tail = f"comes back as {back}."
        if back == key.partition("-")[0]:
            return []
        to = f"cause {cause}" + (f" ({mapping['location']})" if mapping["location"] else "")
        return [
            {
                "to": to,
                "back": back,
                "sentence": f"{key.partition('-')[0]} crosses a telephone network as cause {cause} and {tail}",
            }
        ]

    def _code_gateways(self, key: str, mapping: dict[str, Any]) -> list[dict[str, Any]]:
        made = []
        for name, table in self._gateways["to_q850"].items():
            if name == RFC_3398:
                continue
            gives = table.get(key)
            if gives is None and key.isdecimal() and int(key) >= 400:
                gives = table.get(f"other {key[0]}xx", table.get("other"))
            if gives is not None:
                differs = gives != mapping["cause"] and not str(gives).startswith(f"{mapping['cause']} ")
                made.append({"name": name, "gives": str(gives), "differs": differs})
        return made

    def cause_rows(self) -> list[dict[str, Any]]:
        return [self._cause_row(key, row) for key, row in self._causes.items()]

    def _cause_row(self, key: str, row: dict[str, Any]) -> dict[str, Any]:
        number: int = row["code"]
        sip = row["sip"]
        to: int | None = sip.get("code")
        comes = row.get("from_sip", {"codes": [], "source": ""})
        return {
            "id": key,
            "kind": "cause",
            "code": number,
            "name": row["name"],
            "class_": row["class"],
            "registered": True,
            "status": "current",
            "rfc": "ITU-T Q.850",
            "section": "",
            "generated_by": "exchange, gateway or terminal that releases the call (the location says which)",
            "methods": "release of a call; in SIP the Reason header (RFC 6432)",
            "origin": row["origin"],
            "rings": row["rings"],
            "gist": row["gist"],
            "description": row["description"],
            "details": row.get("details", []),
            "when_seen": row["when_seen"],
            "fix_caller": row["fix_caller"],
            "fix_operator": row["fix_operator"],
            "retry": _CAUSE_RETRY[row["retry"]] | {"note": f"Cause {number}: {_CAUSE_NOTE[row['retry']]}"},
            "required_headers": [],
            "optional_headers": [],
            "dialog_effect": "n/a",
            "dialog_source": "",
            "to_q850": None,
            "to_sip": {
                "cause": to,
                "name": "" if to is None else self._codes[str(to)]["name"],
                "location": "",
                "rule": sip["rule"],
                "source": sip["source"],
                "notes": [sip["note"]] if sip.get("note") else [],
            },
            "comes_from": [{"id": str(c), "condition": "", "source": comes["source"]} for c in comes["codes"]],
            "losses": self._cause_losses(number, to),
            "gateways": self._cause_gateways(number, to),
            "blocks": {
                "level": row["block_level"],
                "why": row.get("block_why") or _PLAIN_BLOCK[row["block_level"]].format(id=f"cause {number}"),
                "evidence": row.get("block_evidence", []),
            },
            "related": row.get("related") or self._near_causes(number, to),
            "pitfalls": row.get("pitfalls", []),
            "example": f'Reason: Q.850;cause={number};text="{row["name"]}"',
            "aliases": row.get("aliases", []),
            "sources": row["sources"],
            "unverified": ["ITU-T Q.850 itself was not available; name and meaning follow the sources listed."],
            "words": " ".join(self._words.get(key, [])),
        }

    def _near_causes(self, number: int, to: int | None) -> list[str]:
        order = sorted(self._names, key=lambda one: (abs(one - number), one))
        return ([str(to)] if to else []) + [f"Q.850:{one}" for one in order[1:3]]

    def _cause_losses(self, number: int, to: int | None) -> list[dict[str, Any]]:
        if to is None or number == 21:
            return []
        back = self._codes[str(to)]["q850"].get("cause")
        if back in (None, number):
            return []
        sentence = f"Cause {number} crosses a SIP network as {to} and comes back as cause {back}."
        return [{"to": str(to), "back": f"cause {back}", "sentence": sentence}]

    def _cause_gateways(self, number: int, to: int | None) -> list[dict[str, Any]]:
        made = []
        for name, table in self._gateways["to_sip"].items():
            gives = table.get(str(number))
            if gives is not None:
                differs = isinstance(gives, int) and gives != (to or 500)
                made.append({"name": name, "gives": str(gives), "differs": differs})
        return made


_CAUSE_RETRY: dict[str, dict[str, Any]] = {
    key: {"same_target": same, "other_target": other, "automatic": auto, "retry_after": False, "stops_search": False}
    for key, (same, other, auto) in {
        "no": ("no", "no", "no"),
        "none": ("no, the number has to change first", "no", "no"),
        "later": ("yes, later", "maybe", "no"),
        "other route": ("maybe", "yes, another route", "allowed"),
    }.items()
}
_CAUSE_NOTE = {
    "no": "trying again unchanged has no prospect.",
    "none": "there is nothing to try again before the number is corrected.",
    "later": "trying again after a while may succeed.",
    "other route": "another route may succeed where this one failed.",
}


def _fold(value: Any) -> Any:
    """Wrapped text on one line: any run of blanks and line ends is one space."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, list):
        return [_fold(one) for one in value]
    if isinstance(value, dict):
        return {key: _fold(one) for key, one in value.items()}
    return value


def main() -> None:
    """Write `data/catalogue.json` anew."""
    (DATA / "catalogue.json").write_text(compile_catalogue(), "utf-8")


if __name__ == "__main__":
    main()
