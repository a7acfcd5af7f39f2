"""What a proof of share shows, in words, to whoever checks it."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console

from broker.cli.words import CAUSES, FORMS, cell, event_title, law, moment, plain_words
from broker.core.share_proof import ProvedReceipt, ProvedShare
from contracts.verdict import Basis
from contracts.words import Cause

RECEIPTS = {"delivered": "its system has it", "opened": "opened", "acknowledged": "acted on"}


def show_proved(console: Console, proved: ProvedShare) -> None:
    """Print in one sentence what is proved, then its particulars, then what is not proved."""
    shown = proved.decision
    _print(console, f"Proved: {_sentence(proved)}")
    for name, value in _particulars(shown):
        _print(console, f"  {name}: {value}")
    for receipt in proved.receipts:
        _print(console, f"  {_receipt(receipt)}")
    numbers = ", ".join(str(entry) for entry in proved.entries)
    _print(console, f"  log entries {numbers} of {proved.log}, sealed among its first {proved.size}")
    for sentence in proved.unseen:
        _print(console, sentence)


def _sentence(proved: ProvedShare) -> str:
    shown = proved.decision
    title = event_title(str(shown.get("event_type", "")))
    if proved.released_in is None:
        left = "; it has not left by what is in this proof"
    else:
        left = f", and that it left in the minute of {moment(proved.released_in)}"
    decided = moment(proved.decided_in)
    if "cause" in shown:
        return f'{shown["recipient"]} was to be told anew about "{title}", recorded {decided}{left}.'
    return f'it was decided to share "{title}" with {shown["recipient"]}, recorded {decided}{left}.'


def _particulars(shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    basis = Basis.model_validate(shown.get("basis", {}))
    cells = [f"{cell(c, about)} [{FORMS.get(form, form)}]" for c, about, form in shown.get("categories", ())]
    told = {
        "why told anew": CAUSES[Cause(shown["cause"])] if "cause" in shown else "",
        "law": law(basis),
        "purpose": plain_words(str(shown.get("purpose", ""))),
        "what": ", ".join(cells),
        "delivery": str(shown["delivery"]),
        "SHA-256 of the exact bytes": str(shown["digest"]),
    }
    return [(name, value) for name, value in told.items() if value]


def _receipt(receipt: ProvedReceipt) -> str:
    who = f" by {plain_words(receipt.role)}" if receipt.role else ""
    signed = "signed by the recipient" if receipt.is_checked else "signature not checked"
    return f"{RECEIPTS[receipt.kind.value]}{who}, {moment(receipt.at)} ({signed})"


def _print(console: Console, text: str) -> None:
    console.print(text, markup=False)
