"""Hours for which nobody is on the cover roster."""

from datetime import datetime, timedelta

from contracts.words import Grade
from policies.engine.agreement import Agreement

COVER_AHEAD = timedelta(days=14)
"""How far ahead somebody must be on the roster for what is red."""
QUARTER = timedelta(minutes=15)


def holes_in_cover(agreement: Agreement, now: datetime) -> list[tuple[datetime, datetime]]:
    """From when until when nobody covers what is red in the coming two weeks, to the quarter of an hour."""
    first = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    holes: list[tuple[datetime, datetime]] = []
    for number in range(COVER_AHEAD // QUARTER):
        moment = first + number * QUARTER
        if agreement.covered_by(moment, Grade.RED) is not None:
            continue
        if holes and holes[-1][1] == moment:
            holes[-1] = (holes[-1][0], moment + QUARTER)
        else:
            holes.append((moment, moment + QUARTER))
    return holes
