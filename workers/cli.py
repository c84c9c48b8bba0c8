"""The command `leadloop`. Heavy modules are imported inside the commands that need them."""

import logging
import os
import sys
from typing import Annotated, NoReturn

import typer

from workers.cli_account import account_app
from workers.cli_actions import actions_app
from workers.cli_demo import demo
from workers.cli_import import import_
from workers.cli_lead import lead_app
from workers.cli_list import list_app
from workers.cli_playbook import playbook_app
from workers.cli_report import report_app
from workers.cli_roster import roster_app
from workers.cli_sla import sla_app
from workers.errors import CliError
from workers.misuse import usage
from workers.plain_text import clean
from workers.settings import Settings, load_settings

UNEXPECTED = 1

app = typer.Typer(
    name="leadloop",
    help="Keeps every sales lead alive, from capture to feedback.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(sla_app, name="sla")
app.add_typer(actions_app, name="actions")
app.add_typer(lead_app, name="lead")
app.add_typer(list_app, name="list")
app.add_typer(account_app, name="account")
app.add_typer(playbook_app, name="playbook")
app.add_typer(roster_app, name="roster")
app.add_typer(report_app, name="report")
app.command(name="import")(import_)
app.command(name="demo")(demo)


@app.command()
def up() -> None:
    """Run everything on this machine: PostgreSQL, Temporal, courier, worker and API. Ctrl-C stops it."""
    settings = _settings_and_logs()
    from workers.up import run  # noqa: PLC0415  heavy

    run(settings)


@app.command()
def api() -> None:
    """Serve HTTP: events in, leads and playbook out."""
    settings = _for_a_process()
    from workers.api_process import run  # noqa: PLC0415  heavy, and not before the settings are known to be good

    run(settings)
    _leave()


@app.command()
def worker() -> None:
    """Run leads: their workflows and what they do."""
    settings = _for_a_process()
    from workers.worker_process import run  # noqa: PLC0415  heavy, and not before the settings are known to be good

    run(settings)
    _leave()


@app.command()
def courier() -> None:
    """Ring leads that have mail, and heal what was lost."""
    settings = _for_a_process()
    from workers.courier_process import run  # noqa: PLC0415  heavy, and not before the settings are known to be good

    run(settings)
    _leave()


@app.command()
def observer(
    recount: Annotated[bool, typer.Option("--recount", help="Count everything anew, and end.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Count what happens to leads, and serve the figures that operators watch."""
    settings = _for_a_process()
    from workers import observer_process  # noqa: PLC0415  heavy, and not before the settings are known to be good

    if recount:
        counted = observer_process.recount(settings)
        typer.echo(f"Counted {counted.lines} lines of {counted.leads} leads anew.")
        return
    observer_process.run(settings)
    _leave()


@app.command()
def reconcile(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look.")] = False,  # noqa: FBT002  a flag
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Look for leads that leak, and ring them; exit code 1 when there are any."""
    settings = _settings_and_logs()
    from workers import cli_reconcile  # noqa: PLC0415  heavy

    leaks = cli_reconcile.run(settings, mends=not dry_run, as_json=as_json)
    raise typer.Exit(int(leaks > 0))


@app.command()
def migrate() -> None:
    """Bring the database to this version. Safe to run twice, and from several machines at once."""
    settings = _settings_and_logs()
    from workers import endpoints, migration  # noqa: PLC0415  heavy

    typer.echo(f"The database stands at {migration.migrate(endpoints.database_url(settings), settings.timezone)}.")


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:  # noqa: FBT002  a flag
    """Look whether everything Leadloop needs is there and works; exit code 1 when something does not."""
    from workers.doctor import examine, show  # noqa: PLC0415  heavy

    checks = examine(load_settings())
    show(checks, as_json=as_json)
    raise typer.Exit(int(any(check.verdict == "bad" for check in checks)))


def main() -> None:
    """Run a command. A person sees one line for an error of theirs (exit code 2) or of ours (1), never a traceback.

    LEADLOOP_DEBUG=1 shows tracebacks of unexpected errors; they can hold personal data.
    """
    try:
        # not standalone: the parser would draw a box around what is wrong
        sys.exit(app(standalone_mode=False))
    except CliError as refusal:
        _fail(str(refusal), refusal.exit_code)
    except typer.TyperException as misuse:
        _fail(usage(misuse), misuse.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader went; nothing to flush to
        sys.exit(UNEXPECTED)
    except Exception as error:
        if os.environ.get("LEADLOOP_DEBUG", "") not in ("", "0", "false"):
            raise
        if getattr(type(error), "safe_message", False) is True:
            _fail(str(error), CliError.exit_code)
        _fail(_unexpected(error), UNEXPECTED)


def _settings_and_logs() -> Settings:
    from workers.logs import configure_logs  # noqa: PLC0415  commands that print data do without

    settings = load_settings()
    configure_logs(settings.log_format, level=settings.log_level)
    return settings


def _for_a_process() -> Settings:
    """Settings of a server process, which always needs a database of its own."""
    settings = _settings_and_logs()
    settings.require_database_url()
    return settings


def _leave() -> NoReturn:
    """End a server process that has stopped in order, without taking the interpreter apart.

    A thread of the Temporal SDK may still call into it, which then aborts the process with a core dump.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _unexpected(error: Exception) -> str:
    """Class and place, but not the message: it may quote a person's data."""
    from workers.scrub import describe  # noqa: PLC0415  only when something went wrong

    described = describe(error)
    place = (described["frames"] or ["?"])[-1]
    return f"unexpected {described['type']} at {place}; LEADLOOP_DEBUG=1 shows more"


def _fail(message: str, code: int) -> None:
    if line := " ".join(clean(message).split()):
        sys.stderr.write(f"leadloop: {line}\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
