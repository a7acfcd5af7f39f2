"""The verdict: for each candidate, what may be given, under which law, and every reason."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.base import Model
from contracts.words import About, DataCategory, Duty, Effect, Form


class Reason(Model):
    """One ground, bar or ask: a stable code and what it turned on. Its words come from the rule's metadata."""

    code: str
    detail: dict[str, str | int | bool] = Field(default_factory=dict)


class Basis(Model):
    """The law the share stands on, derived by the engine. Empty text: does not apply."""

    art6: str = ""
    art9: str = ""
    art10: str = ""
    schedule1: str = ""
    gateway: str = ""
    part3_exit: str = ""
    confidentiality_route: str = ""


class CategoryForm(Model):
    """In what form one category about one sort of person is given."""

    category: DataCategory
    about: About
    form: Form


class Obligation(Model):
    """What the recipient must do or not do; text is rendered from the code."""

    code: str
    detail: dict[str, str | int | bool] = Field(default_factory=dict)


class Visibility(Model):
    """To whom one reason may be shown, and how.

    ``audience`` is ``sender``, ``recipient``, ``mash`` or ``dpo``; ``show`` tells the reason itself,
    ``ask_the_mash`` only that there is one, ``nothing`` not even that.
    """

    code: str
    audience: Literal["sender", "recipient", "mash", "dpo"]
    show: Literal["show", "ask_the_mash", "nothing"]


class AgreementUsed(Model):
    """Which agreement covered the pair; empty id where none did."""

    id: str = ""
    version: str = ""
    state: str = ""


class CandidateVerdict(Model):
    """The answer for one candidate.

    ``free_text`` says whether this recipient may read free text as the sender wrote it.
    ``clock`` is the agreement's clock code for whatever waits for a person ("" where nothing waits).
    ``clock_hours`` is that clock's length; core turns it into an instant over the working hours.
    """

    recipient: str
    effect: Effect
    duty: Duty
    basis: Basis = Basis()
    grounds: tuple[Reason, ...] = ()
    bars: tuple[Reason, ...] = ()
    asks: tuple[Reason, ...] = ()
    categories: tuple[CategoryForm, ...] = ()
    category_asks: tuple[Reason, ...] = ()
    free_text: bool = False
    obligations: tuple[Obligation, ...] = ()
    visibility: tuple[Visibility, ...] = ()
    agreement: AgreementUsed = AgreementUsed()
    would_allow: tuple[str, ...] = ()
    necessity: str = ""
    clock: str = ""
    clock_hours: Annotated[int, Field(ge=0)] = 0


class Verdict(Model):
    """The answers for every candidate of one question, and the digest of the policy that gave them."""

    decisions: tuple[CandidateVerdict, ...]
    warnings: tuple[Reason, ...] = ()
    patterns: tuple[Reason, ...] = ()
    policy_digest: str
