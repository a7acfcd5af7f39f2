"""The bench measures what it says it measures, and its page holds every figure."""

from tests.bench.bench_line import end_to_end
from tests.bench.bench_policy import recalling
from tests.bench.bench_tasks import asked_in_a_week
from tests.bench.figure import figure
from tests.bench.machine import machine, resident_megabytes
from tests.bench.page import GROWTH, SOAK, STREAMED, Measured, growth_page, page, table_page, with_part
from tests.bench.profile import ELSEWHERE, STAGES, Profile


def test_six_are_considered_and_three_told_in_every_run_that_is_measured() -> None:
    done = end_to_end(3, alone=1)
    assert [each["unit"] for each in done.figures] == ["events/s", "events/s", "ms", "ms", "ms"]
    assert all(each["ours"] > 0 for each in done.figures)
    assert {len(question.candidates) for question in done.questions} == {6}
    found = recalling(done.questions, rounds=1)[0]
    assert 0 < found["ours"] < found["reference"]


def test_the_page_holds_every_figure_and_every_stage() -> None:
    figures = [figure("one thing", 2.0, 4.0, "ms")]
    written = page(Measured(figures, Profile(), machine(), ["NOT MEASURED: this."]), "")
    assert "| one thing | 2 | 4 | 0.5 | ms |" in written
    assert "NOT MEASURED: this." in written
    assert all(f"| {stage} |" in written for stage in (*STAGES, ELSEWHERE))


def test_what_other_runs_say_is_kept_when_the_page_is_written_anew() -> None:
    long = growth_page([figure("growth", 1.0, 1.0, "ms")], machine())
    killed, streamed = table_page({"kills": "120"}, machine()), table_page({"one hub": "30"}, machine())
    written = page(Measured([], Profile(), machine(), []), "")
    for part, content in ((GROWTH, long), (SOAK, killed), (STREAMED, streamed)):
        written = with_part(written, part, content)
    anew = page(Measured([], Profile(), machine(), []), written)
    assert long in anew
    assert killed in anew
    assert streamed in anew
    assert "Not measured yet" not in anew


def test_the_machine_is_named() -> None:
    assert {"processor", "cores", "python", "sqlite", "kernel"} <= machine().keys()
    assert resident_megabytes() > 1


def test_a_week_asks_of_people_far_less_than_a_task_for_every_event() -> None:
    asked = asked_in_a_week(children=12)
    assert asked.events > 100
    assert 0 < asked.tasks < asked.questions
    assert asked.per_100(asked.tasks) < 25


def test_the_synthetic_week_is_answered_from_memory_in_part() -> None:
    asked = asked_in_a_week(children=6)
    assert 0 < asked.found < asked.verdicts
