"""Opens the exchange of one home: its stores, its policy, its use cases; without agencies and recipients."""

from dataclasses import dataclass

from broker.drivers.clock.scripted import ScriptedClock
from broker.drivers.clock.steady import SteadyClock, this_machine
from broker.drivers.clock.system import SystemClock
from broker.ports.clock import Clock
from broker.runtimes import setup
from broker.runtimes.agreements import load_engine
from broker.runtimes.home import Home
from broker.runtimes.logs import configure
from broker.runtimes.policies import open_policy
from broker.runtimes.registry import KeyRegistry
from broker.runtimes.settings import Settings, read_root_key
from broker.runtimes.stores import open_stores
from broker.runtimes.wiring import Hub, wire
from policies.engine import Engine, EngineLimits


@dataclass(frozen=True, slots=True)
class Exchange:
    """One exchange, opened. Close it when done."""

    home: Home
    hub: Hub
    engine: Engine
    clock: Clock

    def close(self) -> None:
        """Let go of every file and connection."""
        self.hub.close()
        self.engine.close()


def open_exchange(settings: Settings, *, clock: Clock | None = None) -> Exchange:
    """Open the exchange of the home that the settings name; what was not finished when it was made is made now.

    Raises:
        HomeError: there is no home, or it keeps its journal elsewhere than the settings say.
        SettingsError: no root key, or one inside the home.
        StoreError: a store cannot be opened.
    """
    home = Home(settings.home)
    home.check_exists()
    root_key = read_root_key(settings)
    configure(settings.log_level)
    engine = load_engine(home, EngineLimits(remembered=settings.remembered_verdicts))
    the_clock = clock or steady_clock_of(home) or clock_of(home)
    if not setup.is_complete(home, engine):
        setup.make_home(home, engine, now=the_clock.now())
    stores = open_stores(home, root_key, settings.database)
    policy = open_policy(engine, the_clock, settings.opa_url)
    return Exchange(home, wire(home, stores, policy, the_clock, KeyRegistry(home.registry)), engine, the_clock)


def steady_clock_of(home: Home) -> SteadyClock | None:
    """The clock by which the exchange decides and sends; none in a demonstration's home, and where none can be had."""
    machine = this_machine()
    return None if machine is None or home.scripted_clock.exists() else SteadyClock(home.steady_clock, machine)


def clock_of(home: Home) -> Clock:
    """The machine's clock; in a demonstration's home the time it is there."""
    return ScriptedClock(home.scripted_clock) if home.scripted_clock.exists() else SystemClock()
