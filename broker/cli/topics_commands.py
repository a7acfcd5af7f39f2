"""Commands of whoever runs the partnership's Kafka."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import OPERATORS, chosen_home, console, waiting
from broker.cli.words import count

if TYPE_CHECKING:
    from broker.core.topics import Changes

topics_app = typer.Typer(help="Lay out the partnership's Kafka: topics, how long they keep what, and who may use them.",
                         no_args_is_help=True)  # fmt: skip

FileArgument = Annotated[
    Path, typer.Argument(help="The topics as YAML; infra/kafka/topics.yaml is the one to begin with.", metavar="FILE")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    topics_app.command("plan")(plan)
    topics_app.command("apply")(apply)
    app.add_typer(topics_app, name="topics", rich_help_panel=OPERATORS)


def plan(file: FileArgument) -> None:
    """Say what `mash topics apply` would change, and change nothing. Exits with 1 if there is anything.

    Example:  mash topics plan infra/kafka/topics.yaml
    """
    from broker.runtimes.settings import read_settings
    from broker.runtimes.topics import planned

    with waiting("asking Kafka"):
        found = planned(file, read_settings().kafka, chosen_home())
    _say(found, "would be changed")


def apply(file: FileArgument) -> None:
    """Make Kafka as the file says: missing topics are made, settings set, and whoever may do more may no longer.

    Topics that the file does not ask for are named and left. Exits with 1 if something cannot be done.

    Example:  mash topics apply infra/kafka/topics.yaml
    """
    from broker.runtimes.settings import read_settings
    from broker.runtimes.topics import applied

    with waiting("laying out Kafka"):
        done = applied(file, read_settings().kafka, chosen_home())
    _say(done, "changed", is_done=True)


def _say(found: "Changes", done: str, *, is_done: bool = False) -> None:
    out = console()
    for line in found.words():
        out.print(escape(line), soft_wrap=True)
    made = len(found.words()) - len(found.strangers) - len(found.impossible)
    out.print("Kafka is as the file says." if found.is_nothing else f"{count(made, 'thing')} {done}.")
    if found.impossible or not (is_done or found.is_nothing):
        raise typer.Exit(FOUND_SOMETHING)
