"""A PostgreSQL for the tests: in a container where an engine is, else a process of this machine."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pg8000.dbapi
import pytest
from sqlalchemy import make_url

from broker.core.process_kinds import ProcessKind
from broker.runtimes.database import laid_out, let_in
from broker.runtimes.settings import DatabaseSettings, Settings
from infra.local.postgres import NoPostgresError, a_postgres

_NUMBERS = count()
PROCESS_PASSWORD = "the-password-of-a-process"


@contextmanager
def a_postgres_to_test_with() -> Iterator[str]:
    """The address of an empty server. Where there is none the tests that need it are skipped; in CI they fail."""
    try:
        with _in_a_container() if _an_engine_is_here() else _of_this_machine() as address:
            yield address
    except NoPostgresError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"nothing was checked on PostgreSQL: {error}")


def _an_engine_is_here() -> bool:
    return "DOCKER_HOST" in os.environ or Path("/var/run/docker.sock").exists()


@contextmanager
def _of_this_machine() -> Iterator[str]:
    with a_postgres() as server:
        yield server.address


@contextmanager
def _in_a_container() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer  # noqa: PLC0415

    with PostgresContainer("postgres:18", username="mash", driver=None) as container:
        yield container.get_connection_url()


def connected(address: str, **more: Any) -> Any:
    """A connection of pg8000's own; as another user, where ``more`` names one."""
    url = make_url(address)
    known = {"user": url.username, "host": url.host, "port": url.port, "database": url.database}
    return pg8000.dbapi.connect(**{**known, "password": url.password, **more})


def a_new_database(server: str, *, like: str = "template1") -> str:
    """The address of a new database on that server, with all that is in another one."""
    name = f"mash_{os.getpid()}_{next(_NUMBERS)}"
    with closing(connected(server)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {like}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def a_copy(settings: DatabaseSettings) -> DatabaseSettings:
    """The settings of a new database with all that is in that one, to which nobody may be connected."""
    url = make_url(settings.url)
    server = url.set(database="postgres").render_as_string(hide_password=False)
    return replace(settings, url=a_new_database(server, like=str(url.database)))


def drop(settings: DatabaseSettings) -> None:
    """Remove a database, whoever is connected to it."""
    url = make_url(settings.url)
    with closing(connected(url.set(database="postgres").render_as_string(hide_password=False))) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"DROP DATABASE {url.database} WITH (FORCE)")


def let_processes_in(settings: Settings) -> None:
    """Let each kind of process sign in to a home's database, with `PROCESS_PASSWORD`."""
    laid_out(settings)
    for kind in ProcessKind:
        let_in(settings, kind, PROCESS_PASSWORD)


def as_process(settings: DatabaseSettings, kind: ProcessKind) -> DatabaseSettings:
    """The same database, signed in to as such a process, which has been let in with `PROCESS_PASSWORD`."""
    url = make_url(settings.url).set(username=f"mash_{kind}", password=PROCESS_PASSWORD)
    return replace(settings, url=url.render_as_string(hide_password=False))


def counted(settings: DatabaseSettings, what: str) -> int:
    """How many rows there are in a home's journal of such a kind (``events WHERE ...``)."""
    with closing(connected(settings.url, startup_params={"search_path": "mash_journal"})) as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT count(*) FROM {what}")  # noqa: S608 - our own words
        return int(cursor.fetchone()[0])
