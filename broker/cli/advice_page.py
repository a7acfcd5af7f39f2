"""An answer to "Can I share this?", for somebody with a child in front of them."""

from dataclasses import replace
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from broker.cli.explanation_page import NOISE, show_references
from broker.cli.words import FORMS, NOT_A_REFERRAL, cell, law
from broker.services.advise import Advice
from broker.services.explain import Said
from contracts.words import Duty, Effect

_NO_CONSENT = (
    "You do not need the parents' or the child's permission: this does not rest on consent. Tell them what you share"
    " unless that would put somebody at risk; your safeguarding lead decides, and writes down why."
)
_AGREED = (
    "It goes because the family agreed to a service; without that a person would decide."
    " The lawful basis is not their consent."
)
_ASKED_ALREADY = (
    "They said no. That does not settle it, but write down why you share all the same, and tell them if that is safe."
)


def show_advice(console: Console, advice: Advice) -> None:
    """Print the answer, then what it rests on, what may go along, and what to do."""
    leg = replace(advice.leg, why=()) if advice.leg.effect is Effect.WITHHOLD else advice.leg
    console.print(f"[bold]{escape(_answer(advice))}[/bold]")
    if leg.effect is Effect.SHARE:
        _footing(console, advice)
    for title, reasons in (("why", leg.why), ("why not", leg.why_not), ("a person decides", leg.needs_a_person)):
        for reason in reasons:
            _line(console, f"{title}: {reason.text}")
    for text in leg.would_allow:
        _line(console, f"what would allow it: {text}")
    if leg.effect is not Effect.WITHHOLD:
        _parts(console, advice)
    for text in leg.you_must if leg.effect is Effect.SHARE else ():
        _line(console, f"whoever is told must: {text}")
    show_references(console, [leg])
    console.print("\nNothing of this was recorded, and no share was made: report it through your own system.")
    console.print(f"{NOT_A_REFERRAL}", style="bold")


def _footing(console: Console, advice: Advice) -> None:
    """What the share rests on, and what that means for asking the family."""
    _line(console, _NO_CONSENT if advice.needs_no_leave else _AGREED)
    if advice.asked.family == "said_no":
        _line(console, _ASKED_ALREADY)
    _line(console, f"law: {law(advice.leg.basis)}")
    if advice.leg.necessity:
        _line(console, f"why it is needed: {advice.leg.necessity}")


def as_json_value(advice: Advice) -> dict[str, Any]:
    """The same for machines."""
    leg = advice.leg
    return {
        "answer": _answer(advice),
        "effect": leg.effect,
        "duty": leg.duty,
        "law": law(leg.basis),
        "needs_no_leave": advice.needs_no_leave,
        **{name: _said(each) for name, each in (("why", leg.why), ("why_not", leg.why_not))},
        "a_person_decides": _said(leg.needs_a_person),
        "would_allow": list(leg.would_allow),
        "parts": {cell(category, about): form for category, about, form in _cells(advice)},
    }


def _answer(advice: Advice) -> str:
    to, door = advice.to.name, advice.front_door
    match advice.leg.effect:
        case Effect.SHARE if advice.duty is Duty.MUST:
            return f"Yes. The law requires you to tell {to}."
        case Effect.SHARE:
            return f"Yes, you may tell {to}, and are expected to unless you can say why not."
        case _ if advice.leg.effect is Effect.ASK or _waits_only(advice):
            return (
                f"Not by yourself: a person decides whether {to} is told. Report it, or ring {door.name}, {door.phone}."
            )
        case _:
            return f"No, not to {to} in this way. If you are worried all the same, ring {door.name}, {door.phone}."


def _waits_only(advice: Advice) -> bool:
    """Whether nothing is left for this place just because all of it waits for a person."""
    return bool(advice.leg.needs_a_person) and {each.code for each in advice.leg.why_not} <= {"minimise.nothing_left"}


def _parts(console: Console, advice: Advice) -> None:
    for category, about, form in _cells(advice):
        _line(console, f"{cell(category, about)}: {FORMS[form]}")


def _cells(advice: Advice) -> list[tuple[str, str, str]]:
    cells = (*advice.leg.given, *advice.leg.kept_back)
    return [(category, about, form.value) for category, about, form in cells if category not in NOISE]


def _said(reasons: tuple[Said, ...]) -> list[dict[str, str]]:
    return [{"code": each.code, "text": each.text} for each in reasons]


def _line(console: Console, text: str) -> None:
    console.print(Padding(escape(text), (0, 0, 0, 2)))
