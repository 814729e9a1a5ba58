"""Channels: a file, a webhook and mail, against real servers on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ringthrough.drivers.http import Limits
from ringthrough.drivers.notify import Notice, deliver
from ringthrough.drivers.notify_file import AppendedFile
from ringthrough.drivers.notify_mail import Mail, MailServer, own_address
from ringthrough.drivers.notify_problems import PROBLEMS
from ringthrough.drivers.notify_webhook import Webhook, signature
from ringthrough.errors import BackendError, Error, LocalError, Problem, RemoteError

from .conftest import WebAuthority, resolver
from .receivers import mail_box, web_hook

NOTICE = Notice(
    "5f1c", 1_767_225_600.0, "critical: two carriers block", "RAISED\n.line with a dot\nünïcode\n",
    {"alerts": [{"id": "s-1-1"}], "standing": 1}, ({"id": "s-1-1", "title": "é"}, {"id": "s-2-1"}),
)  # fmt: skip
NAME = "hooks.example.com"
QUICK = Limits(connect_s=10.0, total_s=20.0)


def test_every_problem_is_known() -> None:
    assert [code for code in PROBLEMS if not code.startswith("drivers-notify-")] == []


# ------------------------------------------------------------------------------------------------------------ patience


class Channel:
    """Fails in the ways it is told to, then takes it."""

    name = "x"

    def __init__(self, *faults: Error) -> None:
        self.faults = list(faults)
        self.sent: list[Notice] = []

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        self.sent.append(notice)
        if self.faults:
            raise self.faults.pop(0)
        return ()


def test_what_may_pass_is_tried_again_after_longer_and_longer_waits_and_not_for_ever() -> None:
    waited: list[float] = []
    slow = BackendError(Problem("drivers-timeout", "late"))
    assert deliver(Channel(slow, slow), NOTICE, waited.append) == ()
    assert waited == [1.0, 4.0]
    channel = Channel(slow, slow, slow)
    with pytest.raises(BackendError):
        deliver(channel, NOTICE, waited.append)
    assert (len(channel.sent), waited[2:]) == (3, [1.0, 4.0])


def test_what_will_not_pass_is_not_tried_again() -> None:
    waited: list[float] = []
    with pytest.raises(RemoteError):
        deliver(Channel(RemoteError(Problem("drivers-notify-status", "no"))), NOTICE, waited.append)
    assert waited == []


# ---------------------------------------------------------------------------------------------------------------- file


def test_lines_are_appended_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    channel = AppendedFile(str(path))
    assert channel.send(NOTICE) + channel.send(NOTICE) == ()
    assert [json.loads(line) for line in path.read_text().splitlines()] == list(NOTICE.records) * 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert channel.name == f"file {path}"


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_text('{"torn')
    AppendedFile(str(path)).send(NOTICE)
    assert path.read_text().splitlines()[0] == '{"torn'
    assert len(path.read_text().splitlines()) == 3


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(BackendError) as found:
        AppendedFile(str(tmp_path)).send(NOTICE)
    assert found.value.problem.code == "drivers-notify-file"
    assert str(found.value) == f"{tmp_path}: expected to append here, the system says: Is a directory"


# ------------------------------------------------------------------------------------------------------------- webhook


def test_a_document_is_posted_and_signed() -> None:
    with web_hook() as hook:
        channel = Webhook(hook.url("/in/secret-path?key=7"), secret=b"shared", private=True, limits=QUICK)
        assert channel.send(NOTICE) == ()
    ((path, headers, body),) = hook.posts
    assert (path, json.loads(body)) == ("/in/secret-path?key=7", NOTICE.document)
    assert headers["content-type"] == "application/json"
    assert headers["host"] == f"127.0.0.1:{hook.port}"
    assert headers["x-ringthrough-delivery"] == "5f1c"
    assert headers["x-ringthrough-signature"] == "sha256=" + hmac.new(b"shared", body, hashlib.sha256).hexdigest()
    assert headers["x-ringthrough-signature"] == signature(b"shared", body)


def test_without_a_secret_there_is_no_signature() -> None:
    with web_hook(204) as hook:
        Webhook(hook.url(), private=True, limits=QUICK).send(NOTICE)
    assert "x-ringthrough-signature" not in hook.posts[0][1]


def test_https_with_a_certificate_for_its_name(web: WebAuthority) -> None:
    with web_hook(tls=web.server(x509.DNSName(NAME))) as hook:
        secure: dict[str, Any] = {"tls": web.client, "resolver": resolver({NAME: ["127.0.0.1"]}), "limits": QUICK}
        Webhook(hook.url(host=NAME), private=True, **secure).send(NOTICE)
        assert hook.posts[0][1]["host"] == f"{NAME}:{hook.port}"
        with pytest.raises(RemoteError) as found:
            Webhook(hook.url(host=NAME), **secure).send(NOTICE)
        assert found.value.problem.code == "drivers-address-special"
        with pytest.raises(BackendError) as refused:
            Webhook(hook.url(host="127.0.0.1"), private=True, **secure).send(NOTICE)
        assert refused.value.problem.code == "drivers-tls"
        with pytest.raises(BackendError) as unknown:
            Webhook(hook.url(host="other.example.com"), private=True, **secure).send(NOTICE)
        assert unknown.value.problem.code == "drivers-no-address"
        assert unknown.value.problem.where == f"webhook https://other.example.com:{hook.port}"
    assert len(hook.posts) == 1


@pytest.mark.parametrize(
    ("status", "kind"),
    [(301, RemoteError), (400, RemoteError), (403, RemoteError), (404, RemoteError), (408, BackendError),
     (429, BackendError), (500, BackendError), (503, BackendError)],
)  # fmt: skip
def test_another_status_is_no_delivery(status: int, kind: type[Error]) -> None:
    with web_hook(status) as hook, pytest.raises(kind) as found:
        Webhook(hook.url("/a-secret"), private=True, limits=QUICK).send(NOTICE)
    assert found.value.problem.code == "drivers-notify-status"
    assert f"expected 2xx, found {status}" in str(found.value)
    assert "secret" not in str(found.value)
    assert len(hook.posts) == 1  # redirects are not followed


def test_a_busy_webhook_is_told_with_the_third_try() -> None:
    waited: list[float] = []
    with web_hook(503, 429) as hook:
        deliver(Webhook(hook.url(), private=True, limits=QUICK), NOTICE, waited.append)
    assert (len(hook.posts), waited) == (3, [1.0, 4.0])
    assert len({headers["x-ringthrough-delivery"] for _, headers, _ in hook.posts}) == 1


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example.com/x", "expected https; plain http goes to private addresses only"),
        ("ftp://hooks.example.com/x", "expected https, found 'ftp'"),
        ("https://user:word@hooks.example.com/x", "expected no user name before the host"),
        ("https://localhost/x", "expected a DNS name with a dot inside, found 'localhost'"),
        ("https://hooks.example.com:x/", "expected host or host:port, found 'hooks.example.com:x'"),
        ("https://hooks.example.com:70000/", "expected port"),
        ("https://hooks.example.com/#x", "expected no fragment, found one"),
        ("https://hooks.example.com/\n", "expected the characters of a URI"),
        ("hooks.example.com", "expected https://host/path"),
        ("", "expected the characters of a URI, found nothing"),
    ],
)
def test_a_url_that_may_not_be_asked(url: str, said: str) -> None:
    with pytest.raises(LocalError) as found:
        Webhook(url)
    assert found.value.problem.code == "drivers-notify-url"
    assert said in str(found.value)


def test_plain_http_goes_to_private_addresses_only() -> None:
    channel = Webhook(
        "http://hooks.example.com/x", private=True, resolver=resolver({NAME: ["93.184.216.34", "169.254.169.254"]})
    )
    assert channel.place == "webhook http://hooks.example.com:80"
    with pytest.raises(RemoteError) as found:
        channel.send(NOTICE)
    assert found.value.problem.code == "drivers-notify-url"
    assert str(found.value).endswith("expected a private address for plain http, found 93.184.216.34")


def test_the_metadata_service_of_a_cloud_is_never_asked() -> None:
    with pytest.raises(RemoteError) as found:
        Webhook("http://169.254.169.254/latest", private=True).send(NOTICE)
    assert found.value.problem.code == "drivers-address-special"


def test_names_hold_no_secret_and_tell_urls_apart() -> None:
    one, two = Webhook("https://hooks.example.com/AAA"), Webhook("https://hooks.example.com/BBB")
    assert one.name.startswith("webhook https://hooks.example.com:443 ")
    assert one.name != two.name
    assert "AAA" not in one.name
    assert Webhook("https://[2001:db8::1]:8443/x").place == "webhook https://[2001:db8::1]:8443"


def raw_server(answer: bytes | None) -> Callable[..., Any]:
    """A server that takes a connection and answers with these octets, or with nothing until it is closed."""

    async def talk(limits: Limits) -> Error:
        gone = asyncio.Event()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(100)
            if answer is None:
                await gone.wait()
            else:
                writer.write(answer)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        channel = Webhook(f"http://127.0.0.1:{port}/", private=True, limits=limits)
        try:
            await channel._post(NOTICE)
        except Error as fault:
            return fault
        finally:
            gone.set()
            server.close()
        raise AssertionError("it was told")

    return lambda limits=QUICK: asyncio.run(talk(limits))


@pytest.mark.parametrize(
    ("answer", "code"),
    [(b"", "drivers-http"), (b"220 mail\r\n\r\n", "drivers-http"), (b"HTTP/1.1 100 Continue\r\n\r\n", "drivers-http")],
)
def test_what_is_no_http(answer: bytes, code: str) -> None:
    fault = raw_server(answer)()
    assert (type(fault), fault.problem.code) in ((BackendError, code), (BackendError, "drivers-connect"))


def test_a_webhook_that_does_not_answer() -> None:
    fault = raw_server(None)(Limits(connect_s=5, total_s=0.05))
    assert (type(fault), fault.problem.code) == (BackendError, "drivers-timeout")


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(BackendError) as found:
        Webhook(f"http://127.0.0.1:{port}/", private=True, limits=QUICK).send(NOTICE)
    assert found.value.problem.code == "drivers-connect"


def test_a_connection_that_takes_too_long() -> None:
    channel = Webhook("http://127.0.0.1:9/", private=True, limits=Limits(connect_s=0, total_s=5))
    with pytest.raises(BackendError) as found:
        channel.send(NOTICE)
    assert found.value.problem.code == "drivers-timeout"


# ---------------------------------------------------------------------------------------------------------------- mail

TO = ("ops@example.com", "noc@example.com")


def mail(port: int, **settings: Any) -> Mail:
    return Mail(MailServer("127.0.0.1", port, **({"security": "none"} | settings)), "ringthrough@example.com", TO)


def test_one_message_for_all() -> None:
    with mail_box() as box:
        assert mail(box.port).send(NOTICE) == ()
    (message,), (to,) = box.mails, box.to
    assert message["Subject"] == "critical: two carriers block"
    assert (message["From"], message["To"]) == ("ringthrough@example.com", "ops@example.com, noc@example.com")
    assert message["Date"] == "Thu, 01 Jan 2026 00:00:00 +0000"
    assert message["Message-ID"] == "<5f1c@example.com>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content().replace("\r\n", "\n") == NOTICE.text
    assert to == ["<ops@example.com>", "<noc@example.com>"]
    assert mail(1).name == "mail noc@example.com,ops@example.com"


def test_words_of_a_call_begin_no_field_of_their_own() -> None:
    odd = replace_notice(subject="a\r\nBcc: x@example.com\x00\u2028 \ud800" + "y" * 300, text="\ud800 text")
    message = mail(1).message(odd)
    assert message["Bcc"] is None
    assert message["Subject"].startswith("a Bcc: x@example.com")
    assert len(message["Subject"]) == 150
    assert "? text" in message.get_content()


def replace_notice(**changes: Any) -> Notice:
    return NOTICE._replace(**changes)


def test_starttls_and_a_password(web: WebAuthority) -> None:
    tls = web.server(x509.IPAddress(ip_address("127.0.0.1")))
    with mail_box(starttls=tls, user=("me", "word")) as box:
        mail(box.port, security="starttls", tls=web.client, user="me", password="word").send(NOTICE)
        assert [said.split(" ")[0] for said in box.said] == [
            "ehlo", "STARTTLS", "ehlo", "AUTH", "mail", "rcpt", "rcpt", "data", "quit"
        ]  # fmt: skip
        with pytest.raises(RemoteError) as found:
            mail(box.port, security="starttls", tls=web.client, user="me", password="other").send(NOTICE)
    assert "535 5.7.8 who are you" in str(found.value)
    assert "other" not in str(found.value)
    assert len(box.mails) == 1


def test_tls_from_the_first_octet(web: WebAuthority) -> None:
    with mail_box(tls=web.server(x509.IPAddress(ip_address("127.0.0.1")))) as box:
        mail(box.port, security="tls", tls=web.client).send(NOTICE)
        with pytest.raises(RemoteError) as found:
            mail(box.port, security="tls").send(NOTICE)
    assert len(box.mails) == 1
    assert "found: " in str(found.value)
    assert found.value.problem.code == "drivers-notify-mail"


def test_a_server_without_starttls_gets_no_mail() -> None:
    with mail_box() as box, pytest.raises(RemoteError) as found:
        mail(box.port, security="starttls").send(NOTICE)
    assert "STARTTLS extension not supported by server." in str(found.value)
    assert box.mails == []


@pytest.mark.parametrize(
    ("replies", "kind", "said"),
    [
        ({"mail": "451 later"}, BackendError, "451 later"),
        ({"mail": "550 never"}, RemoteError, "550 never"),
        ({"data": "554 no\x07"}, RemoteError, "554 no"),
        ({"rcpt": "450 busy"}, BackendError, "noc@example.com: 450 busy; ops@example.com: 450 busy"),
        ({"rcpt": "550 unknown"}, RemoteError, "550 unknown"),
        ({"ehlo": "hang up", "helo": "hang up"}, BackendError, "found: Connection unexpectedly closed"),
    ],
)
def test_what_a_server_says(replies: dict[str, str], kind: type[Error], said: str) -> None:
    with mail_box(replies=replies) as box, pytest.raises(kind) as found:
        mail(box.port).send(NOTICE)
    assert type(found.value) is kind
    assert said in str(found.value)
    assert found.value.problem.where == f"mail server 127.0.0.1:{box.port}"


def test_a_recipient_that_is_refused_is_told_and_the_others_get_it() -> None:
    with mail_box(replies={"rcpt TO:<noc": "550 unknown"}) as box:
        (problem,) = mail(box.port).send(NOTICE)
    assert (problem.code, problem.where) == ("drivers-notify-recipient", "noc@example.com")
    assert problem.detail == "expected to be taken, found 550 unknown"
    assert box.to == [["<ops@example.com>"]]


def test_a_server_that_goes_away_after_it_took_the_mail() -> None:
    with mail_box(replies={"quit": "hang up"}) as box:
        assert mail(box.port).send(NOTICE) == ()
    assert len(box.mails) == 1


def test_no_server_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(BackendError) as found:
        mail(port).send(NOTICE)
    assert "Connection refused" in str(found.value)


@pytest.mark.parametrize("address", ["ops", "ops@", "@example.com", "a b@example.com", "a@b\nBcc: c@d", "<a@b>", ""])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(LocalError) as found:
        Mail(MailServer("127.0.0.1"), "a@example.com", (address,))
    assert found.value.problem.code == "drivers-notify-mail"


def test_a_password_goes_nowhere_without_tls() -> None:
    with pytest.raises(LocalError) as found:
        MailServer("127.0.0.1", security="none", user="me", password="word")
    assert str(found.value) == (
        "mail server 127.0.0.1:25: expected STARTTLS or TLS, because the password would go in the clear"
    )


def test_the_sender_of_this_host_is_an_address() -> None:
    assert Mail(MailServer("127.0.0.1"), own_address(), TO).sender.startswith("ringthrough@")


def test_a_channel_is_a_value() -> None:
    assert replace(mail(1), to=TO) == mail(1)
    assert os.path.isabs(AppendedFile("x").name.split(" ")[1])
