"""Holds the rules to the key of remembered verdicts: a rule that reads anything outside it does not build."""

from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from contracts.question import Question
from policies.engine.key import EXACT, OTHERWISE
from policies.reads import Read

_MOMENTS = "data.mash.facts.moments[]"
_ENTRY = "data.mash.facts.recipient"

WORDS: Mapping[str, frozenset[str]] = {
    "now": frozenset(
        {
            'facts: "sharing": input.now',
            "facts: input.now < covering.valid_from",
            "facts: input.now < covering.valid_to",
            "facts: input.now < covering.review_due",
            "facts: input.now >= covering.valid_from",
            "facts: input.now >= covering.valid_to",
            "facts: input.now >= covering.review_due",
            "facts: input.now < document.review_due",
            "rules.patterns: input.now < counts_until[row.week]",
            "rules.timing: input.now < input.event.not_before",
        }
    ),
    "event.occurred_at": frozenset({'facts: "occurred": input.event.occurred_at'}),
    _MOMENTS: frozenset(
        {
            "facts: row.from <= moments[row.judged_at]",
            "facts: moments[row.judged_at] < row.to",
        }
    ),
    "event.not_before": frozenset({"rules.timing: input.now < input.event.not_before"}),
    "event.quality_flags[]": frozenset(
        {
            'rules.lawful_basis: "claims.consent_believed_needed" in input.event.quality_flags',
        }
    ),
    "child.age": frozenset(
        {
            "facts: input.child.age == -1",
            "facts: input.child.age == 4",
            "facts: input.child.age >= 5",
            "facts: input.child.age < 18",
            "rules.grown_up: input.child.age >= 18",
            "rules.nursery: input.child.age in {0, 1, 2, 3}",
        }
    ),
    "request.by": frozenset(
        {
            "rules.purpose: input.request != null",
            "rules.request: input.request.by",
            "rules.request: not input.request.by",
        }
    ),
    "request.grounds": frozenset(
        {
            "rules.purpose: input.request != null",
            "rules.request: count(input.request.grounds)",
        }
    ),
    "actor.person": frozenset({"rules.access: input.actor.person", "rules.access: not input.actor.person"}),
    "history": frozenset({"rules.patterns: some index, row in input.history"}),
    "history[].kind": frozenset({"rules.patterns: _fits(wanted.kind, row.kind)"}),
    "history[].agency_kind": frozenset({"rules.patterns: _fits(wanted.agency_kind, row.agency_kind)"}),
    "history[].grade": frozenset({"rules.patterns: _fits(wanted.grade, row.grade)"}),
    "history[].count": frozenset({"rules.patterns: number <= row.count"}),
    "history[].week": frozenset({"rules.patterns: counts_until[row.week]"}),
    "sender.id": frozenset(
        {
            "facts: data.pairs[input.sender.id][input.candidate.recipient]",
            "rules.patterns: data.pairs[input.sender.id]",
            "rules.triage: data.pairs[input.sender.id][other.recipient]",
            "rules.parties: facts.recipient.agency == input.sender.id",
        }
    ),
    "sender.policy_documents": frozenset({"facts: some document in input.sender.policy_documents"}),
    "sender.policy_documents[].condition": frozenset({"facts: document.condition == condition"}),
    "sender.policy_documents[].review_due": frozenset({"facts: input.now < document.review_due"}),
    "candidates[].recipient": frozenset(
        {
            'decide: "recipient": input.candidate.recipient',
            'rules.agreement: "recipient": input.candidate.recipient',
            "facts: approval.recipient == input.candidate.recipient",
            "facts: data.pairs[input.sender.id][input.candidate.recipient]",
            "facts: data.recipients[input.candidate.recipient]",
            "rules.triage: data.pairs[input.sender.id][other.recipient]",
            "facts: terms.recipients[input.candidate.recipient]",
            "rules.encompass: input.candidate.recipient in input.event.encompass.party_works_at",
            "rules.encompass: not other.recipient in input.event.encompass.party_works_at",
            "rules.parties: data.recipients[input.candidate.recipient]",
        }
    ),
    f"{_ENTRY}.agency": frozenset(
        {
            "rules.purpose: facts.terms.parties[facts.recipient.agency].capacity",
            "rules.parties: facts.recipient.agency == input.sender.id",
        }
    ),
}
"""For what enters the key by what the rules make of it: where and how it may be read. Anything else must be weighed."""

_IN_THE_ENTRY = (f"{_ENTRY}.column", f"{_ENTRY}.kind", f"{_ENTRY}.roles[]")


class OutsideKeyError(ValueError):
    """A rule reads what the key of remembered verdicts leaves out, or the key holds what no rule reads."""


def check_reads(found: Iterable[Read]) -> None:
    """Check that questions with one key have one verdict, by what the rules read.

    Raises:
        OutsideKeyError: with every rule and path at which that is not certain.
    """
    found = tuple(found)
    gaps = [gap for read in found for gap in _gaps(read)]
    read = {leaf for each in found for leaf in _leaves(each)}
    gaps += [f"no rule reads {path}" for path in (*EXACT, *WORDS) if path not in read and path not in _walked(found)]
    if gaps:
        what = "\n".join(sorted(set(gaps)))
        msg = f"the key of remembered verdicts (policies/engine/key.py, policies/keyed.py) does not fit:\n{what}"
        raise OutsideKeyError(msg)


def _gaps(read: Read) -> Iterator[str]:
    if not read.is_whole:
        within = (*EXACT, *OTHERWISE)
        if not any(path.startswith(f"{read.path}[]") for path in within):
            yield f"{read.within}: goes through {read.path}"
        elif read.path in WORDS and read.within not in WORDS[read.path]:
            yield f"{read.within}: goes through {read.path} in another way than the key allows for"
        return
    for leaf in _leaves(read):
        if leaf in EXACT or leaf in _IN_THE_ENTRY:
            continue
        if leaf not in WORDS:
            yield f"{read.within}: reads {leaf}, which is outside the key"
        elif read.within not in WORDS[leaf]:
            yield f"{read.within}: reads {leaf} in another way than the key allows for"


def _walked(found: Iterable[Read]) -> set[str]:
    return {read.path for read in found if not read.is_whole}


def _leaves(read: Read) -> Iterator[str]:
    """The values that stand under what is read whole."""
    if not read.is_whole:
        return iter(())
    if read.path.startswith("data."):
        return iter((read.path,))
    return _under(read.path, _type_at(read.path))


def _type_at(path: str) -> Any:
    """The type of what stands at ``path``.

    Raises:
        OutsideKeyError: a question holds nothing there.
    """
    found: Any = Question
    for step in path.replace("[]", ".[]").split("."):
        found = _stripped(found)
        if step == "[]" and get_origin(found) is tuple:
            found = get_args(found)[0]
        elif isinstance(found, type) and issubclass(found, BaseModel) and step in found.model_fields:
            found = found.model_fields[step].annotation
        else:
            msg = f"a rule reads {path}, which no question holds"
            raise OutsideKeyError(msg)
    return found


def _under(path: str, kind: Any) -> Iterator[str]:
    kind = _stripped(kind)
    if get_origin(kind) is tuple:
        yield from _under(f"{path}[]", get_args(kind)[0])
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from _under(f"{path}.{name}", field.annotation)
    else:
        yield path


def _stripped(kind: Any) -> Any:
    """The type itself: without constraints, and without "or none"."""
    if get_origin(kind) is Annotated:
        return _stripped(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each is not type(None)]
        return _stripped(kinds[0]) if len(kinds) == 1 else kind
    return kind
