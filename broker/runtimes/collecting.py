"""How often a process of the exchange looks for garbage."""

import gc

_NEW_OBJECTS = 50_000
_YOUNGER_ROUNDS = 20


def search_less_often() -> None:
    """Keep what is loaded by now out of every search for garbage, and search after more new objects.

    Reading a long record, or a batch of reports, makes some hundred thousand values at once, hardly any of them in a
    cycle: by Python's own measure half of the time would go into looking for cycles among them. For a whole process,
    once it has opened its home.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNGER_ROUNDS, _YOUNGER_ROUNDS)
