"""What is made from the cases: the page of how the exchange behaves, and the schemas that help to write one."""

import json
from collections.abc import Iterator
from datetime import datetime

from broker.runtimes.scenario_expected import HERE, Comes, LegExpected
from broker.runtimes.scenario_files import read_bases, read_cases
from broker.runtimes.scenario_format import (
    AboutChild,
    Bases,
    Case,
    DecideStep,
    EventStep,
    OpenStep,
    RequestStep,
    Told,
    WaitStep,
)

AnyStep = EventStep | DecideStep | OpenStep | RequestStep | WaitStep
EFFECT_WORDS = {
    "share": "shared",
    "withhold": "not shared",
    "ask": "decision needed",
    "not_considered": "not considered",
}


def behaviour_page() -> str:
    """Write the page."""
    bases = read_bases()
    before = "\n".join(f"- **{name}**: {base.title}." for name, base in bases.bases.items())
    cases = "\n".join(_case(case) for case in read_cases())
    return f"""# How the exchange behaves

Every case below is run through a whole exchange by the tests: an agency's adapter signs the report, the hub decides and
records it, and what stands here is compared with each recipient's own records. Run them yourself with
`mash policy scenarios`; write your own with [Write a scenario](../how-to/write-a-scenario.md). Everyone in them is
made up. Times are a clock in England. Made by `make generate` from `policies/scenarios/`.

Before a case begins:

{before}

{cases}"""


def case_schema() -> str:
    """The JSON Schema of a case."""
    return _pretty(Case.model_json_schema(by_alias=True))


def bases_schema() -> str:
    """The JSON Schema of the base cases and names."""
    return _pretty(Bases.model_json_schema(by_alias=True))


def _pretty(schema: object) -> str:
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"


def _case(case: Case) -> str:
    given = "".join(f"\n- Before: {_told(told)}" for told in case.given)
    steps = "\n".join(f"{number}. {_step(step)}" for number, step in enumerate(case.steps, start=1))
    never = "".join(
        f"\n- In all this `{recipient}` is never sent: {', '.join(words)}."
        for recipient, words in case.never_receives.items()
    )
    note = f"\n\n{case.note}" if case.note else ""
    return f"""## {case.case}

{case.title}.{note}

- Law and source: {case.source}
- Base: {case.base}{given}

{steps}
{never}
"""


def _step(step: AnyStep) -> str:
    return "".join([_what(step), *(f"\n   - {line}" for line in _comes(step))])


def _what(step: AnyStep) -> str:
    match step:
        case EventStep():
            return _told(step)
        case DecideStep():
            said = "says yes" if step.granted else "says no"
            return f"{_at(step.at)}: the {_words(step.by)} {said} to `{step.decide}`{_taken(step.refused)}."
        case OpenStep():
            return f"{_at(step.at)}: `{step.by}` opens the view of {step.open}{_stays(step.refused)}."
        case RequestStep():
            asked = ", ".join(step.what) or "whatever may be given"
            who = f"{_at(step.at)}: `{step.by}` asks {step.asked_of}"
            return f"{who} for {asked}: “{step.grounds}”{_taken(step.refused)}."
        case WaitStep():
            return f"{_at(step.wait)}: time has passed."


def _told(told: Told) -> str:
    about = told.about.child if isinstance(told.about, AboutChild) else told.about
    sender = told.sender or read_bases().usual[told.event].sender
    weight = ", ".join(part for part in (told.grade or "", f"level {told.level}" if told.level else "") if part)
    return f"{_at(told.at)}: {sender} tells `{told.event}` about {about}{f' ({weight})' if weight else ''}."


def _comes(step: Comes) -> Iterator[str]:
    for recipient, leg in step.expect.items():
        yield f"`{recipient}`: {_leg(leg)}"
    if step.nobody_else:
        yield "Nobody else is sent anything."
    if step.kept_at_edge:
        yield f"The report stays with its agency: `{step.kept_at_edge}`."
    if step.matched:
        yield (
            "A person must say whose records it joins."
            if step.matched == "nobody"
            else f"It joins {step.matched}'s records."
        )
    for task in step.tasks:
        due = f", due {_at(task.due)}" if task.due else ""
        yield f"A question waits: `{task.code}`{f' for the {_words(task.owner)}' if task.owner else ''}{due}."
    for code in step.no_tasks:
        yield f"No question `{code}` waits."
    if step.replies:
        yield f"The sender is told: {', '.join(f'`{reply}`' for reply in step.replies)}."


def _leg(leg: LegExpected) -> str:
    basis = ", ".join(f"{name} {value}" for name, value in leg.basis.items())
    parts = [
        EFFECT_WORDS.get(leg.effect or "", ""),
        {"must": "the law requires it", "may": "allowed", "must_not": "the law forbids it"}.get(leg.duty or "", ""),
        f"on {basis}" if basis else "",
        _list("given", [f"{cell} ({form})" for cell, form in leg.given.items()]),
        _list("kept back", leg.kept_back),
        _list("because", (*leg.grounds, *leg.bars)),
        _list("waits for a person", leg.asks),
        _list("must", leg.obligations),
        _list("holds", [f"“{word}”" for word in leg.contains]),
        _list("never holds", [f"“{word}”" for word in leg.never_contains]),
        "marked as not matched" if leg.unmatched else "",
    ]
    return "; ".join(part for part in parts if part) + "."


def _list(what: str, items: tuple[str, ...] | list[str]) -> str:
    return f"{what}: {', '.join(items)}" if items else ""


def _at(moment: datetime) -> str:
    return moment.astimezone(HERE).strftime("%a %-d %b %Y %H:%M")


def _words(role: str) -> str:
    return role.replace("_", " ")


def _taken(refused: str | None) -> str:
    return f"; it is not taken (`{refused}`)" if refused else ""


def _stays(refused: str | None) -> str:
    return f"; it stays shut (`{refused}`)" if refused else ", and it opens"
