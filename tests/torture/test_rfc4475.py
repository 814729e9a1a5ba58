"""
The 50 messages of RFC 4475 and its archive, and the four of RFC 5118, one row each.

The oracle is the text of the RFC: what it calls valid parses without a Problem that owes a status, and the fields its
text dwells on are asserted; what it calls invalid yields the Problem and the status it asks for; what needs a proxy,
a registrar or a user agent to object is owed by the gate, and the codec has nothing to say against it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ringthrough.wire import Malformed, Message, Request, Response, decode, encode, unescape, validate


class Valid(NamedTuple):
    """Parses; nothing in it owes a status. `notes` are the Problems that owe nothing."""

    section: str
    fields: Callable[[Message], bool]
    notes: tuple[str, ...] = ()


class Owes(NamedTuple):
    """Yields exactly these (Problem, status owed) pairs."""

    section: str
    problems: tuple[tuple[str, int | None], ...]


class Gate(NamedTuple):
    """The codec accepts it; the gate objects, for the reason given. `notes` as in `Valid`."""

    section: str
    reason: str
    notes: tuple[str, ...] = ()


def request(message: Message) -> Request:
    assert isinstance(message, Request)
    return message


def response(message: Message) -> Response:
    assert isinstance(message, Response)
    return message


def wsinv(message: Message) -> bool:
    invite = request(message)
    assert invite.uri is not None
    assert invite.uri.param("unknownparam") == ""
    assert invite.to is not None
    assert (invite.to.uri.raw, invite.to.tag) == ("sip:vivekg@chair-dnrc.example.com", "1918181833n")
    assert invite.from_ is not None
    assert (invite.from_.display, invite.from_.tag) == ('J Rosenberg \\"', "98asjd8")
    assert (invite.max_forwards, invite.content_length, invite.cseq) == (68, 150, (9, "INVITE"))
    assert [(v.transport, v.host, v.branch) for v in invite.via] == [
        ("UDP", "192.0.2.2", "390skdjuw"),
        ("TCP", "spindle.example.com", "z9hG4bK9ikj8"),
        ("UDP", "192.168.255.111", "z9hG4bK30239"),
    ]
    assert invite.headers.get("Subject") == ""
    assert invite.headers.get("NewFangledHeader") == "newfangled value continued newfangled value"
    assert invite.headers.get("UnknownHeaderWithUnusualValue") == ";;,,;;,;"
    assert invite.route[0].uri.param("unknownwith") == "value"
    assert invite.route[0].uri.param("lr") == ""
    (contact,) = invite.contact
    return (contact.display, contact.param("newparam"), contact.param("secondparam"), contact.param("q")) == (
        'Quoted string ""', "newvalue", "", "0.33",
    )  # fmt: skip


def intmeth(message: Message) -> bool:
    asked = request(message)
    assert asked.method == "!interesting-Method0123456789_*+`.%indeed'~"
    assert asked.uri is not None
    assert asked.uri.user == "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"
    assert asked.uri.password == "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    assert asked.uri.host == "example.com"
    assert asked.to is not None
    assert asked.to.display == "BEL:\x07 NUL:\x00 DEL:\x7f"
    assert asked.from_ is not None
    assert asked.from_.display == "token1~` token2'+_ token3*%!.-"
    assert asked.from_.params[0].value == "работающий"
    assert asked.from_.tag == "_token~1'+`*%!-."
    assert asked.call_id == "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"
    assert asked.headers.get("extensionHeader-!.%*+_`'~") == "\ufeff大停電"
    return asked.max_forwards == 255


def esc01(message: Message) -> bool:
    invite = request(message)
    assert invite.uri is not None
    assert invite.uri.user is not None
    assert (unescape(invite.uri.user), invite.uri.host) == ("sips:user@example.com", "example.net")
    assert invite.to is not None
    assert unescape(invite.to.uri.user or "") == "user"
    assert invite.from_ is not None
    assert unescape(invite.from_.uri.user or "") == "I have spaces"
    (contact,) = invite.contact
    assert [unescape(param.name) for param in contact.uri.params] == ["lr", "name"]
    return unescape(contact.uri.params[1].value or "") == "value%41"


def escnull(message: Message) -> bool:
    assert message.to is not None
    assert unescape(message.to.uri.user or "") == "null-\x00-null"
    return [unescape(contact.uri.user or "") for contact in message.contact] == ["\x00", "\x00\x00"]


def esc02(message: Message) -> bool:
    assert request(message).method == "RE%47IST%45R"
    assert message.to is not None
    assert message.to.display == "%Z%45"
    assert message.via[0].branch == "z9hG4bK209%fzsnel234"
    return len(message.contact) == 2 and message.headers.get("C%6Fntact") == "<sip:alias2@host2.example.com>"


def lwsdisp(message: Message) -> bool:
    assert message.from_ is not None
    return (message.from_.display, message.from_.tag) == ("caller", "323")


def longreq(message: Message) -> bool:
    assert message.to is not None
    assert len(message.to.display) == 103
    assert len(message.via) == 34
    assert message.via[-1].received == "192.0.2.5"
    assert message.call_id is not None
    return message.call_id.startswith("longreq.onereally") and len(message.body) == 150


def dblreq(message: Message) -> bool:
    assert request(message).method == "REGISTER"
    assert message.body == b""
    after = decode(message.trailing)
    return isinstance(after, Request) and after.method == "INVITE" and len(after.body) == 150


def semiuri(message: Message) -> bool:
    uri = request(message).uri
    assert uri is not None
    return (unescape(uri.user or ""), uri.host, uri.params) == ("user;par=u@example.net", "example.com", ())


def transports(message: Message) -> bool:
    return [via.transport for via in message.via] == ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]


def mpart01(message: Message) -> bool:
    kind = message.content_type
    assert kind is not None
    assert (kind.essence, kind.boundary) == ("multipart/mixed", "7a9cbec02ceef655")
    assert message.date is not None
    assert message.date.isoformat() == "2005-10-15T04:44:56+00:00"
    assert len(message.identity) == 1
    return len(message.body) == 553 and message.body.count(b"--7a9cbec02ceef655") == 3


def unreason(message: Message) -> bool:
    said = response(message)
    return said.phrase == "= 2**3 * 5**2 но сто девяносто девять - простое" and said.status == 200


def noreason(message: Message) -> bool:
    return (response(message).status, response(message).phrase) == (100, "")


CASES: dict[str, Valid | Owes | Gate] = {
    "wsinv": Valid("3.1.1.1", wsinv, ("wire-branch-2543",)),
    "intmeth": Valid("3.1.1.2", intmeth),
    "esc01": Valid("3.1.1.3", esc01),
    "escnull": Valid("3.1.1.4", escnull),
    "esc02": Valid("3.1.1.5", esc02),
    "lwsdisp": Valid("3.1.1.6", lwsdisp),
    "longreq": Valid("3.1.1.7", longreq, ("wire-branch-2543",)),
    "dblreq": Valid("3.1.1.8", dblreq),
    "semiuri": Valid("3.1.1.9", semiuri),
    "transports": Valid("3.1.1.10", transports),
    "mpart01": Valid("3.1.1.11", mpart01),
    "unreason": Valid("3.1.1.12", unreason),
    "noreason": Valid("3.1.1.13", noreason),
    "badinv01": Owes(
        "3.1.2.1",
        (
            ("wire-param-empty", 400),
            ("wire-via-syntax", 400),
            ("wire-list-empty", 400),
            ("wire-list-empty", 400),
            ("wire-param-empty", 400),
            ("wire-branch-2543", None),
        ),
    ),
    "clerr": Owes("3.1.2.2", (("wire-body-short", 400),)),
    "ncl": Owes("3.1.2.3", (("wire-number", 400),)),
    "scalar02": Owes(
        "3.1.2.4",
        (
            ("wire-cseq-range", 400),
            ("wire-number-range", 400),
            ("wire-number-range", 400),
            ("wire-max-forwards-range", 400),
        ),
    ),
    # A response is dropped; no status is ever owed to one.
    "scalarlg": Owes(
        "3.1.2.5", (("wire-warning-syntax", None), ("wire-cseq-range", None), ("wire-number-range", None))
    ),
    "quotbal": Owes("3.1.2.6", (("wire-quote-open", 400),)),
    "ltgtruri": Owes("3.1.2.7", (("wire-uri-brackets", 400), ("wire-branch-2543", None))),
    "lwsruri": Owes("3.1.2.8", (("wire-start-line-space", 400), ("wire-uri-characters", 400))),
    "lwsstart": Owes("3.1.2.9", (("wire-start-line-space", 400),)),
    "trws": Owes("3.1.2.10", (("wire-start-line-space", 400),)),
    "escruri": Owes("3.1.2.11", (("wire-uri-headers", 400),)),
    "baddate": Owes("3.1.2.12", (("wire-date", 400),)),
    "regbadct": Owes("3.1.2.13", (("wire-address-unbracketed", 400),)),
    "badaspec": Owes("3.1.2.14", (("wire-uri-space", 400),)),
    # The file in the archive also lacks the empty line after the headers.
    "baddn": Owes(
        "3.1.2.15",
        (("wire-head-unterminated", 400), ("wire-display-name", 400), ("wire-display-name", 400)),
    ),
    "badvers": Owes("3.1.2.16", (("wire-version", 505),)),
    "mismatch01": Owes("3.1.2.17", (("wire-cseq-method-mismatch", 400),)),
    # A server that does not know the method answers 501 instead; which methods it knows, the gate knows.
    "mismatch02": Owes("3.1.2.18", (("wire-cseq-method-mismatch", 400),)),
    "bigcode": Owes("3.1.2.19", (("wire-status-range", None),)),
    "badbranch": Owes("3.2.1", (("wire-branch-empty", 400),)),
    "insuf": Owes(
        "3.3.1",
        (
            ("wire-header-missing", 400),
            ("wire-header-missing", 400),
            ("wire-header-missing", 400),
            ("wire-max-forwards-missing", None),
            ("wire-contact-missing", None),
        ),
    ),
    "unkscm": Owes("3.3.2", (("wire-uri-scheme", 416),)),
    "novelsc": Owes("3.3.3", (("wire-uri-scheme", 416),)),
    "unksm2": Gate("3.3.4", "a registrar refuses a To whose scheme it does not serve"),
    "bext01": Owes("3.3.5", (("wire-require-unsupported", 420), ("wire-require-unsupported", 420))),
    "invut": Gate("3.3.6", "415 depends on the media types the user agent reads"),
    "regaut01": Gate("3.3.7", "a registrar ignores or challenges credentials of a scheme it does not know"),
    "multi01": Owes("3.3.8", (("wire-header-repeated", 400),) * 5),
    "mcl01": Owes("3.3.9", (("wire-header-repeated", 400),)),
    "bcast": Gate("3.3.10", "the topmost Via is fine; that the second is a broadcast address matters when forwarding"),
    "zeromf": Gate("3.3.11", "a proxy answers 483 instead of forwarding; the server it is meant for answers it"),
    "cparam01": Gate("3.3.12", "a registrar reads the parameter as one of the Contact header, not of the URI"),
    "cparam02": Gate("3.3.13", "a registrar reads the parameter as one of the URI"),
    "regescrt": Gate("3.3.14", "a registrar stores the escaped Route with the binding"),
    "sdp01": Gate("3.3.15", "406 or 488 depends on the body types the user agent can send"),
    "inv2543": Gate(
        "3.4.1",
        "a server should take it as RFC 2543 meant it",
        ("wire-branch-2543", "wire-from-no-tag", "wire-max-forwards-missing", "wire-contact-missing"),
    ),
}
NOT_A_MESSAGE = "test"
"In the archive, described nowhere: its first line has no SIP version, so it holds no message."


def read(shared: Path, name: str) -> bytes:
    return (shared / "vectors" / "rfc4475" / f"{name}.dat").read_bytes()


@pytest.mark.parametrize("name", CASES)
def test_case_meets_the_text_of_the_rfc(shared: Path, name: str) -> None:
    case = CASES[name]
    data = read(shared, name)
    message = decode(data)
    assert isinstance(message, Message)
    assert encode(message) == data
    problems = validate(message, understands=())
    if isinstance(case, Owes):
        assert [(problem.code, problem.status) for problem in problems] == list(case.problems)
        return
    assert [(problem.code, problem.status) for problem in problems] == [(note, None) for note in case.notes]
    if isinstance(case, Valid):
        assert case.fields(message)
    else:
        assert case.reason


def test_registrar_cases_keep_the_parameter_where_it_belongs(shared: Path) -> None:
    outside = decode(read(shared, "cparam01"))
    inside = decode(read(shared, "cparam02"))
    assert isinstance(outside, Request)
    assert isinstance(inside, Request)
    assert outside.contact[0].param("unknownparam") == ""
    assert outside.contact[0].uri.params == ()
    assert inside.contact[0].uri.param("unknownparam") == ""
    assert inside.contact[0].params == ()


def test_escaped_route_of_a_binding_is_kept(shared: Path) -> None:
    message = decode(read(shared, "regescrt"))
    assert isinstance(message, Request)
    assert message.contact[0].uri.headers == (("Route", "%3Csip:sip.example.com%3E"),)


def test_every_problem_says_where(shared: Path) -> None:
    for name, case in CASES.items():
        if isinstance(case, Owes):
            message = decode(read(shared, name))
            for problem in validate(message, understands=()):
                absent = problem.code.endswith("-missing")
                assert problem.where, name
                assert problem.source, name
                assert absent or problem.at is not None, (name, problem.code)


def test_archive_file_without_a_sip_version_is_no_message(shared: Path) -> None:
    message = decode(read(shared, NOT_A_MESSAGE))
    assert isinstance(message, Malformed)
    assert [(problem.code, problem.status) for problem in validate(message)] == [("wire-start-line", 400)]


def test_every_file_of_the_index_has_its_row(shared: Path) -> None:
    with (shared / "vectors" / "torture_index.csv").open(newline="", encoding="utf-8") as lines:
        index = {row["file"]: row["section"] for row in csv.DictReader(lines)}
    assert len(index) == 50
    assert index.pop(NOT_A_MESSAGE) == "-"
    assert {name: case.section for name, case in CASES.items()} == index


RFC5118: dict[str, tuple[tuple[str, int | None], ...]] = {
    "ipv6-good": (),
    "ipv6-bad": (("wire-uri-syntax", 400),),
    "port-ambiguous": (),
    "via-received-param-with-delim": (),
}


@pytest.mark.parametrize("name", RFC5118)
def test_ipv6(shared: Path, name: str) -> None:
    """The saved files have bare LF; RFC 5118 means CRLF."""
    data = (shared / "data" / "torture" / "rfc5118" / f"{name}.dat").read_bytes().replace(b"\n", b"\r\n")
    message = decode(data)
    assert isinstance(message, Request)
    assert encode(message) == data
    assert [(problem.code, problem.status) for problem in validate(message)] == list(RFC5118[name])
    assert message.via[0].host == "[2001:db8::9:1]"


def test_ipv6_details(shared: Path) -> None:
    """RFC 5118 §4.3: the last group of an address in brackets is no port; §4.5: received may stand in brackets."""
    folder = shared / "data" / "torture" / "rfc5118"
    ambiguous = decode((folder / "port-ambiguous.dat").read_bytes())
    assert isinstance(ambiguous, Request)
    assert ambiguous.uri is not None
    assert (ambiguous.uri.host, ambiguous.uri.port) == ("[2001:db8::10:5070]", None)
    received = decode((folder / "via-received-param-with-delim.dat").read_bytes())
    assert isinstance(received, Request)
    assert received.via[0].received == "[2001:db8::9:255]"
    assert received.problems[0].code == "wire-bare-lf"


def test_files_of_another_stack_decode_or_yield_problems(shared: Path) -> None:
    """libosip2 comes with 54 files: SIP messages, bodies alone, and its script."""
    kinds = {"message": 0, "malformed": 0}
    for path in sorted((shared / "data" / "torture" / "libosip2").iterdir()):
        data = path.read_bytes()
        message = decode(data)
        problems = validate(message)
        if isinstance(message, Malformed):
            assert problems, path.name
            assert message.data == data
            kinds["malformed"] += 1
            continue
        assert encode(message) == data, path.name
        touched = [getattr(message, name) for name in dir(Message) if not name.startswith("_")]
        assert touched
        kinds["message"] += 1
    assert kinds["message"] >= 30
    assert kinds["message"] + kinds["malformed"] == 54
