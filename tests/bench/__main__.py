"""Measure on this machine: writes docs/performance.md and build/bench.json. With ``--long``, the growth to 100,000."""

import argparse
import json
import sys
from pathlib import Path

from broker.runtimes.collecting import search_less_often
from tests.bench import bench_ledger, bench_tasks
from tests.bench.bench_later import asking_again, opening
from tests.bench.bench_line import end_to_end, growing
from tests.bench.bench_policy import deciding, recalling
from tests.bench.machine import machine
from tests.bench.page import GROWTH, Measured, growth_page, page, with_part

ROOT = Path(__file__).resolve().parents[2]
PAGE, FIGURES = ROOT / "docs" / "performance.md", ROOT / "build" / "bench.json"
SHORT, LONG = (1_000, 10_000), (10_000, 100_000)


def main() -> int:
    """Measure, write, and say where."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--long", action="store_true", help="only the growth from 10,000 to 100,000 events (long)")
    long = parser.parse_args().long
    before = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    on = machine()
    search_less_often()
    if long:
        figures = growing(*LONG)
        PAGE.write_text(with_part(before, GROWTH, growth_page(figures, on)), encoding="utf-8")
        _say(json.dumps(figures, indent=2))
        return 0
    _say("end to end")
    line = end_to_end()
    _say("policy")
    policy, not_measured = deciding(line.questions)
    _say(not_measured)
    _say("growth")
    grown = growing(*SHORT)
    _say("a long record, and asking again")
    later = [*opening(), *asking_again()]
    _say("ledger and tasks")
    figures = [
        *line.figures,
        *policy,
        *recalling(line.questions),
        *grown,
        *later,
        *bench_ledger.figures(),
        *bench_tasks.figures(),
    ]
    FIGURES.parent.mkdir(exist_ok=True)
    FIGURES.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    measured = Measured(figures, line.profile, on, [not_measured] if not_measured else [])
    PAGE.write_text(page(measured, before), encoding="utf-8")
    _say(f"wrote {PAGE.relative_to(ROOT)} and {FIGURES.relative_to(ROOT)}")
    return 0


def _say(what: str) -> None:
    if what:
        sys.stderr.write(f"{what}\n")


if __name__ == "__main__":
    sys.exit(main())
