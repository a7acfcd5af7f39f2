"""Commands of whoever writes or tests an agreement."""

from pathlib import Path
from typing import Annotated

import typer

from broker.cli.shared import JsonOption, console, print_json
from broker.runtimes.policy_desk import decide_file, run_scenarios

FOUND_SOMETHING = 1
policy_app = typer.Typer(help="Ask the policy, and try cases on it.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    policy_app.command("decide")(decide)
    policy_app.command("scenarios")(scenarios)
    app.add_typer(policy_app, name="policy")


def decide(file: Annotated[Path, typer.Argument(help="A question as JSON.", exists=True, dir_okay=False)]) -> None:
    """Print the verdict on a question, as JSON. The question's schema is contracts/schemas/question.schema.json.

    Example:  mash policy decide question.json
    """
    print_json(decide_file(file).model_dump(mode="json"))


def scenarios(
    file: Annotated[
        Path | None, typer.Argument(help="Cases as YAML; without it, the cases that come with mash.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run cases through a whole exchange of their own and compare with what they expect. Exits with 1 on a difference.

    Example:  mash policy scenarios my-cases.yaml
    """
    results = run_scenarios(file)
    if as_json:
        print_json([{"case": r.case, "title": r.title, "differences": list(r.differences)} for r in results])
    else:
        out = console()
        for result in results:
            out.print(f"{'agrees ' if result.is_right else '[bold]DIFFERS[/bold]'}  {result.case}  {result.title}")
            for difference in result.differences:
                out.print(f"         {difference}", markup=False)
        wrong = sum(1 for r in results if not r.is_right)
        out.print(f"{len(results)} cases, {wrong} that differ.")
    if any(not r.is_right for r in results):
        raise typer.Exit(FOUND_SOMETHING)
