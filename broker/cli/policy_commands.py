"""Commands of whoever writes or tests an agreement."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.padding import Padding

from broker.cli.exit_codes import FOUND_SOMETHING
from broker.cli.shared import AUDITORS, JsonOption, chosen_home, console, print_json, waiting
from broker.cli.words import count

if TYPE_CHECKING:
    from rich.console import Console

    from broker.runtimes.policy_desk import ScenarioResult

policy_app = typer.Typer(help="Ask the policy, and try cases on it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    policy_app.command("decide")(decide)
    policy_app.command("scenarios")(scenarios)
    policy_app.command("bundle")(bundle)
    app.add_typer(policy_app, name="policy", rich_help_panel=AUDITORS)


def decide(
    file: Annotated[Path, typer.Argument(help="A question as JSON.", exists=True, dir_okay=False, metavar="FILE")],
) -> None:
    """Print the verdict on a question, as JSON. The question's schema is contracts/schemas/question.v1.json.

    Example:  mash policy decide question.json
    """
    from broker.runtimes.policy_desk import decide_file

    print_json(decide_file(file, chosen_home()).model_dump(mode="json"))


def bundle(
    file: Annotated[Path, typer.Argument(help="Where to write it, as a .tar.gz.", dir_okay=False, metavar="FILE")],
) -> None:
    """Write this policy as a bundle for an OPA server; MASH_OPA_URL then names the server.

    Example:  mash policy bundle policy.tar.gz
    """
    from broker.runtimes.policy_desk import write_bundle

    with waiting("loading the policy"):
        digest = write_bundle(file, chosen_home())
    console().print(f"Wrote {escape(file.name)}, policy {digest[:12]}.")


def scenarios(
    file: Annotated[
        Path | None, typer.Argument(help="Cases as YAML; without it, the cases that come with mash.", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run cases through a whole exchange of their own and compare with what they expect. Exits with 1 on a difference.

    Example:  mash policy scenarios my-cases.yaml
    """
    from broker.runtimes.policy_desk import run_scenarios

    out = console()
    with waiting("loading the policy"):
        results = run_scenarios(file, tell=None if as_json else lambda result: _tell(out, result))
    wrong = sum(1 for result in results if not result.is_right)
    if as_json:
        print_json([{"case": r.case, "title": r.title, "differences": list(r.differences)} for r in results])
    else:
        out.print(f"{count(len(results), 'case')}, {wrong} that differ.")
    if wrong:
        raise typer.Exit(FOUND_SOMETHING)


def _tell(out: "Console", result: "ScenarioResult") -> None:
    mark = "agrees " if result.is_right else "[bold]DIFFERS[/bold]"
    out.print(f"{mark}  {escape(result.case)}  {escape(result.title)}")
    for difference in result.differences:
        out.print(Padding(escape(difference), (0, 0, 0, 9)))
