"""Commands of whoever writes or tests an agreement."""

from dataclasses import asdict
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
    policy_app.command("check")(check)
    policy_app.command("catalogue")(catalogue)
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


def check(as_json: JsonOption = False) -> None:
    """Check the rules, their tests, the law and the shipped agreements, as every build does. Exits with 1 on a fault.

    It needs a checkout of the source and the opa binary.

    Example:  mash policy check
    """
    from broker.runtimes.policy_desk import check_policy

    out, found = console(), []
    with waiting("checking"):
        for each in check_policy():
            found.append(each)
            if not as_json:
                out.print(f"{'right  ' if each.is_right else '[bold]WRONG[/bold]  '}{escape(each.what)}")
                for text in (each.wrong, f"mend: {each.mend}") if not each.is_right else ():
                    out.print(Padding(escape(text), (0, 0, 0, 9)))
    if as_json:
        print_json([{"what": each.what, "wrong": each.wrong, "mend": each.mend} for each in found])
    if not all(each.is_right for each in found):
        raise typer.Exit(FOUND_SOMETHING)


def catalogue(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words that must all stand in it.", metavar="WORD...")
    ] = None,
    unconfirmed: Annotated[
        bool, typer.Option("--unconfirmed", help="Only law that nobody has confirmed: from memory or second hand.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Search what the policy knows: each rule's reasons, each row of law, each event type, in plain words.

    Example:  mash policy catalogue nursery
    """
    from broker.runtimes.policy_desk import catalogue as searched

    found = searched(words or (), unconfirmed=unconfirmed)
    if as_json:
        print_json([asdict(each) for each in found])
        return
    out = console()
    for each in found:
        mark = "" if each.confirmed is not False else "  [bold]not confirmed[/bold]"
        out.print(f"[bold]{escape(each.name)}[/bold]  {escape(each.sort)}{mark}")
        for text in (each.text, each.detail, f"source: {each.source}"):
            if text:
                out.print(Padding(escape(text), (0, 0, 0, 2)))
    out.print(f"{count(len(found), 'entry', 'entries')}." if found else "Nothing has all of these words. Try fewer.")


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
