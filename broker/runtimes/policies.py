"""Says who evaluates the policy: the engine in process, or an OPA server that is named."""

from broker.drivers.opa.embedded import EmbeddedPolicy
from broker.ports.clock import Clock
from broker.runtimes.settings import SettingsError
from policies.engine import Engine


def open_policy(engine: Engine, clock: Clock, url: str) -> EmbeddedPolicy:
    """The policy, behind the exchange's port; ``url`` names an OPA server, if one is to be asked.

    Raises:
        SettingsError: that is no server's address, or what asks one is not installed.
    """
    if not url:
        return EmbeddedPolicy(engine)
    try:
        from broker.drivers.opa.server import ServedPolicy, ServerAt  # noqa: PLC0415 - its client is an extra's
    except ImportError as error:
        msg = "an OPA server is named, but the client for it is not installed"
        remedy = 'pip install "mash-broker[streaming]"'
        raise SettingsError(msg, code="settings.opa", remedy=remedy) from error
    at = ServerAt.of(url)
    if at is None:
        msg = "MASH_OPA_URL is no address of a server"
        raise SettingsError(msg, code="settings.opa", remedy="write it as http://host:8181, without a path")
    return ServedPolicy(engine, at, clock)
