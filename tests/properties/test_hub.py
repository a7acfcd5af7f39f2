"""Laws of the whole hub: all candidates decided and recorded, replay is quiet, restrictions never disclose more."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from broker.core.minimise import released_forms
from broker.core.outcome import EventState
from contracts.payload import Payload
from contracts.words import About, DataCategory, Effect, EventId, Form, Restriction
from tests.support.builders import EventBuilder, a_restriction
from tests.support.event_parts import at
from tests.support.hub import Hub
from tests.support.people import MIA
from tests.support.settled_children import settled
from tests.unit.contracts.strategies import events

MARCH = st.integers(0, 8 * 24 - 1).map(lambda hours: at(f"2026-03-{1 + hours // 24:02d}", f"{hours % 24:02d}:00"))
EVENTS = st.builds(lambda event, when: event.occurring(when), events(), MARCH)
BATCHES = st.lists(EVENTS, min_size=1, max_size=4)

NAMED_HANDLERS = {"mash-core"}
"""The front door handles a hidden move, so of addresses it may see more for their being guarded."""


@contextmanager
def a_hub() -> Iterator[Hub]:
    with tempfile.TemporaryDirectory() as folder:
        hub = Hub.in_folder(Path(folder))
        yield hub
        hub.journal.close()
        hub.keys.close()


@settings(max_examples=20)
@given(batch=BATCHES)
def test_every_accepted_event_has_a_recorded_decision_for_every_candidate_and_shares_only_what_it_releases(
    batch: list[EventBuilder],
) -> None:
    with a_hub() as hub:
        settled(hub).submit(*batch)
        for stored in hub.journal.events():
            if stored.state is not EventState.ACCEPTED:
                continue
            decisions = {each.recipient: each for each in hub.journal.decisions(stored.event_id)}
            assert set(decisions) == set(stored.considered)
            about = {record.about for record, _ in hub.journal.records(event=stored.event_id)}
            assert {each.decision_id for each in decisions.values()} <= about
            for status in hub.journal.deliveries(event=stored.event_id):
                decision = decisions[status.delivery.recipient]
                assert decision.effect is Effect.SHARE
                assert status.delivery.decision_id == decision.decision_id
        for event in batch:
            for recipient, body in hub.bodies(event).items():
                decided = {each.recipient: each for each in hub.journal.decisions(EventId(event.id))}
                forms = released_forms(decided[body.recipient].verdict)  # type: ignore[index]
                for value in body.values:
                    form = forms.get((value.category, value.about), Form.WITHHOLD)
                    assert value.form.disclosure <= form.disclosure, recipient


@settings(max_examples=20)
@given(batch=BATCHES, repeats=st.data())
def test_replaying_changes_nothing(batch: list[EventBuilder], repeats: st.DataObject) -> None:
    with a_hub() as hub:
        settled(hub)
        signed = list({each.id: each for each in batch}.values())
        travelling = [each.signed() for each in signed]
        hub.submit(*travelling)
        before = _everything(hub)
        hub.submit(*repeats.draw(st.permutations(travelling)))
        assert _everything(hub) == before


@settings(max_examples=15)
@given(event=EVENTS.filter(lambda event: issubclass(event.model, Payload)), restriction=st.sampled_from(Restriction))
def test_a_restriction_never_discloses_more_but_to_its_named_handler(
    event: EventBuilder, restriction: Restriction
) -> None:
    event = event.about(MIA)
    with a_hub() as free, a_hub() as restricted:
        settled(free).submit(event)
        settled(restricted).submit(a_restriction(restriction))
        restricted.submit(event)
        before, after = free.bodies(event), restricted.bodies(event)
        for recipient, body in after.items():
            assert recipient in before or recipient in NAMED_HANDLERS
            earlier = _most(before[recipient].values) if recipient in before else {}
            for (category, about, value), form in _most(body.values).items():
                if recipient in NAMED_HANDLERS and category is DataCategory.ID_RESTRICTED_ADDRESS:
                    continue
                told = max((f for (_, _, other), f in earlier.items() if other == value), default=0)
                assert form == Form.TOKEN.disclosure or form <= told, (recipient, category, about)


def _everything(hub: Hub) -> dict[str, object]:
    """All that is stored but replies and when a feed was last heard."""
    counts = {name: count for name, count in hub.journal.counts().items() if "repl" not in name}
    versions = sorted((each.known.child, each.known.version) for each in hub.journal.children())
    return {"counts": counts, "versions": versions}


def _most(values: tuple[object, ...]) -> dict[tuple[DataCategory, About, object], int]:
    return {
        (v.category, v.about, v.value): v.form.disclosure  # type: ignore[attr-defined]
        for v in values
    }
