"""Every alarm that the code can give is in the runbook, with whom to ring and what to do; and nothing else is."""

import ast
import re

from broker.core.incidents import WORDS
from broker.services.erase import CannotEraseError
from tests.support.tree import TOP, kept, name

ALARMS = TOP / "infra" / "runbooks" / "alarms.md"
RUNBOOKS = TOP / "infra" / "runbooks"
WAITING = {"erase.being_read", "erase.not_finished"}
"""What an erasure that goes on by itself may wait for."""
ELSEWHERE = {"error.code", "incident.cause"}
"""Calls that take ``what`` from elsewhere: from an erasure that waits, and from the causes of incidents."""


def _given() -> tuple[set[str], set[str]]:
    """Every ``what`` that some call of the log names outright; and how the others come by it."""
    outright, elsewhere = set(), set()
    for place in kept(".py"):
        if name(place).startswith("broker/"):
            for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and any(ast.unparse(each) == "LogEvent.ALARM" for each in node.args):
                    what = next(each.value for each in node.keywords if each.arg == "what")
                    if isinstance(what, ast.Constant):
                        outright.add(str(what.value))
                    else:
                        elsewhere.add(ast.unparse(what))
    return outright, elsewhere


def test_every_alarm_is_explained_and_nothing_else_is() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| (.+) \|$", ALARMS.read_text(encoding="utf-8"), re.MULTILINE)
    outright, elsewhere = _given()
    assert outright
    assert elsewhere == ELSEWHERE
    assert CannotEraseError.codes.keys() >= WAITING
    assert {what for what, _ in rows} == outright | set(WORDS) | WAITING
    assert all(len(row.split(" | ")) == 4 and "||" not in row for _, row in rows)


def test_every_runbook_is_in_the_list() -> None:
    listed = set(re.findall(r"\]\(([a-z-]+\.md)\)", (RUNBOOKS / "README.md").read_text(encoding="utf-8")))
    assert listed == {place.name for place in RUNBOOKS.glob("*.md")} - {"README.md"}
