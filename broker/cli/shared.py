"""What every command needs: the home, the person, and two ways of printing."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from broker.runtimes.embedded import Embedded
    from broker.runtimes.home import Home
    from broker.runtimes.people import SignedIn

PRACTITIONERS = "For practitioners"
AGENCIES = "For agencies' engineers"
AUDITORS = "For auditors and authors of agreements"
OFFICERS = "For officers of the partnership"
OPERATORS = "For operators"

HomeOption = Annotated[
    Path | None,
    typer.Option("--home", help="The home folder. Default: what MASH_HOME names, or ./mash-home", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of text for people.")]
RoleOption = Annotated[str, typer.Option("--as", help="Your role, as ROLE or ROLE@RECIPIENT.", metavar="ROLE")]
PersonOption = Annotated[
    str | None, typer.Option("--person", help="Your id, where several people hold the role.", show_default=False)
]

home_chosen: dict[str, Path | None] = {}
"""The home named before the command (``mash --home DIR view ...``); a command's own --home wins."""


def chosen_home(home: Path | None = None) -> "Home":
    """The home that a command is about, whether it is there or not; nothing is opened."""
    from broker.runtimes.home import Home
    from broker.runtimes.settings import read_settings

    return Home(read_settings(home=home or home_chosen.get("home")).home)


@contextmanager
def opened(home: Path | None) -> Iterator["Embedded"]:
    """Open the home for one command and let go of it afterwards; beside the processes, where it is told of Kafka."""
    from broker.runtimes.beside import Beside
    from broker.runtimes.collecting import search_less_often
    from broker.runtimes.embedded import Embedded
    from broker.runtimes.home import with_demo_key
    from broker.runtimes.settings import read_settings

    settings = with_demo_key(read_settings(home=home or home_chosen.get("home")))
    with waiting("opening the home"):
        runtime = (Embedded if settings.kafka is None else Beside).open(settings)
    search_less_often()
    try:
        yield runtime
    finally:
        runtime.close()


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on a terminal what is being done, for as long as it takes."""
    with errors().status(what):
        yield


def signed_in(runtime: "Embedded", role: str, person: str | None) -> "SignedIn":
    """Find who is asking."""
    from broker.runtimes.people import choose

    return choose(runtime.people(), role, person)


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    typer.echo(json.dumps(value, indent=2, sort_keys=True, default=str, ensure_ascii=False))


def console() -> Console:
    """Standard output for people."""
    return Console(highlight=False, soft_wrap=False, emoji=False)


def errors() -> Console:
    """Standard error for people."""
    return Console(stderr=True, highlight=False, emoji=False)
