"""Verdicts in words, for tests of what follows from one."""

from collections.abc import Mapping

from contracts.verdict import CandidateVerdict, CategoryForm, Reason
from contracts.words import About, DataCategory, Duty, Effect, Form

Forms = Mapping[tuple[DataCategory, About], Form]

ALL_CELLS = tuple((category, about) for category in DataCategory for about in About)
EVERYTHING: Forms = dict.fromkeys(ALL_CELLS, Form.GIVE)


def sharing(forms: Forms = EVERYTHING, *, free_text: bool = True, recipient: str = "mash-core") -> CandidateVerdict:
    """A verdict to share in these forms."""
    return CandidateVerdict(
        recipient=recipient,
        effect=Effect.SHARE,
        duty=Duty.MAY,
        grounds=(Reason(code="test.ground"),),
        categories=tuple(
            CategoryForm(category=category, about=about, form=form) for (category, about), form in sorted(forms.items())
        ),
        free_text=free_text,
    )


def in_form(form: Form, *categories: DataCategory, otherwise: Form = Form.GIVE) -> Forms:
    """These categories in this form, about whomever; every other in the other."""
    return {cell: form if cell[0] in categories else otherwise for cell in ALL_CELLS}
