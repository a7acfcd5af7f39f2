"""Commands that run one process of the streaming runtime, and renew keys."""

import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.shared import OPERATORS, HomeOption, console, home_chosen, waiting

if TYPE_CHECKING:
    from broker.runtimes.settings import Settings
    from broker.runtimes.streaming import Process

keys_app = typer.Typer(
    help="The keys that messages on Kafka are sealed to and signed with, and the root key.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (hub, sequencer, release, adapter, projector):
        app.command(rich_help_panel=OPERATORS)(command)
    app.command(rich_help_panel=OPERATORS)(health)
    keys_app.command("renew")(renew)
    keys_app.command("renew-signing")(renew_signing)
    keys_app.command("renew-root")(renew_root)
    app.add_typer(keys_app, name="keys", rich_help_panel=OPERATORS)


def hub(home: HomeOption = None) -> None:
    """Run one hub worker: take in what agencies publish, decide, answer, take receipts, sweep deadlines.

    Several may run; they share the agencies' topics. Stop it with Ctrl-C or SIGTERM; it finishes what it has begun.
    Logs go to standard error as JSON lines.

    Example:  mash hub, with MASH_KAFKA_USER=hub in the environment
    """
    _run(home, lambda streaming, settings: streaming.open_hub(settings))


def sequencer(home: HomeOption = None) -> None:
    """Run the sequencer: put records into the ledger and sign what it has become. A second one waits in reserve.

    Example:  mash sequencer, with MASH_KAFKA_USER=sequencer in the environment
    """
    _run(home, lambda streaming, settings: streaming.open_sequencer(settings))


def release(home: HomeOption = None) -> None:
    """Run the release: send what is sealed and still lawful, and send again what did not arrive.

    Example:  mash release, with MASH_KAFKA_USER=release in the environment
    """
    _run(home, lambda streaming, settings: streaming.open_release(settings))


def adapter(
    agency: Annotated[str, typer.Argument(help="The agency, as in the partnership's directory.", metavar="AGENCY")],
    home: HomeOption = None,
) -> None:
    """Run an agency's own side: read what lies in its folders inbox/KIND/, publish it, take the exchange's answers.

    It needs the agency's folder and the exchange's public key, and nothing else of the exchange.

    Example:  mash adapter wrenshire-police, with MASH_KAFKA_USER=agency.wrenshire-police in the environment
    """
    _run(home, lambda streaming, settings: streaming.open_agency(settings, agency))


def projector(
    recipient: Annotated[
        str, typer.Argument(help="The recipient, as in the partnership's directory.", metavar="RECIPIENT")
    ],
    home: HomeOption = None,
) -> None:
    """Run a recipient's own side: keep what is delivered in its view, and send the receipts it has signed.

    It needs the recipient's folder and the exchange's public key, and nothing else of the exchange.

    Example:  mash projector school-ashdown, with MASH_KAFKA_USER=recipient.school-ashdown in the environment
    """
    _run(home, lambda streaming, settings: streaming.open_recipient(settings, recipient))


def health() -> None:
    """Ask the process at MASH_MONITOR_AT whether it works just now; exits with 1 if not, and says why.

    For health checks of containers and supervisors. The same is told over HTTP at /ready; /live tells only whether its
    turns end, and /metrics its figures.

    Example:  mash health, with MASH_MONITOR_AT=127.0.0.1:9464 in the environment
    """
    from broker.cli.exit_codes import FOUND_SOMETHING
    from broker.runtimes.asking import is_ready
    from broker.runtimes.settings import read_settings

    works, said = is_ready(read_settings().monitor_at)
    console().print(said, markup=False)
    if not works:
        raise typer.Exit(FOUND_SOMETHING)


def renew(
    who: Annotated[
        str, typer.Argument(help="exchange, agency.ID or recipient.ID; all of the home's by default.", metavar="WHO")
    ] = "",
    home: HomeOption = None,
) -> None:
    """Give readers new keys that messages are sealed to from now on. Do it once a week.

    Old keys open what is on its way for eight days more, then they are destroyed, and with them what any topic or copy
    of one may still hold.

    Example:  mash keys renew
    """
    from broker.runtimes.exchange import clock_of
    from broker.runtimes.home import Home
    from broker.runtimes.readers import renewed_in
    from broker.runtimes.settings import read_settings

    place = Home(read_settings(home=home or home_chosen.get("home")).home)
    place.check_exists()
    for owner, keys in renewed_in(place, who, now=clock_of(place).now()).items():
        console().print(f"{owner}: {keys.current.keyid}, and {len(keys.keys) - 1} older still open.", markup=False)


def renew_signing(
    who: Annotated[str, typer.Argument(help="agency.ID or recipient.ID.", metavar="WHO")],
    at_once: Annotated[
        bool, typer.Option("--at-once", help="The key before it may be known to others: take nothing more under it.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Give an agency or a recipient a new key to sign with: when one who had the old one leaves, or it may be known.

    Its process signs with it from then on, also what waits there. The old key is taken for eight days more. A
    person's key: mash person renew.

    Example:  mash keys renew-signing agency.wrenshire-police --at-once
    """
    from datetime import timedelta

    from broker.runtimes.exchange import clock_of
    from broker.runtimes.home import Home
    from broker.runtimes.settings import read_settings
    from broker.runtimes.signing_keys import STILL_TAKEN_FOR, renew_signing_key

    place = Home(read_settings(home=home or home_chosen.get("home")).home)
    place.check_exists()
    still = timedelta(0) if at_once else STILL_TAKEN_FOR
    keyid = renew_signing_key(place, who, now=clock_of(place).now(), still_taken_for=still)
    before = "counts no more" if at_once else f"counts for {still.days} days more"
    console().print(f"{who}: {keyid}. The one before {before}. Its processes sign with it from now on.", markup=False)


def renew_root(
    new: Annotated[Path, typer.Argument(help="Where to write the new root key: outside the home.", metavar="NEW_FILE")],
    home: HomeOption = None,
) -> None:
    """Wrap every key anew under a new root key: when one who had the old one leaves, or it may be known.

    Stop the exchange's processes first; one that runs on opens nothing more. Cut short, run it again with the same
    file. Backups made before open by the old root key alone: keep it as long as one of them, then destroy it.

    Example:  mash keys renew-root /etc/mash/root-key-2
    """
    from broker.runtimes.home import with_demo_key
    from broker.runtimes.root_keys import renew_root_key
    from broker.runtimes.settings import read_settings

    was_to_do = renew_root_key(with_demo_key(read_settings(home=home or home_chosen.get("home"))), new)
    said = "Only this root key opens the home's keys now." if was_to_do else "That was done before: nothing to do."
    console().print(f"{said}\nNext:  export MASH_ROOT_KEY_FILE={new}  and start every process anew.", markup=False)


def _run(home: Path | None, opened: "Callable[[ModuleType, Settings], Process]") -> None:
    from broker.runtimes.kafka import check_client
    from broker.runtimes.logs import configure
    from broker.runtimes.settings import read_settings

    settings = read_settings(home=home or home_chosen.get("home"))
    check_client()
    from broker.runtimes import streaming

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    configure(settings.log_level)
    with waiting("connecting"):
        process = streaming.opened_in_time(lambda: opened(streaming, settings), stop)
    if process is not None:
        streaming.run(process, stop, monitor_at=settings.monitor_at)
