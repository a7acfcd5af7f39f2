"""What each reason code means in plain words, as the rules' own metadata say."""

from typing import Literal

from pydantic import Field

from contracts.base import Model

Show = Literal["show", "ask_the_mash", "nothing"]
Kind = Literal["ground", "bar", "ask", "warning", "obligation", "pattern"]


class Reference(Model):
    """A statute, guidance or clause, and where to read it."""

    description: str
    ref: str


class RuleText(Model):
    """What a practitioner reads about one reason code.

    ``would_allow`` says what would make a refused share lawful; empty for what is no bar and no ask.
    ``visibility`` names only the audiences for whom it differs from plain showing.
    """

    code: str
    kind: tuple[Kind, ...]
    message: str
    would_allow: str = ""
    forbids: bool = False
    visibility: dict[Literal["sender", "recipient", "mash", "dpo"], Show] = Field(default_factory=dict)
    rule: str
    title: str
    description: str
    owner: str
    effective_from: str
    references: tuple[Reference, ...]


class RuleTexts(Model):
    """Every code, sorted."""

    codes: tuple[RuleText, ...]
