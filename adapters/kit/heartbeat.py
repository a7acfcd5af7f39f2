"""Makes a feed's sign of life from how its spool stands."""

from datetime import datetime

from adapters.kit.agency import Agency
from adapters.kit.spool import Spool
from contracts.heartbeat import Heartbeat


def heartbeat(agency: Agency, spool: Spool, *, now: datetime) -> Heartbeat:
    """The agency's signed heartbeat at ``now``."""
    stands = spool.summary(now=now)
    return Heartbeat(
        agency=agency.id,
        at=now,
        incarnation=stands.incarnation,
        sequences=dict(stands.sequences),
        answered=dict(stands.answered),
        queued=stands.queued,
        not_sent=stands.not_sent,
        quarantined=stands.quarantined,
        kept_back=sum(stands.refusals.values()),
        keyid=agency.keyid,
    ).signed_by(agency.key)
