"""Can I share this? Six questions about sender, concern and recipient, and an answer with the law."""

import sys
from collections.abc import Mapping
from typing import Annotated, cast

import typer

from broker.cli.shared import PRACTITIONERS, JsonOption, chosen_home, console, errors, print_json, waiting

CONCERNS = {
    "danger": "a child may be in danger now, or has been seriously harmed",
    "crime": "a child may be suffering significant harm, and a crime may have been committed",
    "harm": "a child may be suffering significant harm",
    "help": "the family needs help; nobody is unsafe",
    "worry": "something small that was noticed",
}
FAMILY = {
    "not_asked": "nobody has asked the family",
    "agreed": "they agree to a service",
    "said_no": "they said no",
    "unsafe_to_ask": "asking would put the child or somebody else at risk",
}
KNOWN = {
    "nothing": "no case is open, or nobody knows of one",
    "open_case": "children's social care has an open case",
    "enquiry": "an enquiry under section 47 is running",
}
WHAT = {
    "childs_words": "what the child said",
    "school_concern": "what the school noticed",
    "attendance": "attendance at school",
    "health": "the child's health",
    "mental_health": "the child's mental health",
    "sexual_health": "the child's sexual health",
    "parents_health": "a parent's health",
    "police_incident": "what police attended",
    "allegation": "what somebody is accused of",
    "conviction": "a conviction",
    "address": "where the child lives",
    "guarded_address": "an address that is kept from somebody",
    "other_peoples_names": "names of others: friends, neighbours",
    "who_told_us": "who told us",
    "case_notes": "social care's case notes",
}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command(rich_help_panel=PRACTITIONERS)(advise)


def advise(
    sender: Annotated[str | None, typer.Option("--from", help="Your agency's id.", show_default=False)] = None,
    to: Annotated[str | None, typer.Option("--to", help="Whom you would tell.", show_default=False)] = None,
    concern: Annotated[
        str | None, typer.Option("--concern", help=f"How grave: {', '.join(CONCERNS)}.", show_default=False)
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option("--what", help=f"What it holds, again for each: {', '.join(WHAT)}.", show_default=False),
    ] = None,
    family: Annotated[
        str | None, typer.Option("--family", help=f"The family: {', '.join(FAMILY)}.", show_default=False)
    ] = None,
    known: Annotated[
        str | None, typer.Option("--known", help=f"Social care: {', '.join(KNOWN)}.", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Can I share this? Six questions, asked where they are left out, and an answer with the law.

    No names are asked for, nothing is kept, and nothing is shared.

    Example:  mash advise --from ashdown-primary --to mash-core --concern harm --family not_asked
    """
    from broker.runtimes.advising import an_adviser
    from broker.services.advise import Asked, Concern, Family, Known
    from contracts.words import AgencyId, RecipientId

    with waiting("opening the policy"):
        opened = an_adviser(chosen_home())
    with opened as adviser:
        asked = Asked(
            AgencyId(sender or _ask("Who are you?", adviser.agencies(), "--from")),
            RecipientId(to or _ask("Whom would you tell?", adviser.places(), "--to")),
            cast("Concern", _one_of(concern, CONCERNS, "How grave is it?", "--concern")),
            tuple(what) if what else (_ask("What does it hold, most of all?", WHAT, "--what"),),
            cast("Family", _one_of(family, FAMILY, "What does the family say?", "--family")),
            cast("Known", _one_of(known, KNOWN, "What does children's social care have?", "--known")),
        )
        advice = adviser.advise(asked)
    from broker.cli.advice_page import as_json_value, show_advice

    if as_json:
        print_json(as_json_value(advice))
    else:
        show_advice(console(), advice)


def _one_of(given: str | None, options: Mapping[str, str], question: str, flag: str) -> str:
    if given is None:
        return _ask(question, options, flag)
    if given not in options:
        msg = f"{given!r} is none of {', '.join(options)}"
        raise typer.BadParameter(msg, param_hint=flag)
    return given


def _ask(question: str, options: Mapping[str, str], flag: str) -> str:
    """Let a person choose by number or word; where nobody can be asked, say which option is missing."""
    if not sys.stdin.isatty():
        msg = f"it is missing; choose one of {', '.join(options)}"
        raise typer.BadParameter(msg, param_hint=flag)
    words, out = list(options), errors()
    out.print(f"\n[bold]{question}[/bold]")
    for number, word in enumerate(words, start=1):
        out.print(f"  {number:>2}  {options[word]} ({word})", markup=False)
    while True:
        said: str = typer.prompt("Number", err=True).strip()
        if said in options:
            return said
        if said.isdecimal() and 0 < int(said) <= len(words):
            return words[int(said) - 1]
        out.print(f"Choose a number from 1 to {len(words)}.")
