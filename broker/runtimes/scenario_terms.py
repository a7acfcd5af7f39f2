"""An agreement as a case wants it: as shipped, but for what the case says differs in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.runtimes.agreements import check
from broker.runtimes.scenario_files import ScenarioError, find
from broker.runtimes.scenario_world import BEGINNING
from policies.engine import Engine


def write_agreements(folder: Path, engine: Engine, terms: Mapping[str, Mapping[str, Any]]) -> None:
    """Write every agreement into ``folder``, with what differs by the agreement's id.

    Raises:
        ScenarioError: a name is nowhere in the agreement, or what comes of it is none that could start.
    """
    known = {each.id: each for each in engine.agreements}
    for name in terms:
        find(known, name, what="agreement")
    folder.mkdir(parents=True)
    for agreement in engine.agreements:
        changed = _with(agreement.model_dump(mode="json", by_alias=True), terms.get(agreement.id, {}))
        (folder / agreement.id).mkdir()
        (folder / agreement.id / "agreement.yaml").write_text(json.dumps(changed), encoding="utf-8")
    for checked in check([folder], BEGINNING.date()):
        for fault in checked.faults:
            msg = f"what the case changes makes no agreement: {checked.name}, {fault.place}: {fault.what}"
            raise ScenarioError(msg, code="scenario.invalid", remedy=fault.mend)


def _with(value: Any, differs: Any) -> Any:
    """``value`` with what differs: by name in a mapping, by id, purpose or condition in a list; else in its place."""
    if not isinstance(differs, Mapping):
        return differs
    if isinstance(value, list):
        for name in differs:
            find({_name(each): each for each in value}, name, what="name in a list of the agreement")
        return [_with(each, differs[_name(each)]) if _name(each) in differs else each for each in value]
    kept = dict(value) if isinstance(value, Mapping) else {}
    return {**kept, **{name: _with(kept.get(name), each) for name, each in differs.items()}}


def _name(each: Any) -> str:
    if not isinstance(each, Mapping):
        return ""
    return str(next((each[key] for key in ("id", "purpose", "condition", "category", "name") if key in each), ""))
