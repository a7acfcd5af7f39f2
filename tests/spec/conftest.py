"""One stage for every case: the base cases are made once and copied. Every case is played on both runtimes."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from broker.runtimes.scenario_files import read_bases
from broker.runtimes.scenarios import Stage, in_memory
from policies.engine import Engine
from tests.support.streamed_world import carried_over
from tests.support.streaming import a_laid_out_kafka

EMBEDDED, OVER_KAFKA = "embedded", "kafka"


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Where cases are played in one process."""
    with a_stage() as stage:
        yield stage


@pytest.fixture(scope="session", params=[EMBEDDED, pytest.param(OVER_KAFKA, marks=pytest.mark.slow)])
def either_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Where cases are played: in one process and its files, or by a partnership's processes, Kafka and PostgreSQL."""
    with ExitStack() as around:
        stage = around.enter_context(a_stage())
        if request.param == OVER_KAFKA:
            kafka = around.enter_context(a_laid_out_kafka())
            stage.opened = carried_over(kafka, request.getfixturevalue("postgres"))
        yield stage


@contextmanager
def a_stage() -> Iterator[Stage]:
    """A stage in memory, in one process."""
    with ExitStack() as around:
        engine = around.enter_context(closing(Engine.load()))
        folder = around.enter_context(tempfile.TemporaryDirectory(prefix="mash-spec-", dir=in_memory()))
        yield around.enter_context(closing(Stage(Path(folder), engine, read_bases())))
