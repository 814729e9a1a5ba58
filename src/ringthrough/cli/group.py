"""`main`, and a group of commands that imports the module of a command only when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from keyword import iskeyword

import click

from ringthrough import __version__
from ringthrough.errors import Error

__all__ = ["COMMANDS", "LazyGroup", "cli", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "alerts": ("ringthrough.cli.alerts", "Tell what has to be known of the calls, once, and when it is over."),
    "blocks": ("ringthrough.cli.blocks", "Say which numbers carriers block, also where nothing says so."),
    "carriers": ("ringthrough.cli.carriers", "Say how the calls to each carrier fare: answered, blocked, rung."),
    "certs": ("ringthrough.cli.certs", "Keep certificates of callers, and look at how they are fetched."),
    "compare": ("ringthrough.cli.compare", "Set SIP codes and Q.850 causes side by side."),
    "diagnose": ("ringthrough.cli.diagnose", "Say per call of any source why it was refused and by whom."),
    "explain": ("ringthrough.cli.explain", "Explain a SIP code, a Q.850 cause, or a pasted message."),
    "export": ("ringthrough.cli.export", "Write calls of a store as CSV, JSON lines or Parquet."),
    "listen": (
        "ringthrough.cli.listen",
        "Say per call why it was refused, while agents send HEP or an interface is tapped.",
    ),
    "import": ("ringthrough.cli.import_", "Put the calls of files into a store, each file once."),
    "numbers": ("ringthrough.cli.numbers_", "Say how the calls of each number fare: answered, blocked, rung."),
    "report": ("ringthrough.cli.report", "Say what blocks cost, since when, and what to do first: HTML, PDF, JSON."),
    "risk": ("ringthrough.cli.risk", "Say what makes numbers look like a spammer's, and what to do."),
    "simulate": ("ringthrough.cli.simulate", "Make up a capture of calls whose truth is known."),
    "sniff": ("ringthrough.cli.sniff", "Say how a file of call records is written, and propose a profile."),
    "store": ("ringthrough.cli.store", "Make a store of calls, look after it, say what is in it."),
    "verify-card": ("ringthrough.cli.verify_card", "Judge the signed contact card of a 608."),
    "verify-identity": ("ringthrough.cli.verify_identity", "Explain and verify who vouches for the caller of a call."),
}
"Command -> module that holds it under the same name (- as _), and what `ringthrough --help` says of it."

BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell reports a tool that the signal ended
INTERRUPTED = 130  # 128 + SIGINT


class LazyGroup(click.Group):
    """A group that knows its commands by name and loads one when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command."""
        known = COMMANDS.get(cmd_name)
        if known is None:
            return None
        command: click.Command = getattr(import_module(known[0]), _name(cmd_name))
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


def _name(command: str) -> str:
    """Name of a command in its module: `import` is a word of Python."""
    return command.replace("-", "_") + "_" * iskeyword(command)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ringthrough", message="%(prog)s %(version)s")
def cli() -> None:
    """Say why phone calls were refused, by whom, and whom to ask, from captures, traces and call records."""


def main() -> None:
    """Run the command line and leave with its exit status."""
    try:
        status = cli.main(prog_name="ringthrough", standalone_mode=False)
    except click.exceptions.Abort:
        status = INTERRUPTED
    except KeyboardInterrupt:
        status = INTERRUPTED
    except click.ClickException as fault:
        fault.show()
        status = fault.exit_code
    except Error as fault:
        click.echo(f"ringthrough: {fault}", err=True)
        status = 2
    except (BrokenPipeError, SystemExit):  # click makes a SystemExit of a broken pipe, and only of that
        status = BROKEN_PIPE
    if status == BROKEN_PIPE or not _flushed():
        # Python flushes standard output once more at its end and would complain about the closed pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = BROKEN_PIPE
    sys.exit(status if isinstance(status, int) else 0)


def _flushed() -> bool:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return False
    return True
