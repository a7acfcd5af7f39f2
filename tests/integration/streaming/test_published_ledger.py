"""A partner with the topic and public keys alone recomputes the log; a log behind what it published stops."""

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from broker.cli.main import main
from broker.core.following import FollowError
from broker.core.outcome import RecordKind
from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.kafka.writer import TopicWriter
from broker.runtimes.came_to import standing_decisions, standing_values
from broker.runtimes.following import Following
from broker.runtimes.home import Home
from broker.runtimes.proofs import public_keys
from broker.runtimes.publishing import BehindError
from broker.runtimes.settings import KafkaSettings, Settings
from contracts.canonical import canonical, read_json_object
from contracts.messages import leaf_message
from tests.support import homes
from tests.support.builders import EventBuilder
from tests.support.busy_week import busy_week
from tests.support.kafka import KafkaAtHand
from tests.support.streaming import Partnership, a_laid_out_kafka

pytestmark = [
    pytest.mark.slow,
    # kafka-python leaves sockets that could not connect to be closed by whoever collects them.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("lost_sockets_collected"),
]


@pytest.fixture
def kafka() -> Iterator[KafkaAtHand]:
    with a_laid_out_kafka() as kafka:
        yield kafka


def as_partner(kafka: KafkaAtHand, folder: Path) -> KafkaSettings:
    file = folder / "partner"
    file.write_text(kafka.passwords["partner"], encoding="ascii")
    return KafkaSettings((kafka.broker.address,), "partner", file, kafka.broker.certificate.shown)


def as_user(kafka: KafkaAtHand, user: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the commands that follow be this user's."""
    file = folder / user
    file.write_text(kafka.passwords[user], encoding="ascii")
    for name, value in {
        "SERVERS": kafka.broker.address,
        "USER": user,
        "PASSWORD_FILE": str(file),
        "CA_FILE": str(kafka.broker.certificate.shown),
    }.items():
        monkeypatch.setenv(f"MASH_KAFKA_{name}", value)


def test_a_partner_agrees_at_each_checkpoint_and_notices_what_the_log_never_sealed(
    tmp_path: Path, kafka: KafkaAtHand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = homes.a_home(tmp_path)
    week = busy_week(children=3)
    with Partnership(settings, kafka) as partnership:
        for part in (week[:10], week[10:]):
            homes.spool(settings, part)
            partnership.until_quiet()
        partnership.stop("sequencer")
        partnership.start("sequencer")
        homes.spool(settings, busy_week(children=4))
        partnership.until_quiet()
    with homes.opened(settings) as runtime:
        keys, size = public_keys(runtime.hub), runtime.hub.ledger.head().size
        root = runtime.hub.ledger.head().latest
    named = as_partner(kafka, tmp_path)
    following = Following(keys, named)
    assert following.turn() == size
    assert following._follower.agreed == (root.read() if root is not None else None)
    assert following.turn() == 0

    (tmp_path / "keys").write_text(keys, encoding="utf-8")
    as_user(kafka, "partner", tmp_path, monkeypatch)
    with pytest.raises(SystemExit) as ended:
        main(["ledger", "follow", "--keys", str(tmp_path / "keys")])
    assert ended.value.code == 0
    assert f"{size} log entries" in capsys.readouterr().out

    writer = TopicWriter(kafka.as_user("sequencer"))
    writer.write([("ledger", leaf_message(size // 2, b"what nobody sealed"))])
    writer.close()
    with pytest.raises(FollowError, match=r"ledger\.leaf_changed"):
        Following(keys, named).turn()
    with pytest.raises(SystemExit) as ended:
        main(["ledger", "follow", "--keys", str(tmp_path / "keys")])
    assert ended.value.code == 14


def test_a_home_restored_from_a_backup_older_than_what_it_published_seals_nothing(
    tmp_path: Path, kafka: KafkaAtHand
) -> None:
    settings = homes.a_home(tmp_path)
    week = busy_week(children=3)
    homes.spool(settings, week[:20])
    with Partnership(settings, kafka) as partnership:
        partnership.until_quiet()
    shutil.copytree(settings.home, tmp_path / "backup")
    homes.spool(settings, week[20:])
    with Partnership(settings, kafka) as partnership:
        partnership.until_quiet()
    shutil.rmtree(settings.home)
    shutil.copytree(tmp_path / "backup", settings.home)
    with homes.opened(settings) as runtime:
        before = runtime.hub.ledger.head()
    with Partnership(settings, kafka) as partnership:
        for _ in range(2):
            with pytest.raises(BehindError, match=r"ledger\.behind_published"):
                partnership.processes["sequencer"].turn()
    with homes.opened(settings) as runtime:
        assert runtime.hub.ledger.head() == before


def test_an_exchange_restored_from_a_backup_goes_on_with_the_published_log_and_gets_the_lost_reports_again(
    tmp_path: Path, kafka: KafkaAtHand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = homes.a_home(tmp_path)
    week = busy_week(children=3)
    homes.spool(settings, week[:20])
    with Partnership(settings, kafka) as partnership:
        partnership.until_quiet()
        homes.spool(settings, week[20:24])
        others = partnership.processes.keys() - {"sequencer"}
        while not partnership.turn(others).get("hub-0 accepted"):
            pass
    shutil.copytree(settings.home / "hub", tmp_path / "backup")
    effects, told, size = go_on(settings, kafka, week[24:], hour=1)
    shutil.rmtree(settings.home / "hub")
    shutil.copytree(tmp_path / "backup", settings.home / "hub")

    as_user(kafka, "sequencer", tmp_path, monkeypatch)
    monkeypatch.setenv("MASH_ROOT_KEY_FILE", str(settings.root_key_file))
    for said in (f"The log has {size} entries", "Nothing is missing"):
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(settings.home), "ledger", "restore"])
        assert ended.value.code == 0
        assert said in " ".join(capsys.readouterr().out.split())
    with homes.opened(settings) as runtime:
        pending = [record.kind for record, index in runtime.hub.journal.records() if index is None]
        assert pending == [RecordKind.INCIDENT], "what had waited in the backup was found among the published"
    assert go_on(settings, kafka, (), hour=5, waits=True)[:2] == (effects, told)
    with homes.opened(settings) as runtime:
        assert runtime.verify_ledger(against=None, tell=lambda *_: None).is_sound
        reconciled = runtime.reconcile()
        assert reconciled.differences == ()
        assert 0 < reconciled.figures["log_entries_lost_before_a_restore"] < size
        keys, size = public_keys(runtime.hub), runtime.hub.ledger.head().size
    assert Following(keys, as_partner(kafka, tmp_path)).turn() == size


def go_on(
    settings: Settings, kafka: KafkaAtHand, events: Sequence[EventBuilder], *, hour: int, waits: bool = False
) -> tuple[Counter[tuple[Any, ...]], Counter[tuple[str, str, bytes]], int]:
    """Let these come so late; give each effect that stands, what recipients hold, and how long the log is.

    ``waits``: shares wait at first, and the clock goes on once that is seen.
    """
    ScriptedClock(Home(settings.home).scripted_clock).set(homes.MONDAY + timedelta(hours=hour))
    homes.spool(settings, events)
    with Partnership(settings, kafka) as partnership:
        partnership.until_quiet()
        if waits:
            with homes.opened(settings) as runtime:
                counts = runtime.hub.journal.counts()
                assert counts["deliveries_waiting"] > 0, "shares wait for what protects the children"
            ScriptedClock(Home(settings.home).scripted_clock).advance(timedelta(minutes=6))
            partnership.until_quiet()
    with homes.opened(settings) as runtime:
        effects = Counter(each[:3] for each in standing_decisions(runtime).elements())
        told = Counter((name, report, canonical(values(shown))) for name, report, shown in standing_values(runtime))
        return effects, told, runtime.hub.ledger.head().size


def values(shown: bytes) -> dict[str, Any]:
    """What a recipient holds, but for what depends on which of two reports came first: cause, who else was told."""
    return {"values": read_json_object(shown)["values"]}
