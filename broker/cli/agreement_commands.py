"""Commands for a partnership's own agreements: begin one, check it, put it to use."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import AUDITORS, HomeOption, JsonOption, chosen_home, console, errors, print_json, waiting

if TYPE_CHECKING:
    from broker.runtimes.home import Home
    from policies.checks import Checked

agreement_app = typer.Typer(
    help="Your information-sharing agreement: begin one, check it, put it to use.", no_args_is_help=True
)

PathsArgument = Annotated[
    list[Path], typer.Argument(help="A YAML file, a folder of them, or a folder of agreements.", metavar="PATH...")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for name, command in (("new", new), ("check", check), ("use", use), ("list", listed)):
        agreement_app.command(name)(command)
    app.add_typer(agreement_app, name="agreement", rich_help_panel=AUDITORS)


def new(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.", metavar="FOLDER")],
    like: Annotated[
        str,
        typer.Option(
            help="county: clocks of 4, 24 and 72 hours; london: of 2, 6 and 24, and open cases go to their worker; "
            "border: two councils about children who move or are placed across it."
        ),
    ] = "county",
) -> None:
    """Write a fictional agreement into a new folder, to be made your own.

    Example:  mash agreement new our-agreement --like london
    """
    from broker.runtimes.agreements import write_example

    write_example(folder, like)
    out = errors()
    out.print(
        f"Wrote the example into {folder}. Every name in it is made up: put your own in their place.", markup=False
    )
    out.print(f"Next:  mash agreement check {folder}", markup=False)


def check(paths: PathsArgument, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Check an agreement: each fault with its line, the mend, and what the law expects. Exits with 1 on a fault.

    Warnings (what lapses soon, what nobody may decide, who has not been verified) do not keep it from starting.

    Example:  mash agreement check our-agreement
    """
    from broker.runtimes.agreements import check as checked

    with waiting("checking"):
        found = checked(paths, _now(chosen_home(home)).date())
    _show(found, as_json=as_json)
    if any(each.faults for each in found):
        raise typer.Exit(FOUND_SOMETHING)


def use(paths: PathsArgument, home: HomeOption = None) -> None:
    """Put agreements into the home, in the place of those with the same id, which are kept beside.

    A running exchange works by them from its next start; then what was decided before is asked again.

    Example:  mash agreement use our-agreement
    """
    from broker.runtimes.agreements import formers
    from broker.runtimes.agreements import use as put

    chosen = chosen_home(home)
    chosen.check_exists()
    with waiting("checking, and putting them into the home"):
        used = put(chosen, paths, _now(chosen))
    out = errors()
    for each in used:
        if each.agreement is not None:
            out.print(f"{each.agreement.id} {each.agreement.version} is in the home.", markup=False)
    out.print("Now start the exchange's processes anew; agencies and recipients that are new get their keys then.")
    if formers(chosen).exists():
        out.print(f"Undo:  mash agreement use {formers(chosen)}/NAME  for one that stood there before", markup=False)


def listed(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the agreements that the home works by, and what in them needs somebody.

    Example:  mash agreement list
    """
    from broker.runtimes.agreements import of_home

    chosen = chosen_home(home)
    chosen.check_exists()
    found = of_home(chosen, _now(chosen).date())
    if not chosen.agreements.is_dir() and not as_json:
        errors().print("This home has no agreement of its own; it works by the fictional ones that come with mash.")
        errors().print("Begin your own with:  mash agreement new FOLDER")
    _show(found, as_json=as_json)


def _show(found: Sequence["Checked"], *, as_json: bool) -> None:
    from broker.cli.agreement_page import as_json_value, show_checked

    if as_json:
        print_json([as_json_value(each) for each in found])
    else:
        show_checked(console(), found)


def _now(home: "Home") -> datetime:
    from broker.runtimes.exchange import clock_of

    return clock_of(home).now()
