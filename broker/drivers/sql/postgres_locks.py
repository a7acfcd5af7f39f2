"""How PostgreSQL keeps transactions apart that take reports in beside one another."""

from sqlalchemy import Connection

from broker.core.beside import Named
from broker.drivers.sql.beside import TAKEN, beyond
from contracts.words import ChildId


class AdvisoryLocks:
    """Keeps what one transaction has at hand from those beside it. All wait in one order, so nobody waits for ever.

    What was named comes first, by the number of its lock; then the children, by that of theirs. Which record a link
    means and whose it is does not change meanwhile: that is changed alone, or by whoever has the link.
    """

    beside = "SELECT pg_advisory_xact_lock_shared(hashtextextended(current_schema(), 0))"
    """Waits for whoever writes alone, and keeps those from beginning."""
    _patience = (
        "SELECT current_setting('statement_timeout'),"
        " set_config('statement_timeout', current_setting('lock_timeout'), true)"
    )
    """For all locks of a statement together no longer than for one: what had its own patience is told."""
    _patient = "SELECT set_config('statement_timeout', %s, true)"
    _named = (
        "SELECT count(pg_advisory_xact_lock(its_number)) FROM (SELECT DISTINCT hashtextextended(current_schema() || ' '"
        " || word, 3) AS its_number FROM unnest(CAST(%s AS text[])) AS word ORDER BY 1) AS ordered"
    )
    _meant = (
        "SELECT child, standing, pg_advisory_xact_lock(its_number) FROM (SELECT DISTINCT children.child,"
        " children.standing, hashtextextended(current_schema() || ' child:' || children.standing, 3) AS its_number"
        " FROM unnest(CAST(%s AS text[]), CAST(%s AS text[])) AS named(kind, hash)"
        " JOIN identity_links USING (kind, hash) JOIN children USING (child) ORDER BY 3) AS ordered"
    )
    _child = (
        "SELECT standing, pg_try_advisory_xact_lock(hashtextextended(current_schema() || ' child:' || standing, 3))"
        " FROM children WHERE child = %s"
    )

    def __init__(self, connection: Connection) -> None:
        """Take a connection within a transaction that runs beside others."""
        self._connection = connection

    def take(self, named: Named) -> dict[ChildId, ChildId]:
        """Wait for what was named, and for the children whom it means: by record, the one that stands for its child."""
        before = self._connection.exec_driver_sql(self._patience).scalar_one()
        self._connection.exec_driver_sql(self._named, (named.words,))
        kinds, hashes = [kind for kind, _ in named.links], [value for _, value in named.links]
        found = self._connection.exec_driver_sql(self._meant, (kinds, hashes)).fetchall()
        self._connection.exec_driver_sql(self._patient, (before,))
        standing = {ChildId(row[0]): ChildId(row[1]) for row in found}
        return standing | {each: each for each in standing.values()}

    def try_child(self, record: ChildId) -> ChildId | None:
        """The record that stands for a record's child, which is had from now on; none where no such record is stored.

        Raises:
            BeyondError: another transaction has that child at hand.
        """
        row = self._connection.exec_driver_sql(self._child, (record,)).first()
        if row is None:
            return None
        if not row[1]:
            raise beyond(TAKEN)
        return ChildId(row[0])
