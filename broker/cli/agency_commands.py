"""Commands of an agency's integration engineer: try an adapter, send files in."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from broker.cli.exit_codes import FOUND_SOMETHING, exit_code
from broker.cli.shared import (
    AGENCIES,
    HomeOption,
    JsonOption,
    console,
    errors,
    opened,
    print_json,
    waiting,
)
from broker.core.errors import MashError
from contracts.errors import ContractError

Files = Annotated[
    list[Path],
    typer.Argument(
        help="Native files.", exists=True, dir_okay=False, readable=True, metavar="FILE...", show_default=False
    ),
]
Result = TypeVar("Result")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command(rich_help_panel=AGENCIES)(read)
    app.command(rich_help_panel=AGENCIES)(ingest)


def read(
    files: Files,
    kind: Annotated[str, typer.Option("--kind", help="The format: one of the kinds above.")],
    agency: Annotated[str, typer.Option("--agency", help="Read as this agency would.")] = "example-agency",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summaries as JSON lines for machines, on standard error too.")
    ] = False,
) -> None:
    """Read files with an adapter alone: events as JSON lines on standard output, a summary per file on standard error.

    Uses no number, signs nothing, changes nothing; needs no home. Exits with 1 if anything could not be read.

    Kinds: contract_json (contract events as JSON), health.hl7_adt (HL7 v2 ADT), local_authority.cin (children in need
    census, XML), local_authority.case_extract (CSV), police.notices (JSON), schools.mis (safeguarding notes and
    protection status, JSON), schools.roll (CSV).

    Example:  mash read census.xml --kind local_authority.cin > events.jsonl
    """
    from broker.cli.reading_page import show_reading
    from broker.runtimes.reading import NativeReading, read_natively

    exits = 0
    for path in files:

        def read_one(path: Path = path) -> NativeReading:
            return read_natively(path, kind=kind, agency=agency)

        found = _or_say_why(path, read_one)
        if isinstance(found, int):
            exits = found
            continue
        for event in found.events:
            sys.stdout.write(json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n")
        sys.stdout.flush()
        if as_json:
            sys.stderr.write(json.dumps({"file": path.name, **found.summary}, sort_keys=True) + "\n")
        else:
            show_reading(errors(), path.name, found.summary)
        exits = exits or (FOUND_SOMETHING if found.summary.get("quarantined") else 0)
    raise typer.Exit(exits)


def ingest(
    files: Files,
    agency: Annotated[str, typer.Option("--agency", help="Whose files they are.")],
    kind: Annotated[
        str, typer.Option("--kind", help="The format; mash read --help lists them. Default: contract events as JSON.")
    ] = "contract_json",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files, sign and number their events, and send them through the exchange.

    A file sent again changes nothing. Exits with 1 if anything could not be read; that is kept sealed in the
    agency's quarantine, and all the rest goes out. Exits with 1, too, and says whom to ring, if a red report has
    waited for ten minutes and was not taken.

    Example:  mash ingest notices.json --agency wrenshire-police --kind police.notices
    """
    from broker.cli.reading_page import show_done, show_not_sent, show_reading
    from broker.ports.feed import FileSummary

    exits = 0
    summaries: list[tuple[str, FileSummary]] = []
    with opened(home) as runtime:
        for path in files:

            def ingest_one(path: Path = path) -> FileSummary:
                return runtime.ingest(path, agency=agency, kind=kind)

            found = _or_say_why(path, ingest_one)
            if isinstance(found, int):
                exits = found
                continue
            summaries.append((path.name, found))
            exits = exits or (FOUND_SOMETHING if found.counts["quarantined"] else 0)
        try:
            with waiting("sharing, recording, delivering"):
                done = runtime.follow_up()
        finally:
            if unsent := runtime.not_sent(agency):
                show_not_sent(errors(), len(unsent), runtime.front_door())
                exits = exits or FOUND_SOMETHING
    if as_json:
        print_json(
            {
                "files": [{"file": n, **s.as_json()} for n, s in summaries],
                "done": done and done.as_json(),
            }
        )
    else:
        for name, summary in summaries:
            show_reading(errors(), name, summary.as_json())
        if summaries:
            show_done(console(), done)
    raise typer.Exit(exits)


def _or_say_why(path: Path, work: Callable[[], Result]) -> Result | int:
    """Work on one file; say why it could not be done, so that the next file is not held up, and give the exit code."""
    try:
        with waiting(f"reading {path.name}"):
            return work()
    except (MashError, ContractError) as error:
        sys.stderr.write(f"{path.name}: {error}\n")
        return exit_code(error.code)
