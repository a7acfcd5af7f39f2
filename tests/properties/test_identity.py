"""Whatever the order of arrival, keys that agree make one child; nothing else joins two."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from broker.core.identity import Alike, Claim, Doubtful, Index, Joins, Link, Linked, claim, resolve
from contracts.payload import Payload
from contracts.words import ChildId
from tests.support.builders import EventBuilder, a_concern
from tests.support.event_parts import MILL_LANE
from tests.support.people import MIA, THEO, FictionalChild, a_numbered_child

SECRET = b"identity secret"
FULL = MIA
ONLY_NHS = MIA.without_upn()
ONLY_UPN = MIA.without_nhs_number()
NEITHER = MIA.without_nhs_number().without_upn()


def claimed(event: EventBuilder) -> Claim:
    payload = event.payload()
    assert isinstance(payload, Payload)
    return claim(event.envelope(), payload, secret=SECRET)


def assign(claims: Sequence[Claim]) -> list[ChildId | None]:
    """Run claims through the index in order, as the hub does; none where a person must decide."""
    linked: dict[Link, ChildId] = {}
    alike: dict[ChildId, Alike] = {}
    found: list[ChildId | None] = []
    for each in claims:
        resolved = resolve(each, Index(linked, tuple(alike.values())))
        if isinstance(resolved, Doubtful | Joins):
            found.append(None)
            continue
        child = resolved.child if isinstance(resolved, Linked) else ChildId(f"child-{len(found)}")
        for link in resolved.links:
            linked.setdefault(link, child)
        before = alike[child].demographics if child in alike else None
        alike[child] = Alike(child, each.demographics.over(before))
        found.append(child)
    return found


def of_mia(child: FictionalChild, index: int) -> EventBuilder:
    senders = (
        a_concern().from_police(),
        a_concern().from_health(),
        a_concern().from_school(),
        a_concern().from_charity(),
    )
    return senders[index % 4].about(child).living_at(MILL_LANE)


@given(order=st.permutations([FULL, ONLY_NHS, ONLY_UPN, NEITHER]))
def test_keys_that_agree_make_one_child_in_any_order(order: list[FictionalChild]) -> None:
    claims = [claimed(of_mia(child, index)) for index, child in enumerate(order)]
    assert len(set(assign(claims))) == 1


@given(others=st.lists(st.integers(0, 200), unique=True, max_size=8), data=st.data())
def test_children_without_a_common_key_stay_apart(others: list[int], data: st.DataObject) -> None:
    children = data.draw(st.permutations([MIA, THEO, *(a_numbered_child(number) for number in others)]))
    claims = [claimed(a_concern().from_police().about(child)) for child in children]
    found = [child for child in assign(claims) if child is not None]
    assert len(set(found)) == len(found)


@given(times=st.integers(2, 5))
def test_the_same_report_again_is_about_the_same_child(times: int) -> None:
    event = a_concern().from_health()
    assert len(set(assign([claimed(event)] * times))) == 1
