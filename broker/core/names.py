"""Names as they are compared: without case, accents and signs, and how far two are apart."""

import unicodedata

MOST_EDITS = 2
_SIGNS = {code: None for code in range(128) if not chr(code).isalnum()}


def normalised(name: str | None) -> str:
    """A name in lower case without accents, spaces or signs; empty where there is none."""
    if not name:
        return ""
    if name.isascii():
        return name.lower().translate(_SIGNS)
    apart = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in apart if letter.isalnum())


def first_of(forenames: str | None) -> str:
    """The first forename, normalised."""
    return normalised((forenames or "").strip().split(" ")[0])


def within_two_edits(one: str, other: str) -> bool:
    """Whether at most two letters were changed, added, dropped or swapped with their neighbour."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > MOST_EDITS:
        return False
    return _edits(one, other) <= MOST_EDITS


def _edits(one: str, other: str) -> int:
    """Optimal string alignment distance."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, facing in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != facing))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == facing:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
