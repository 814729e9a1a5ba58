"""
E-mail as a channel: one message per delivery, over SMTP with STARTTLS, with TLS from the first octet, or within a host.

Facts
- STARTTLS is required where it is asked for: a server that does not offer it (any more) gets neither mail nor password.
- A password is never sent without TLS.
- `Auto-Submitted: auto-generated` (RFC 3834 §5) keeps holiday notices from answering.
- The Message-ID belongs to the content, so a message that is sent twice can be told to be one.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from ringthrough import __version__
from ringthrough.errors import BackendError, Error, LocalError, Problem, RemoteError

from .notify import Notice

__all__ = ["SECURITIES", "Mail", "MailServer", "own_address"]

SECURITIES = ("starttls", "tls", "none")
"How a connection is secured: after a greeting, from the first octet (RFC 8314), or not at all."
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"An address without display name, quotes and comments; what it must not hold are blanks and controls."
_MOST_SUBJECT = 150


def own_address() -> str:
    """Return a sender of this host."""
    name = socket.getfqdn()
    return f"ringthrough@{name if _ADDRESS.fullmatch(f'a@{name}') else 'localhost'}"


@dataclass(frozen=True)
class MailServer:
    """
    A server that takes mail.

    Raises:
        LocalError: a password would be sent without TLS (`drivers-notify-mail`).
    """

    host: str
    "Name or address."
    port: int = 0
    "TCP port; 0 for the usual one: 587 with STARTTLS, 465 with TLS, 25 without."
    security: str = "starttls"
    "A word of `SECURITIES`."
    user: str = ""
    "User name; empty for none."
    password: str = ""
    "Its password."
    timeout_s: float = 15.0
    "Seconds for each step."
    tls: ssl.SSLContext | None = None
    "How the server is checked; None for the system's authorities."

    def __post_init__(self) -> None:
        if self.user and self.security == "none":
            detail = "expected STARTTLS or TLS, because the password would go in the clear"
            raise LocalError(Problem("drivers-notify-mail", detail, self.place))

    @property
    def place(self) -> str:
        """Host and port."""
        return f"mail server {self.host}:{self.port or _PORTS[self.security]}"

    def open(self) -> smtplib.SMTP:
        """Connect, secure the connection and log in; errors are smtplib's."""
        context = self.tls or ssl.create_default_context()
        port = self.port or _PORTS[self.security]
        if self.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, port, timeout=self.timeout_s, context=context)
        else:
            server = smtplib.SMTP(self.host, port, timeout=self.timeout_s)
        try:
            if self.security == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class Mail:
    """
    People who get mail.

    Raises:
        LocalError: an address is none (`drivers-notify-mail`).
    """

    server: MailServer
    "Where it is handed in."
    sender: str
    "Address it is from."
    to: tuple[str, ...]
    "Addresses it is for."

    def __post_init__(self) -> None:
        for address in (self.sender, *self.to):
            if not _ADDRESS.fullmatch(address):
                detail = f"expected an address such as ops@example.com, found {address!r}"
                raise LocalError(Problem("drivers-notify-mail", detail))

    @property
    def name(self) -> str:
        """What tells it from other channels."""
        return f"mail {','.join(sorted(self.to))}"

    def message(self, notice: Notice) -> EmailMessage:
        """Return the message of a notice."""
        made = EmailMessage()
        # Words of a call stand in a subject, and a line break there would begin a new field.
        subject = " ".join("".join(c if c.isprintable() else " " for c in notice.subject).split())
        made["Subject"] = subject if len(subject) <= _MOST_SUBJECT else f"{subject[: _MOST_SUBJECT - 3]}..."
        made["From"], made["To"] = self.sender, ", ".join(self.to)
        made["Date"] = format_datetime(datetime.fromtimestamp(notice.at_s, UTC))
        made["Message-ID"] = f"<{notice.id}@{self.sender.rpartition('@')[2]}>"
        made["Auto-Submitted"] = "auto-generated"
        made["X-Mailer"] = f"ringthrough/{__version__}"
        made.set_content(notice.text.encode("utf-8", "replace").decode("utf-8"))
        return made

    def send(self, notice: Notice) -> tuple[Problem, ...]:
        """
        Send one message to all.

        Returns:
            Recipients that the server refused while it took others.

        Raises:
            BackendError: no server, no time, or an answer that may pass (4xx).
            RemoteError: the server refuses for good (5xx), has no STARTTLS, or shows a wrong certificate.
        """
        message = self.message(notice)
        try:
            server = self.server.open()
            try:
                refused = server.send_message(message, self.sender, self.to)
            finally:
                try:
                    server.quit()
                except OSError:  # it has the mail, or has said why not
                    server.close()
        except (OSError, UnicodeError) as fault:  # SMTPException is an OSError
            raise self._failed(fault) from fault
        return tuple(
            Problem("drivers-notify-recipient", f"expected to be taken, found {_said(*found)}", address)
            for address, found in sorted(refused.items())
        )

    def _failed(self, fault: Exception) -> Error:
        place = self.server.place
        kind: type[Error] = BackendError
        if isinstance(fault, smtplib.SMTPRecipientsRefused):
            detail = "; ".join(f"{who}: {_said(*found)}" for who, found in sorted(fault.recipients.items()))
            if all(code >= 500 for code, _text in fault.recipients.values()):
                kind = RemoteError
        elif isinstance(fault, smtplib.SMTPResponseException):
            detail = _said(fault.smtp_code, fault.smtp_error)
            if fault.smtp_code >= 500:
                kind = RemoteError
        elif isinstance(fault, ssl.SSLError):
            detail, kind = getattr(fault, "verify_message", "") or fault.reason or str(fault), RemoteError
        elif isinstance(fault, smtplib.SMTPNotSupportedError):
            detail, kind = str(fault), RemoteError
        else:
            detail = getattr(fault, "strerror", None) or str(fault) or type(fault).__name__
        return kind(Problem("drivers-notify-mail", f"expected the mail to be taken, found: {detail}", place))


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {' '.join(''.join(c if c.isprintable() else ' ' for c in words).split())[:200]}".rstrip()
