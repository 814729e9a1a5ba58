"""Real servers on loopback that take what is sent: SMTP (with STARTTLS, TLS, AUTH) and HTTP, each in a thread."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class MailBox:
    """A mail server, as far as a client sees one."""

    port: int = 0
    starttls: ssl.SSLContext | None = None
    "Offered and needed when it is there."
    user: tuple[str, str] | None = None
    "Name and password that are asked for."
    replies: dict[str, str] = field(default_factory=dict)
    "Beginning of a command -> what is answered instead of a yes."
    mails: list[EmailMessage] = field(default_factory=list)
    to: list[list[str]] = field(default_factory=list)
    "Recipients of each."
    said: list[str] = field(default_factory=list)
    "Commands, in order; secrets as they came."

    def serve(self, raw: socket.socket) -> None:
        connection, reader = raw, raw.makefile("rb")

        def say(line: str) -> None:
            connection.sendall(line.encode() + b"\r\n")

        to: list[str] = []
        secure = isinstance(raw, ssl.SSLSocket)
        say("220 mail.example.com")
        while line := reader.readline():
            command = line.decode("latin-1").strip()
            self.said.append(command)
            word = command.upper().split(" ")[0]
            odd = next((reply for begin, reply in self.replies.items() if command.startswith(begin)), None)
            if odd is not None:
                if odd == "hang up":
                    break
                say(odd)
            elif word == "EHLO":
                offers = (["STARTTLS"] if self.starttls and not secure else []) + (
                    ["AUTH PLAIN LOGIN"] if self.user else []
                )
                for place, offer in enumerate(["mail.example.com", *offers]):
                    say(f"250{' ' if place == len(offers) else '-'}{offer}")
            elif word == "STARTTLS" and self.starttls:
                say("220 go ahead")
                reader.close()
                connection = self.starttls.wrap_socket(connection, server_side=True)
                reader, secure = connection.makefile("rb"), True
            elif word == "AUTH":
                given = tuple(base64.b64decode(command.split(" ")[2]).decode().split("\0")[1:])
                say("235 welcome" if given == self.user else "535 5.7.8 who are you")
            elif word == "RCPT":
                to.append(command.partition(":")[2])
                say("250 yes")
            elif word == "DATA":
                say("354 go on")
                octets = b""
                while (line := reader.readline()) != b".\r\n":
                    octets += line[1:] if line.startswith(b"..") else line
                self.mails.append(message_from_bytes(octets, policy=policy.default))
                self.to.append(to)
                to = []
                say("250 taken")
            elif word == "QUIT":
                say("221 bye")
                break
            else:
                say("250 yes")
        with suppress(OSError):
            connection.close()


@contextmanager
def mail_box(*, tls: ssl.SSLContext | None = None, **settings: object) -> Iterator[MailBox]:
    """
    Run a mail server while the block runs.

    Args:
        tls: of a server that speaks TLS from the first octet.
        settings: fields of `MailBox`.
    """
    box = MailBox(**settings)  # type: ignore[arg-type]
    listening = socket.create_server(("127.0.0.1", 0))
    box.port = listening.getsockname()[1]

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with suppress(OSError), connection:
                connection.settimeout(30)
                box.serve(tls.wrap_socket(connection, server_side=True) if tls else connection)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield box
    finally:
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()


@dataclass
class Hook:
    """A web server that takes what is posted."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    "Statuses of the next answers; 200 when there are no more."
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    "Path, headers (names in lower case) and body, in order."
    secure: bool = False

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"http{'s' * self.secure}://{host}:{self.port}{path}"


@contextmanager
def web_hook(
    *answers: int, tls: ssl.SSLContext | None = None, before: Callable[[], object] | None = None
) -> Iterator[Hook]:
    """
    Run a web server while the block runs.

    Args:
        answers: statuses of its first answers.
        tls: of a server that speaks TLS.
        before: is called before it answers.
    """
    hook = Hook(answers=list(answers), secure=tls is not None)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if before is not None:
                before()
            status = hook.answers.pop(0) if hook.answers else 200
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", "http://127.0.0.1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
            """Tests print nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    hook.port = server.server_address[1]
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
