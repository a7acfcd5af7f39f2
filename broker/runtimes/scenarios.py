"""Runs cases, each through a whole exchange of its own, from a signed event to every recipient's own records."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from broker.core.candidates import STRANGER
from broker.runtimes.scenario_compare import differences
from broker.runtimes.scenario_events import Writer
from broker.runtimes.scenario_files import find, read_bases
from broker.runtimes.scenario_format import Base, Bases, Case, Cast
from broker.runtimes.scenario_play import Past, Play
from broker.runtimes.scenario_terms import write_agreements
from broker.runtimes.scenario_world import BEGINNING, World, copy_world, make_world
from contracts.canonical import canonical
from policies.engine import Engine


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What came of one case: every difference from what it expects, one readable line each."""

    case: str
    title: str
    differences: tuple[str, ...]

    @property
    def is_right(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


@dataclass(slots=True)
class Stage:
    """Where cases are run: one home per base case, made once and copied for each case on it.

    ``opened``: opens a world in which to play a case. ``agreements``: where its homes' own agreements lie, if they have
    any. ``others``: the stages of cases in which an agreement differs.
    """

    folder: Path
    engine: Engine
    bases: Bases
    opened: Callable[[Path, Engine], World] = lambda folder, engine: World.open(folder, engine, now=BEGINNING)
    ready: dict[str, tuple[Path, Past]] = field(default_factory=dict)
    agreements: Path | None = None
    others: dict[bytes, "Stage"] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of what cases with terms of their own were played on; the stage's own engine is its maker's."""
        for other in self.others.values():
            other.engine.close()

    def run(self, case: Case) -> ScenarioResult:
        """Run one case.

        Raises:
            ScenarioError: the case names something that is not there, or a report fits no contract.
        """
        if case.terms and self.agreements is None:
            return self._with_terms(case).run(case)
        self._check_names(case)
        source, past = self._base(case.base)
        place = self.folder / f"case-{len(list(self.folder.iterdir()))}"
        copy_world(source, place)
        world = self.opened(place, self.engine)
        try:
            play = Play(world, Writer.of(self.bases, case.cast), past.copy())
            return ScenarioResult(case.case, case.title, tuple(self._differences(case, play)))
        finally:
            world.close()
            shutil.rmtree(place)

    def _check_names(self, case: Case) -> None:
        """Check whom a case names: who is in no directory is told nothing, and what is said of them always agrees."""
        known = {each.id: each for agreement in self.engine.agreements for each in agreement.recipients}
        named = [*case.never_receives, *(name for step in case.steps for name in step.expect)]
        for name in named:
            if name != STRANGER:
                find(known, name, what="recipient")

    def _with_terms(self, case: Case) -> "Stage":
        """The stage on which the agreements are as the case wants them, made when it is first needed."""
        key = canonical(case.terms)
        if key not in self.others:
            folder = Path(tempfile.mkdtemp(prefix="terms-", dir=self.folder))
            write_agreements(folder / "agreements", self.engine, case.terms)
            engine = Engine.load(agreements=folder / "agreements")
            self.others[key] = Stage(folder, engine, self.bases, opened=self.opened, agreements=folder / "agreements")
        return self.others[key]

    def _differences(self, case: Case, play: Play) -> Iterator[str]:
        for told in case.given:
            play.tell(told)
        for number, step in enumerate(case.steps, start=1):
            yield from (f"step {number}, {each}" for each in differences(step, play.step(step)))
        for recipient, words in case.never_receives.items():
            text = "".join(kept.delivery.body().decode() for kept in play.world.kept_by(recipient))
            for word in words:
                if word in text:
                    yield f"{recipient}: was sent {word!r}, which it must never be"
                elif not any(word in sent for sent in play.past.texts):
                    yield f"{recipient}: never_receives {word!r}, but no report holds it"

    def _base(self, name: str) -> tuple[Path, Past]:
        """The home of a base case, made when it is first needed, on top of the base that comes before."""
        if name in self.ready:
            return self.ready[name]
        base = self._named(name)
        place, past = self.folder / f"base-{name}", Past()
        if base.after is None:
            make_world(place, self.engine, self.agreements)
        else:
            source, before = self._base(base.after)
            copy_world(source, place)
            past = before.copy()
        world = World.open(place, self.engine, now=BEGINNING)
        try:
            play = Play(world, Writer.of(self.bases, Cast()), past)
            for told in base.events:
                play.tell(told)
        finally:
            world.close()
        self.ready[name] = place, past
        return place, past

    def _named(self, name: str) -> Base:
        return find(self.bases.bases, name, what="base")


IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a fresh folder of its own is made in it
"""Where Linux keeps files in memory: a case's home is thrown away, so that it need not wait for a disk."""


def in_memory() -> Path | None:
    """Where to make a temporary folder that need not outlive the machine; none means the usual place."""
    return IN_MEMORY if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) else None


def run_cases(cases: Sequence[Case], *, tell: Callable[[ScenarioResult], None] | None = None) -> list[ScenarioResult]:
    """Run cases one after another in a temporary folder; nothing of them stays.

    Raises:
        ScenarioError: a case names something that is not there, or a report fits no contract.
    """
    engine = Engine.load()
    results = []
    try:
        with tempfile.TemporaryDirectory(prefix="mash-cases-", dir=in_memory()) as folder:
            stage = Stage(Path(folder), engine, read_bases())
            with closing(stage):
                for case in cases:
                    results.append(stage.run(case))
                    if tell is not None:
                        tell(results[-1])
    finally:
        engine.close()
    return results
