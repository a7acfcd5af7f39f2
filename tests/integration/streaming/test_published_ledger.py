"""A partner with the topic and public keys alone recomputes the log; a log behind what it published stops."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.cli.main import main
from broker.core.following import FollowError
from broker.drivers.kafka.writer import TopicWriter
from broker.runtimes.following import Following
from broker.runtimes.proofs import public_keys
from broker.runtimes.publishing import BehindError
from broker.runtimes.settings import KafkaSettings
from contracts.messages import leaf_message
from tests.support import homes
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
    for name, value in {
        "SERVERS": kafka.broker.address,
        "USER": "partner",
        "PASSWORD_FILE": str(named.password_file),
        "CA_FILE": str(named.ca_file),
    }.items():
        monkeypatch.setenv(f"MASH_KAFKA_{name}", value)
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
