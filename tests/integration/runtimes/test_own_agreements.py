"""A partnership works by its own agreement: made with it, changed, changed back; never by half of one."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from broker.core.outcome import Decision
from broker.drivers.clock.scripted import ScriptedClock
from broker.runtimes import agreements
from broker.runtimes.agreements import AgreementError
from broker.runtimes.embedded import Embedded
from broker.runtimes.home import Home, make_root_key
from broker.runtimes.settings import Settings
from contracts.words import EventId, RecipientId
from policies.engine.files import ROOT
from tests.support import homes
from tests.support.builders import a_domestic_incident
from tests.support.event_parts import POLICE
from tests.support.homes import MONDAY
from tests.support.people import MIA

INCIDENT = "police.incident, about: [child, adult], mash_core: give"
CORE = RecipientId("mash-core")
THEIRS = POLICE.replace("wrenshire", "fellshire")


@pytest.fixture
def fellshire(tmp_path: Path) -> Path:
    """An agreement like the shipped one, of other agencies."""
    folder = Path(shutil.copytree(ROOT / "agreements" / "wrenshire", tmp_path / "ours"))
    for path in folder.iterdir():
        changed = path.read_text(encoding="utf-8").replace("wrenshire", "fellshire").replace("Wrenshire", "Fellshire")
        path.write_text(changed, encoding="utf-8")
    return folder


@pytest.fixture
def settings(tmp_path: Path, fellshire: Path) -> Settings:
    """A home made for Fellshire."""
    make_root_key(tmp_path / "root-key")
    made = Settings(tmp_path / "home", tmp_path / "root-key", None, "info")
    Home(made.home).make()
    agreements.use(Home(made.home), [fellshire], MONDAY)
    Embedded.make(made, clock=_clock(made)).close()
    return made


def _clock(settings: Settings, *, minutes: int = 0) -> ScriptedClock:
    clock = ScriptedClock(settings.home.with_name("clock.json"))
    clock.set(MONDAY + timedelta(minutes=minutes))
    return clock


def _opened(settings: Settings, *, minutes: int) -> Embedded:
    return Embedded.open(settings, clock=_clock(settings, minutes=minutes))


def _decisions(runtime: Embedded, event: str) -> dict[RecipientId, Decision]:
    return {each.recipient: each for each in runtime.hub.journal.decisions(EventId(event))}


def test_a_home_made_with_an_agreement_is_of_its_parties_alone(settings: Settings) -> None:
    home = Home(settings.home)
    assert THEIRS in home.agencies()
    assert not [each for each in (*home.agencies(), *home.recipients()) if "wrenshire" in each]


def test_a_report_is_decided_by_the_homes_own_agreement(settings: Settings) -> None:
    (reported,) = homes.spool(settings, [a_domestic_incident().by(THEIRS).about(MIA)])
    runtime = _opened(settings, minutes=1)
    runtime.tick()
    decided = _decisions(runtime, reported.id)
    runtime.close()
    assert {each.verdict.agreement.id for each in decided.values()} == {"fellshire"}
    assert decided[CORE].effect == "share"


def test_another_version_is_asked_again_and_the_former_comes_back(settings: Settings, fellshire: Path) -> None:
    (reported,) = homes.spool(settings, [a_domestic_incident().by(THEIRS).about(MIA)])
    runtime = _opened(settings, minutes=1)
    runtime.tick()
    runtime.close()
    matrix = fellshire / "matrix.yaml"
    less = INCIDENT.replace("mash_core: give", "mash_core: summary")
    matrix.write_text(matrix.read_text(encoding="utf-8").replace(INCIDENT, less), encoding="utf-8")
    home = Home(settings.home)

    agreements.use(home, [fellshire], MONDAY + timedelta(minutes=2))
    assert _form_told(settings, reported.id, minutes=3) == "summary"

    (former,) = agreements.formers(home).iterdir()
    agreements.use(home, [former], MONDAY + timedelta(minutes=4))
    assert _form_told(settings, reported.id, minutes=5) == "give"


def _form_told(settings: Settings, event: str, *, minutes: int) -> str:
    runtime = _opened(settings, minutes=minutes)
    runtime.tick()
    verdict = _decisions(runtime, event)[CORE].verdict
    runtime.close()
    return next(each.form for each in verdict.categories if (each.category, each.about) == ("police.incident", "child"))


def test_a_party_that_joins_gets_its_folder_and_keys_at_the_next_start(settings: Settings, fellshire: Path) -> None:
    parties = fellshire / "parties.yaml"
    joined = "  - {id: moor-end-school, name: Moor End School, kind: school, capacity: controller, public_authority: true, roles: [designated_safeguarding_lead]}\n"  # noqa: E501
    parties.write_text(parties.read_text(encoding="utf-8").rstrip() + "\n" + joined, encoding="utf-8")
    agreements.use(Home(settings.home), [fellshire], MONDAY)
    runtime = _opened(settings, minutes=1)
    keys = runtime.hub.registry.of("agency", "moor-end-school")
    runtime.close()
    assert keys
    assert "moor-end-school" in Home(settings.home).agencies()


def test_one_with_a_fault_changes_nothing(settings: Settings, fellshire: Path) -> None:
    before = _content(Home(settings.home).agreements)
    matrix = fellshire / "matrix.yaml"
    matrix.write_text(
        matrix.read_text(encoding="utf-8").replace("mash_core: ask adoption", "mash_core: give"), encoding="utf-8"
    )
    with pytest.raises(AgreementError) as caught:
        agreements.use(Home(settings.home), [fellshire], MONDAY)
    assert caught.value.code == "agreement.faulty"
    assert _content(Home(settings.home).agreements) == before
    assert not agreements.formers(Home(settings.home)).exists()


def test_one_that_contradicts_another_of_the_home_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    before = _content(Home(settings.home).agreements)
    other = Path(shutil.copytree(Home(settings.home).agreements / "fellshire", tmp_path / "border"))
    for path in other.iterdir():
        text = path.read_text(encoding="utf-8").replace("id: fellshire\n", "id: border\n")
        path.write_text(text.replace("kind: vendor", "kind: other"), encoding="utf-8")
    with pytest.raises(AgreementError) as caught:
        agreements.use(Home(settings.home), [other], MONDAY)
    assert caught.value.code == "agreement.faulty"
    assert _content(Home(settings.home).agreements) == before


@pytest.mark.parametrize("at", range(6))
def test_cut_short_anywhere_nothing_runs_by_half_of_it_and_doing_it_again_mends_that(
    settings: Settings, fellshire: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    home = Home(settings.home)
    border = _another(fellshire, tmp_path / "border", version="1.0")
    agreements.use(home, [border], MONDAY)
    ours = _another(fellshire, tmp_path / "newer", version="4.0", name="fellshire")
    theirs = _another(fellshire, tmp_path / "newer-border", version="4.0")
    renamed, times = Path.rename, iter(range(99))

    def dies(path: Path, to: Path) -> Path:
        if next(times) == at:
            raise KeyboardInterrupt
        return renamed(path, to)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", dies)
        with pytest.raises(KeyboardInterrupt):
            agreements.use(home, [ours, theirs], MONDAY)
    refused = _refused(settings)
    assert refused in {"", "agreement.unfinished"}
    assert refused or _versions(home) == {"3.1", "1.0"}
    agreements.use(home, [ours, theirs], MONDAY)
    _opened(settings, minutes=2).close()
    assert _versions(home) == {"4.0"}
    assert not [each.name for each in home.root.iterdir() if each.name.startswith(".")]


def _refused(settings: Settings) -> str:
    """Why the home is not opened; empty where it is."""
    try:
        _opened(settings, minutes=1).close()
    except AgreementError as error:
        return error.code
    return ""


def _another(like: Path, folder: Path, *, version: str, name: str = "border") -> Path:
    other = Path(shutil.copytree(like, folder))
    terms = other / "agreement.yaml"
    text = terms.read_text(encoding="utf-8").replace('version: "3.1"', f'version: "{version}"')
    terms.write_text(text.replace("id: fellshire\n", f"id: {name}\n"), encoding="utf-8")
    return other


def _versions(home: Home) -> set[str]:
    found = (each.agreement for each in agreements.of_home(home, MONDAY.date()))
    return {each.version for each in found if each is not None}


def test_a_demonstrations_home_keeps_its_agreements(tmp_path: Path, fellshire: Path) -> None:
    with pytest.raises(AgreementError) as caught:
        agreements.use(Home(homes.a_home(tmp_path / "demo").home), [fellshire], MONDAY)
    assert caught.value.code == "agreement.of_the_demo"


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
