"""`ringthrough alerts`: tell people what has to be known of the calls, once, and that it is over."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ringthrough.cli.sources import asked_for, form_of, row_options, source_options, time_of
from ringthrough.errors import BackendError

if TYPE_CHECKING:
    import ssl

    from ringthrough.analytics.alerts import AlertRules
    from ringthrough.analytics.risk import Thresholds
    from ringthrough.drivers.notify import Channel

__all__ = ["alerts"]

F = TypeVar("F", bound=Callable[..., Any])
SECRET, PASSWORD = "RINGTHROUGH_WEBHOOK_SECRET", "RINGTHROUGH_SMTP_PASSWORD"
"Environment variables that hold secrets, where no file does."
_PLACE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?")


def channel_options(command: F) -> F:
    """Where to tell people."""
    for option in (
        click.option("--ca", metavar="FILE",
                     help="Certification authorities of one's own for webhook and mail server, PEM."),
        click.option("--smtp-password", metavar="FILE", help=f"Its password is in FILE, else in {PASSWORD}."),
        click.option("--smtp-user", default="", metavar="NAME", help="User name for the mail server."),
        click.option("--smtp-tls", type=click.Choice(["starttls", "tls", "none"]),
                     help="How the connection is secured; starttls, and none without --smtp."),
        click.option("--smtp", metavar="HOST[:PORT]", help="Mail server; without it the one of this host, 127.0.0.1."),
        click.option("--mail-from", metavar="ADDRESS", help="Sender of mail; ringthrough@ and this host by default."),
        click.option("--mail-to", multiple=True, metavar="ADDRESS",
                     help="Send mail here, one for all alerts of a run; may be repeated."),
        click.option("--webhook-private", is_flag=True,
                     help="The webhook may have a private address, and plain http there."),
        click.option("--webhook-secret", metavar="FILE",
                     help=f"Sign what is posted with the secret in FILE, else in {SECRET}."),
        click.option("--webhook", "webhooks", multiple=True, metavar="URL",
                     help="Post JSON here, one document for all alerts of a run; may be repeated."),
        click.option("--append", "appended", multiple=True, metavar="FILE",
                     help="Append alerts to FILE as JSON lines; may be repeated."),
    ):  # fmt: skip
        command = option(command)
    return command


def _without(*names: str) -> Callable[[F], F]:
    """Take options away that other commands on calls have: the rules say how far back alerts look."""

    def kept(command: F) -> F:
        found = command.__click_params__  # type: ignore[attr-defined]
        found[:] = [one for one in found if one.name not in names]
        return command

    return kept


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--state", metavar="FILE", help="What stands, from one run to the next; made when there is none.")
@click.option("--rules", metavar="FILE", help="TOML file with what differs from the shipped rules.")
@click.option("--show-rules", is_flag=True, help="Write the shipped rules, and nothing else.")
@click.option("--thresholds", metavar="FILE", help="TOML file with thresholds of risk factors, as for risk.")
@click.option("--at", metavar="TIME",
              help="As of when: ISO 8601, UTC unless it says otherwise. By default now for a store, the last call's "
                   "time for files.")  # fmt: skip
@channel_options
@click.option("--every", type=click.FloatRange(min=1), metavar="SECONDS", help="Look again and again, until Ctrl-C.")
@click.option("--rounds", type=click.IntRange(min=1), metavar="N", help="With --every: end after N looks.")
@click.option("--dry-run", is_flag=True, help="Say what would be told; send nothing and keep nothing.")
@click.option("--list", "listed", is_flag=True, help="List what stands and what waits to be delivered; read no calls.")
@click.option("--exit-code", is_flag=True, help="Exit with 3 when something was told.")
@click.option("-q", "--quiet", is_flag=True, help="Write nothing when there is nothing new.")
@row_options
@_without("since", "until")
@source_options
def alerts(files: tuple[str, ...], **options: Any) -> int:
    """
    Tell what has to be known of the calls, once: blocks, risks, drops, silence; and when it is over.

    STORE is the folder of a store, which others may write meanwhile; FILE is a capture, a text trace or call records.
    What is new goes to standard output, and to every --webhook, --mail-to and --append. What could not be delivered is
    kept in --state and tried again by the next run. Made for cron and systemd timers; see docs/guides/alerts.md.

    Exit status: 0 done; 1 something could not be read or delivered, or another run is at it; 2 nothing could be read,
    or wrong usage; 3 with --exit-code when something was told.
    """
    # Late: `ringthrough alerts --help` needs none of it.
    if options["show_rules"]:
        return _show_rules()
    form = form_of(options)
    if options["state"] is None and not options["dry_run"]:
        raise click.UsageError("expected --state FILE: what stands has to be kept somewhere (or --dry-run).")
    if options["listed"]:
        if files or options["every"] is not None:
            raise click.UsageError("--list reads the file of --state and no calls.")
        from ringthrough.cli.alerts_run import list_standing

        return list_standing(options["state"], form, options)
    asked_for(files)
    every_s, at_us = options["every"], time_of(options["at"], "--at")
    if options["rounds"] is not None and every_s is None:
        raise click.UsageError("--rounds says how often to look with --every.")
    if every_s is not None:
        if at_us is not None or options["output"] is not None or options["dry_run"]:
            raise click.UsageError("--every looks as of now and goes on: without --at, --output and --dry-run.")
        if len(files) != 1 or not os.path.isdir(files[0]):
            raise click.UsageError("--every looks at a store that grows: expected the folder of one.")
    rules, thresholds, channels = _rules(options), _thresholds(options), channels_of(options)

    from ringthrough.cli.alerts_run import Clock, Run, watch

    with Clock.ticking(ends=every_s is not None) as clock:
        run = Run(files, options, form, rules, thresholds, channels, at_us, clock)
        try:
            with run.alone():
                status = run.round() if every_s is None else watch(run, every_s, options["rounds"])
        except BackendError as fault:
            if fault.problem.code != "cli-alerts-busy":
                raise
            click.echo(f"ringthrough: {fault}", err=True)
            return 1
    if status == 0 and options["exit_code"] and run.told:
        return 3
    return status


def _show_rules() -> int:
    from importlib.resources import files

    click.echo(files("ringthrough.analytics.alerts").joinpath("alerts.toml").read_text("utf-8"), nl=False)
    return 0


def _text(path: str, option: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise click.BadParameter(f"{path}: expected a file that can be read: {why}", param_hint=option) from None


def _rules(options: dict[str, Any]) -> AlertRules:
    from ringthrough.analytics.alerts import default_rules, read_rules

    path = options["rules"]
    return default_rules() if path is None else read_rules(_text(path, "--rules"), path)


def _thresholds(options: dict[str, Any]) -> Thresholds | None:
    from ringthrough.analytics.risk import parse_thresholds

    path = options["thresholds"]
    return None if path is None else parse_thresholds(_text(path, "--thresholds"), path)


def channels_of(options: dict[str, Any]) -> tuple[Channel, ...]:
    """
    Return where to tell people, but for standard output.

    Raises:
        LocalError: a URL or an address is none.
    """
    made: list[Channel] = []
    tls = None if options["ca"] is None else _authorities(options["ca"])
    if options["appended"]:
        from ringthrough.drivers.notify_file import AppendedFile

        made += [AppendedFile(path) for path in options["appended"]]
    if options["webhooks"]:
        from ringthrough.drivers.notify_webhook import Webhook

        secret = _secret(options["webhook_secret"], SECRET, "--webhook-secret")
        made += [
            Webhook(url, secret=secret.encode() if secret else None, private=options["webhook_private"], tls=tls)
            for url in options["webhooks"]
        ]
    if options["mail_to"]:
        made.append(_mail(options, tls))
    return tuple(made)


def _mail(options: dict[str, Any], tls: ssl.SSLContext | None) -> Channel:
    from ringthrough.drivers.notify_mail import Mail, MailServer, own_address

    host, port = ("127.0.0.1", 0) if options["smtp"] is None else _place(options["smtp"])
    security = options["smtp_tls"] or ("none" if options["smtp"] is None else "starttls")
    password = _secret(options["smtp_password"], PASSWORD, "--smtp-password") if options["smtp_user"] else ""
    if options["smtp_user"] and not password:
        raise click.UsageError(f"--smtp-user needs a password: --smtp-password FILE, or {PASSWORD}.")
    server = MailServer(host, port, security, options["smtp_user"], password, tls=tls)
    return Mail(server, options["mail_from"] or own_address(), options["mail_to"])


def _place(text: str) -> tuple[str, int]:
    """Read HOST, HOST:PORT or [ADDRESS]:PORT."""
    found = _PLACE.fullmatch(text)
    if found is None or int(found["port"] or 1) not in range(1, 65_536):
        raise click.BadParameter(f"expected HOST or HOST:PORT, found {text!r}", param_hint="--smtp")
    return found["six"] or found["name"], int(found["port"] or 0)


def _secret(path: str | None, variable: str, option: str) -> str:
    """Read a secret; it is never shown."""
    if path is None:
        return os.environ.get(variable, "")
    found = _text(path, option).strip()
    if not found:
        raise click.BadParameter(f"{path}: expected a secret, found nothing", param_hint=option)
    return found


def _authorities(path: str) -> ssl.SSLContext:
    import ssl

    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ssl.SSLError) as fault:
        raise click.BadParameter(f"{path}: expected certificates, PEM: {fault.strerror or fault}",
                                 param_hint="--ca") from None  # fmt: skip
