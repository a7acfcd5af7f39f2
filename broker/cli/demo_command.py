"""The command `mash demo`: a weekend in Wrenshire, in about a minute of reading."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import HomeOption, console, home_chosen, signed_in, waiting

if TYPE_CHECKING:
    from broker.runtimes.embedded import Embedded
    from broker.runtimes.settings import Settings

DEMO_HOME = Path("mash-demo")
STREAMING_HOME = Path("mash-streaming") / "home"
EDITED_ENTRY = 7
VIEWS = ("mash_practitioner@mash-core", "designated_safeguarding_lead@school-ashdown")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(rich_help_panel="Begin here")(demo)


def demo(
    home: HomeOption = None,
    slow: Annotated[bool, typer.Option("--slow", help="Wait for Enter after each step.")] = False,
    streaming: Annotated[
        bool, typer.Option("--streaming", help="Play through the processes that make up has started, and compare.")
    ] = False,
) -> None:
    """Play a weekend in Wrenshire: native files in, lawful shares out, a view of a child, a ledger that notices.

    Everything runs as in production, on made-up people and a scripted clock. Playing it again on the same home
    changes nothing but the log of who opened which view. Without --home it makes ./mash-demo.

    With --streaming, Kafka, PostgreSQL, an OPA server and every process of the exchange carry it; afterwards it is
    played in one process too, and the two are compared. Exits with 1 if they differ.

    Example:  mash demo --slow
    """
    from broker.cli import demo_page
    from broker.runtimes.demo import open_demo, verify_an_edited_copy
    from broker.runtimes.settings import read_settings

    out = console()
    settings = read_settings(home=home or home_chosen.get("home"), default=STREAMING_HOME if streaming else DEMO_HOME)
    demo_page.introduce(out)
    if streaming:
        _through_processes(out, settings, slow=slow)
        return
    with waiting("loading the policy; the first time, making keys for every agency, recipient and person"):
        runtime = open_demo(settings)
    try:
        _tell(out, runtime, slow=slow)
        with waiting("verifying a copy in which somebody edited one row"):
            edited = verify_an_edited_copy(runtime, entry=EDITED_ENTRY)
        demo_page.show_edited(out, edited, EDITED_ENTRY)
        demo_page.show_next(out, settings)
    finally:
        runtime.close()


def _through_processes(out: Console, settings: "Settings", *, slow: bool) -> None:
    from broker.cli import demo_page
    from broker.runtimes.came_to import ON_THE_WAY, differences
    from broker.runtimes.demo import open_streamed_demo, play, schedule, unplayed_twin

    runtime = open_streamed_demo(settings)
    try:
        _tell(out, runtime, slow=slow)
        with tempfile.TemporaryDirectory(prefix="mash-twin-") as folder:
            twin = unplayed_twin(runtime, Path(folder))
            try:
                with waiting("playing it in one process, to compare"):
                    for _ in play(twin, (*schedule().scene, *schedule().weekend)):
                        pass
                    for role in VIEWS:
                        twin.desk.view("Mia Marsh", signed_in(twin, role, None))
                    twin.tick()
                    found = differences(runtime, twin)
            finally:
                twin.close()
    finally:
        runtime.close()
    demo_page.show_compared(out, found)
    demo_page.show_next(out, settings)
    if any(other for what, (_, other) in found.items() if what not in ON_THE_WAY):
        raise typer.Exit(FOUND_SOMETHING)


def _tell(out: Console, runtime: "Embedded", *, slow: bool) -> None:
    from broker.cli import demo_page
    from broker.runtimes.demo import play, schedule

    tally = demo_page.Tally()
    the_schedule = schedule()
    with waiting("setting the scene"):
        for played in play(runtime, the_schedule.scene):
            tally.add(played)
    out.print(tally.scene())
    for played in play(runtime, the_schedule.weekend):
        tally.add(played)
        demo_page.show_step(out, runtime, played)
        _pause(out, slow=slow)
    views = [runtime.desk.view("Mia Marsh", signed_in(runtime, role, None)) for role in VIEWS]
    demo_page.show_views(out, views, pause=lambda: _pause(out, slow=slow))
    _pause(out, slow=slow)
    runtime.tick()
    demo_page.show_figures(out, tally, runtime.reconcile())
    out.print(f"\nSealed checkpoint of the log:\n{runtime.checkpoint()}", markup=False, soft_wrap=True)


def _pause(out: Console, *, slow: bool) -> None:
    """Wait for the reader, where one is there to press Enter."""
    if not slow:
        return
    try:
        out.input("\n      [dim]Enter for the next step [/dim]")
    except EOFError:
        out.print("")
