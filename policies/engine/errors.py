"""What can be wrong with the policy, each with a stable code and a remedy."""

from typing import ClassVar

from contracts.errors import ContractError


class NoVerdictError(ContractError):
    """The engine gave no valid verdict. Nothing may leave; what was asked is held and asked again."""

    codes: ClassVar[dict[str, str]] = {
        "engine.no_verdict": "The policy engine gave no answer, an undefined one or one that is not a verdict.",
        "engine.timeout": "The policy engine did not answer in time.",
        "engine.candidates_differ": "The policy engine answered for other candidates than were asked about.",
    }


class PolicyFileError(ContractError):
    """A file of the agreements, the law or the catalogue cannot be used."""

    codes: ClassVar[dict[str, str]] = {
        "policy.file_invalid": "A file of the agreements, the law or the event catalogue does not fit its schema.",
        "policy.agreement_incomplete": "An agreement lacks what it needs to start.",
        "policy.not_built": "The compiled policy or its catalogue is missing or unreadable.",
    }


class UnknownInPolicyError(ContractError):
    """The policy has no entry under this name."""

    codes: ClassVar[dict[str, str]] = {
        "policy.unknown_event_type": "The event catalogue has no entry for this event type.",
        "policy.unknown_recipient": "No agreement's directory has this recipient.",
        "policy.unknown_agency": "No agreement names this agency as a party.",
        "policy.unknown_code": "No rule explains this reason code.",
        "policy.unknown_clock": "The agreement has no clock of this name.",
    }


def unknown(what: str, *, code: str) -> UnknownInPolicyError:
    """The error that says the policy does not know something."""
    return UnknownInPolicyError(what, code=code, remedy="correct the name, or add it to the policy's files")


def not_built() -> PolicyFileError:
    """The error that says there is no compiled policy."""
    what = "the compiled policy is missing or unreadable"
    return PolicyFileError(what, code="policy.not_built", remedy="run python -m policies.build")


def no_verdict(what: str, *, code: str = "engine.no_verdict") -> NoVerdictError:
    """The error that says there is no verdict, so nothing may leave."""
    return NoVerdictError(what, code=code, remedy="hold the event and ask again; nothing may leave")
