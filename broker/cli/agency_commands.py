"""Commands of an agency's integration engineer: try an adapter, send files in."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from broker.cli.shared import HomeOption, JsonOption, errors, opened, print_json
from broker.runtimes.reading import read_natively

Files = Annotated[list[Path], typer.Argument(help="Native files.", exists=True, dir_okay=False, readable=True)]
Kind = Annotated[str, typer.Option("--kind", help="The adapter, such as health.hl7_adt; mash read --help lists them.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(read)
    app.command()(ingest)


def read(
    files: Files,
    kind: Kind,
    agency: Annotated[str, typer.Option("--agency", help="Read as this agency would.")] = "example-agency",
) -> None:
    """Read files with an adapter alone: events as JSON lines on standard output, a summary per file on standard error.

    Uses no number, signs nothing, changes nothing; needs no home.
    Kinds: health.hl7_adt, local_authority.cin, local_authority.case_extract, schools.mis, schools.roll,
    police.notices, contract_json.

    Example:  mash read census.xml --kind local_authority.cin > events.jsonl
    """
    for path in files:
        found = read_natively(path, kind=kind, agency=agency)
        for event in found.events:
            sys.stdout.write(json.dumps(event, ensure_ascii=False, sort_keys=True) + "\n")
        sys.stdout.flush()
        errors().print_json(json.dumps({"file": path.name, **found.summary}))


def ingest(
    files: Files,
    agency: Annotated[str, typer.Option("--agency", help="Whose files they are.")],
    kind: Annotated[
        str, typer.Option("--kind", help="The adapter. Default: contract events as JSON.")
    ] = "contract_json",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read files, sign and number their events, and send them through the exchange.

    Example:  mash ingest notices.json --agency wrenshire-police --kind police.notices
    """
    with opened(home) as runtime:
        shown = track(files, "reading", console=errors(), transient=True) if len(files) > 1 else files
        summaries = [(path.name, runtime.ingest(path, agency=agency, kind=kind)) for path in shown]
        done = runtime.tick()
    if as_json:
        print_json({"files": [{"file": n, **s.as_json()} for n, s in summaries], "done": done.as_json()})
        return
    for name, summary in summaries:
        told = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in summary.counts.items() if count)
        errors().print(f"{name}: {told or 'nothing in it'}")
    errors().print(", ".join(f"{count} {what.replace('_', ' ')}" for what, count in done.as_json().items() if count))
