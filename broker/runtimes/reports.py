"""Every report that came in, with how it was decided: where whoever may explain all of them begins."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.core.outcome import EventState
from broker.runtimes.wiring import Hub
from broker.services.explain import ended_as, ending_of


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report, without content or child: whose it is, and for how many recipients it was decided how."""

    event_id: str
    title: str
    agency: str
    occurred_at: datetime
    received_at: datetime
    state: str
    shared: int
    not_shared: int
    decision_needed: int


def reports(hub: Hub) -> Sequence[ReportRow]:
    """Every report in the order in which they came, but those erased; each recipient counts by its latest decision."""
    agencies = hub.policy.directory().agencies
    rows = []
    for event in hub.journal.events():
        if event.state is EventState.ERASED:
            continue
        by = ending_of(event, hub.journal)
        standing = {decision.recipient: decision.effect for decision in hub.journal.decisions(event.event_id)}
        effects = Counter(effect.value for effect in standing.values())
        agency = agencies.get(event.agency)
        rows.append(
            ReportRow(
                event_id=event.event_id,
                title=hub.policy.catalogue(event.event_type).title,
                agency=agency.name if agency else event.agency,
                occurred_at=event.occurred_at,
                received_at=event.received_at,
                state=event.state.value if by is None else ended_as(by),
                shared=effects["share"],
                not_shared=effects["withhold"],
                decision_needed=effects["ask"] if by is None else 0,
            )
        )
    return sorted(rows, key=lambda row: (row.received_at, row.event_id))
