"""Ports for what is started on this machine: two partnerships that start at the same time share none."""

import socket
from itertools import islice

import pytest

from infra.local import ports
from infra.local.ports import HERE, PORTS_OF_A_BLOCK, NoPortsError, a_block_of_ports


@pytest.fixture
def always_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever chooses a block by chance chooses the same."""
    monkeypatch.setattr("infra.local.ports.secrets.randbelow", lambda _: 0)


@pytest.mark.usefixtures("always_the_first")
def test_given_a_block_that_is_held_when_another_begins_there_too_then_they_share_no_port() -> None:
    with a_block_of_ports() as one, a_block_of_ports() as other:
        mine, theirs = set(islice(one, 40)), set(islice(other, 40))
    assert len(mine) == len(theirs) == 40
    assert not mine & theirs


@pytest.mark.usefixtures("always_the_first")
def test_given_a_block_that_is_given_back_when_another_begins_then_it_is_used_again() -> None:
    with a_block_of_ports() as one:
        mine = next(one)
    with a_block_of_ports() as other:
        assert next(other) == mine


def test_given_somebody_at_one_port_of_a_block_when_its_ports_are_given_then_that_is_left_out() -> None:
    with a_block_of_ports() as block, socket.socket() as stranger:
        taken = next(block) + 1
        stranger.bind((HERE, taken))
        stranger.listen()
        assert taken not in list(block)


def test_given_every_block_in_use_when_one_more_is_asked_for_then_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_block_of_ports() as block:
        begins = next(block) - 1
        monkeypatch.setattr(ports, "_BLOCKS", range(begins, begins + PORTS_OF_A_BLOCK, PORTS_OF_A_BLOCK))
        with pytest.raises(NoPortsError, match="make down"), a_block_of_ports():
            pass
