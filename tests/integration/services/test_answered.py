"""Whoever asks for information is told what became of it, and nothing that they may not have explained."""

import json
from pathlib import Path

from broker.runtimes.as_json import plain
from broker.runtimes.people import choose
from contracts.words import DataCategory, Purpose
from tests.integration.services.test_reask import Exchange
from tests.support.builders import a_worker_allocation, an_emergency_attendance
from tests.support.event_parts import a_fact
from tests.support.homes import a_home, opened

SECRET = "minimise.sexual_health"
"""Shown to no recipient: that there is something to ask about is itself what must not be told."""
ASKED_FOR = (DataCategory.HEALTH_PHYSICAL, DataCategory.HEALTH_SEXUAL)


def test_who_asked_learns_of_no_reason_that_must_not_be_shown_and_of_no_name_that_others_know(tmp_path: Path) -> None:
    settings = a_home(tmp_path)
    with opened(settings) as runtime:
        runtime.add_person("Asha", ("allocated_worker@csc-north-team",))
        exchange = Exchange(settings, runtime)
        attendance = an_emergency_attendance().with_entries(a_fact(DataCategory.HEALTH_SEXUAL, "a test"))
        exchange.hears(a_worker_allocation(), attendance)
        asha = choose(runtime.people(), "allocated_worker", None)
        [child] = runtime.recipients["csc-north-team"].store.children()
        made = runtime.request(
            child,
            asha,
            purpose=Purpose.SAFEGUARDING,
            what=ASKED_FOR,
            grounds="I visit on Monday.",
            asked_of="wren-valley-hospital",
        )
        asked = {reason.code for each in made.answers for reason in each.verdict.category_asks}
        told = plain(runtime.desk.answered(made, asha))

    assert SECRET in asked
    assert told["waiting"] == []
    assert not {SECRET, made.decision.child, "verdict"} & set(json.dumps(told).replace('"', " ").split())
