"""The reference page of every reason code and of the law behind them, for people."""

from collections.abc import Iterable
from itertools import groupby

from policies.engine.explanations import RuleText, RuleTexts
from policies.engine.law import Law, LawRow

INTRODUCTION = (
    "Every reason that can stand in a decision, what it means, what would allow a refused share; and the law as data."
    " Generated from the rules' own metadata and from `policies/law` by `python -m policies.build`;"
    " `mash policy catalogue` searches the same. No partnership's data protection officer has confirmed any rule yet."
)
_OF_THE_LAW = (
    "Each row says from when until when it holds and at which moment it is judged. What is not confirmed stands here"
    " from memory or second hand, and a lawyer must look at it."
)
_REFUSES = frozenset({"bar", "ask"})


def rules_page(texts: RuleTexts, law: Law) -> str:
    """The page as Markdown: an index of what keeps something back, a section per rule, the law."""
    by_rule = sorted(texts.codes, key=lambda text: (text.rule, text.code))
    parts = ["# Rules and reason codes", "", INTRODUCTION, "", *_index(texts.codes)]
    for _, group in groupby(by_rule, key=lambda text: text.rule):
        parts += ["", *_section(list(group))]
    return "\n".join([*parts, "", *_law(law)]) + "\n"


def law_rows(law: Law) -> tuple[tuple[str, str, LawRow], ...]:
    """Every row of the law with its sort and its name."""
    sorts: tuple[tuple[str, Iterable[tuple[str, LawRow]]], ...] = (
        ("basis or condition", ((f"Article {row.article}({row.id})", row) for row in law.articles)),
        ("Schedule 1", ((f"paragraph {row.id}", row) for row in law.conditions)),
        ("exit from Part 3", ((row.id, row) for row in law.part3_exits)),
        ("gateway", ((row.id, row) for row in law.gateways)),
        ("bar", ((row.restriction.value, row) for row in law.bars)),
    )
    return tuple((sort, name, row) for sort, rows in sorts for name, row in rows)


def _index(codes: Iterable[RuleText]) -> list[str]:
    """What keeps something back, by what a practitioner reads."""
    lines = [
        "## Why was somebody not told?",
        "",
        "Look for the words you were shown.",
        "",
        "| you read | who lifts it | code |",
        "|---|---|---|",
    ]
    for text in sorted(codes, key=lambda text: text.message.casefold()):
        if _REFUSES & set(text.kind):
            who = "nobody" if text.forbids else "a person" if "ask" in text.kind else "see there"
            lines.append(f"| {text.message} | {who} | [`{text.code}`](#{text.code.replace('.', '')}) |")
    return lines


def _section(texts: list[RuleText]) -> list[str]:
    first = texts[0]
    lines = [
        f"## {first.title}",
        "",
        first.description,
        "",
        f"Rule `{first.rule}`, owned by {first.owner}, in effect since {first.effective_from}.",
        "",
    ]
    lines += [f"- [{reference.description}]({reference.ref})" for reference in first.references]
    for text in texts:
        lines += ["", f"### `{text.code}`", "", f"{text.message}. ({', '.join(text.kind)})"]
        if text.would_allow:
            lines += ["", f"What would allow it: {text.would_allow}."]
    return lines


def _law(law: Law) -> list[str]:
    lines = [
        "## The law as data",
        "",
        _OF_THE_LAW,
        "",
        "| sort | name | citation | in force | judged at | confirmed |",
        "|---|---|---|---|---|---|",
    ]
    for sort, name, row in law_rows(law):
        until = f" until {row.in_force_to}" if row.in_force_to else ""
        confirmed = "yes" if row.confirmed else "**no**"
        cited = f"[{row.citation}]({row.ref})"
        lines.append(f"| {sort} | {name} | {cited} | from {row.in_force_from}{until} | {row.judged_at} | {confirmed} |")
    return lines
