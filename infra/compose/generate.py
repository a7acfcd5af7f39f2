"""docker-compose.yml: every process of the shipped agreements' partnership, with its servers.

The processes are those of `make up`, with the same commands and the same variables; only where servers and files are
differs. Written by `make generate`, compared in every test run.
"""

from pathlib import Path

from broker.core.process_kinds import ProcessKind
from infra.local.kafka import ADMIN
from infra.local.processes import Process, processes
from policies.engine.files import read_policy_files

SECRETS = "./secrets"
AROUND = Path(__file__).with_name("around.yml")
"""Everything but the processes and the list of secrets."""

_KEY = '["home:/var/lib/mash", "key:/var/lib/mash-key:ro"]'


def text() -> str:
    """The whole file."""
    files = read_policy_files()
    agencies = sorted({party.id for agreement in files.agreements for party in agreement.parties})
    recipients = sorted({entry.id for agreement in files.agreements for entry in agreement.recipients})
    found = processes(agencies, recipients)
    users = [ADMIN, "partner", *dict.fromkeys(each.user for each in found)]
    own = ["kafka.pem", "kafka.key", *(f"kafka-{user}" for user in users)]
    signing_in = [f"postgres-{kind}" for kind in ProcessKind]
    around = AROUND.read_text(encoding="utf-8").replace("KAFKA_SECRETS", ", ".join(own)).replace("ADMIN", ADMIN)
    around = around.replace("POSTGRES_SECRETS", ", ".join(signing_in))
    kept = "".join(f"  {name}: {{file: {SECRETS}/{name}}}\n" for name in ("postgres", *signing_in, *own))
    return around.replace("  PROCESSES\n", "".join(map(_service, found))) + kept


def _service(process: Process) -> str:
    password = f"kafka-{process.user}"
    secrets = ["kafka.pem", password]
    variables = (
        f"<<: *{'exchange' if process.kind else 'kafka'}, MASH_MEMBER: {process.name},"
        f" MASH_KAFKA_USER: {process.user}, MASH_KAFKA_PASSWORD_FILE: /run/secrets/{password}"
    )
    if process.kind:
        secrets.append(f"postgres-{process.kind}")
        variables += (
            f", MASH_DATABASE_URL: postgresql://mash_{process.kind}@postgres:5432/mash,"
            f" MASH_DATABASE_PASSWORD_FILE: /run/secrets/postgres-{process.kind}"
        )
    return (
        f"  {process.name.replace('.', '-')}:\n"
        "    <<: *mash\n"
        f"    command: [{', '.join(process.command)}]\n"
        + (f"    volumes: {_KEY}\n" if process.kind else "")
        + f"    environment: {{{variables}}}\n"
        f"    secrets: [{', '.join(secrets)}]\n"
    )
