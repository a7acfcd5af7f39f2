"""Writes docs/performance.md from what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.figure import Figure
from tests.bench.profile import Profile

GROWTH, STREAMED, SOAK = "growth", "streamed", "soak"
_MEASURED_BY = {GROWTH: "make long", STREAMED: "make bench-streaming", SOAK: "make soak"}
"""The parts of the page that other runs write, and what runs them."""

HEAD = """# Performance

`make bench` measures on the machine it runs on and writes this page and `build/bench.json`. Ours and the reference are
measured in one run, in turns where that can be; so the ratios travel from machine to machine, the figures do not.
Where the load before the run is above the number of cores, other work had part of them: then processor time tells more
than the clock.
"""

WHAT = """
## What is measured

- **End to end**: 1,000 incidents, each about another child, lie signed in the force's spool. Measured is the time until
  each is accepted, put to six recipients, shared with three (the front door, police, the school), recorded, sealed in
  the ledger, released, kept in each recipient's own database, and receipted with a verified signature. Nothing is left
  out: every database runs in WAL mode with `synchronous=FULL`, no verdict is remembered, one thread does it all. The
  three others are the allocated worker and the practice, for whom the relation is a year old, and the council's
  education team, because the school is told. Reference: the same signed bytes inserted into one table of SQLite, with
  the same pragmas, 100 a transaction. "Verdicts remembered" is the same with `MASH_REMEMBERED_VERDICTS=1000`; to the
  rules these incidents are alike, so nearly all verdicts are found, which is more than a partnership would see.
- **One event alone**: the median of 30 events, each sent when nothing else waits. Reference: a raw insert's share of a
  transaction of 100.
- **Policy step**: from a question with six candidates to the checked verdict, in process, one at a time. Reference: the
  same questions to an OPA server on the same machine over one open connection; the answers are compared first.
- **Remembered verdict**: processor time from a question to its verdict, found in memory, against evaluating it.
- **Growth**: one process, one home; three of four events are relations that become known, the fourth is the incident.
  Time an event over the last fifth of the events up to each size; the memory of the process; all files of the home.
- **A record opened**: `mash view` of one child with 1,000 reports, opened before: who may read it is asked, each report
  is unsealed, checked against the contract and merged anew, and the reading is recorded. Reference: the same rows read
  from the recipient's database and left sealed.
- **Asked again**: every decision of the window is asked again, as after a change of the agreement; none comes out
  otherwise. Reference: taking the same reports in for the first time, from the spool to the receipt.
- **Ledger**: adding records in groups, against SHA-256 and a raw insert of the same bytes; inclusion proofs of leaves
  drawn at random, against reading and hashing two tiles; verifying, against hashing the same leaves.
- **Over Kafka**: a whole partnership on this machine (`make up`), whose processes and servers share its processors;
  nobody is killed. The same incidents; 500 lie in the force's spool at once, then as many in the force's and a
  hospital's, then they come evenly. "Takes in" is until the last is accepted and decided; then it is sealed, released,
  and read by each recipient's own process. One hub reads an agency's topic, so two work beside one another on what two
  agencies send. From adapter to front door is from the adapter's report to the row in the front door's own database,
  sealed to one reader on each way. Reference: a Faust application with one agent that copies the same messages, one by
  one, acknowledged by the broker, and does nothing else. Waiting for a lock is looked at twenty times a second in
  PostgreSQL.
- **Killed at random**: a whole partnership of processes on this machine (`make up`), which are killed with SIGKILL at
  random while events come, every second time one of the exchange's, and started again by their supervisor. Then
  everything is checked: nothing lost, nothing decided twice, no recipient told the same again (but where what had left
  was stopped before that could be noted: that is counted), nothing that would come out otherwise, every share under its
  leaf, `mash reconcile` and `mash ledger verify` clean, and a partner finds each published checkpoint a prefix of the
  log.
- **People's attention**: the tasks, and the questions in them, that a generated week leaves for people who answer
  nothing. One task holds all that waits about one child. Reference: a task for every event.
"""

NOT_MEASURED = (
    "More than one process or core: the embedded runtime does its work in one thread.",
    "A disk that keeps its promise at another speed: `synchronous=FULL` is as fast as the disk's own flush.",
    "Reading native files, and views being opened, while events come in.",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One run's figures, where its time went, on which machine, and what it could not measure."""

    figures: Sequence[Figure]
    profile: Profile
    machine: Mapping[str, str]
    missing: Sequence[str]


def page(measured: Measured, before: str) -> str:
    """The whole page; the parts that other runs write stay as they stand in ``before``."""
    return "\n".join(
        [
            HEAD,
            "## The machine\n",
            _machine(measured.machine),
            "## Figures\n",
            _figures(measured.figures),
            "## From 10,000 to 100,000 events\n",
            kept_part(before, GROWTH),
            "## Over Kafka\n",
            kept_part(before, STREAMED),
            "## Killed at random\n",
            kept_part(before, SOAK),
            WHAT,
            "## Not measured\n",
            *(f"- {each}" for each in (*measured.missing, *NOT_MEASURED)),
            "",
            _profile(measured.profile),
        ]
    )


def growth_page(figures: Sequence[Figure], machine: Mapping[str, str]) -> str:
    """What the long run says."""
    return "\n".join([_machine(machine), _figures(figures)])


def table_page(figures: Mapping[str, str], machine: Mapping[str, str]) -> str:
    """What the soak says, or the bench of the line over Kafka."""
    rows = (f"| {name} | {value} |" for name, value in figures.items())
    return "\n".join([_machine(machine), "| | |", "|---|---|", *rows, ""])


def kept_part(before: str, name: str) -> str:
    """A part of the page as it stands, with its marks."""
    begin, end = (before.find(mark) for mark in _marks(name))
    return before[begin : end + len(_marks(name)[1])] if 0 <= begin < end else _part(name, _not_yet(name))


def with_part(before: str, name: str, content: str) -> str:
    """The page with this part anew.

    Raises:
        ValueError: the page has no such part.
    """
    stands = kept_part(before, name)
    if stands not in before:
        msg = f"the page has no part {name}: `make bench` writes it whole"
        raise ValueError(msg)
    return before.replace(stands, _part(name, content))


def _part(name: str, content: str) -> str:
    begin, end = _marks(name)
    return f"{begin}\n{content}\n{end}"


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def _not_yet(name: str) -> str:
    return f"Not measured yet for this version: `{_MEASURED_BY[name]}` measures it."


def _machine(machine: Mapping[str, str]) -> str:
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in machine.items()), ""])


def _figures(figures: Sequence[Figure]) -> str:
    rows = (
        f"| {each['name']} | {_number(each['ours'])} | {_number(each['reference'])} | {each['ratio']:g} "
        f"| {each['unit']} |"
        for each in figures
    )
    return "\n".join(["| | ours | reference | ratio | unit |", "|---|---:|---:|---:|---|", *rows, ""])


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _profile(profile: Profile) -> str:
    stages = (f"| {stage} | {wall:.1%} | {work:.1%} |" for stage, wall, work in profile.rows())
    busiest = (f"| {stage} | `{name}` | {share:.1%} |" for stage, name, share in profile.busiest())
    return "\n".join(
        [
            "## Where the time goes\n",
            "The end-to-end run again under a sampling profiler: shares of the clock and of the processor. A sample",
            "belongs to the innermost stage at work. Where the clock's share is greater, the disk was awaited.\n",
            "| stage | clock | processor |",
            "|---|---:|---:|",
            *stages,
            "\nThe functions in which most samples fell:\n",
            "| stage | function | samples |",
            "|---|---|---:|",
            *busiest,
            "",
        ]
    )
