"""One line of the bench."""

from typing import TypedDict


class Figure(TypedDict):
    """What was measured, ours and the reference in the same unit, and ours over theirs."""

    name: str
    ours: float
    reference: float
    ratio: float
    unit: str


def figure(name: str, ours: float, reference: float, unit: str) -> Figure:
    """A figure, rounded."""
    return {
        "name": name,
        "ours": _short(ours),
        "reference": _short(reference),
        "ratio": _short(ours / reference) if reference else 0.0,
        "unit": unit,
    }


def _short(value: float) -> float:
    return float(f"{value:.4g}")
