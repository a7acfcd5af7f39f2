"""The reference page of every reason code, for people."""

from itertools import groupby

from policies.engine.explanations import RuleText, RuleTexts

INTRODUCTION = (
    "Every reason that can stand in a decision, what it means and what would allow a refused share. "
    "Generated from the rules' own metadata by `python -m policies.build`."
)


def rules_page(texts: RuleTexts) -> str:
    """The page as Markdown: one section per rule, one entry per code."""
    by_rule = sorted(texts.codes, key=lambda text: (text.rule, text.code))
    parts = [
        "# Rules and reason codes",
        "",
        INTRODUCTION,
    ]
    for _, group in groupby(by_rule, key=lambda text: text.rule):
        parts += ["", *_section(list(group))]
    return "\n".join(parts) + "\n"


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
