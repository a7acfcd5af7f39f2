"""Where the time goes: samples of what runs, told apart by the stage of the line that it belongs to."""

import signal
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter, thread_time
from types import FrameType

EVERY_SECONDS = 0.002
ELSEWHERE = "the line's own turns, and all else"

STAGES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "read the spool": (("runtimes/post.py", "FeedInbox.receive"), ("runtimes/post.py", "FeedInbox.acknowledge")),
    "verify and read": (
        ("services/authenticate.py", "authenticate"),
        ("services/authenticate.py", "read_content"),
        ("services/accept.py", "Accept._one"),
    ),
    "identify": (("services/identify.py", "Identify.run"), ("core/identity.py", "claim")),
    "gather and ask": (
        ("services/deciding.py", "Deciding.prepare"),
        ("services/deciding.py", "Deciding.decide"),
        ("core/ask.py", "ask"),
    ),
    "policy": (("opa/embedded.py", "EmbeddedPolicy.decide"),),
    "settle, minimise and seal": (
        ("core/settle.py", "settle"),
        ("core/content.py", "content_of"),
        ("services/taking_in.py", "TakingIn._whole"),
    ),
    "write the outcome": (("services/accept.py", "Accept._commit"),),
    "make the acceptance durable": (("sql/store.py", "SqlStore.transaction"), ("sql/keys.py", "SqlKeys.create")),
    "hand back replies": (("runtimes/line.py", "Line._hand_back_replies"),),
    "sequence": (("services/sequence.py", "sequence"),),
    "release": (("services/release.py", "release"),),
    "recipients keep and sign": (("runtimes/post.py", "LocalPost.send"),),
    "verify and record receipts": (("services/receive_receipts.py", "receive_receipts"),),
}
"""In the order of the line. A sample belongs to the innermost of these functions that was running."""

_OF = {place: stage for stage, places in STAGES.items() for place in places}


@dataclass(slots=True)
class Profile:
    """Seconds by stage, of the clock and of the processor; and samples by function."""

    wall: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    processor: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    functions: Counter[tuple[str, str]] = field(default_factory=Counter)
    samples: int = 0

    def rows(self) -> list[tuple[str, float, float]]:
        """(stage, share of the clock, share of the processor), in the order of the line."""
        wall, processor = sum(self.wall.values()) or 1, sum(self.processor.values()) or 1
        return [(s, self.wall[s] / wall, self.processor[s] / processor) for s in (*STAGES, ELSEWHERE)]

    def busiest(self, most: int = 12) -> list[tuple[str, str, float]]:
        """(stage, function, share of the samples) of the functions that ran most."""
        return [
            (stage, name, count / max(1, self.samples)) for (stage, name), count in self.functions.most_common(most)
        ]


@contextmanager
def profiled() -> Iterator[Profile]:
    """Sample what runs inside, in the main thread."""
    profile = Profile()
    last = [perf_counter(), thread_time()]

    def sample(_signal: int, frame: FrameType | None) -> None:
        wall, processor = perf_counter(), thread_time()
        stage, name = _stage(frame), _name(frame)
        profile.wall[stage] += wall - last[0]
        profile.processor[stage] += processor - last[1]
        profile.functions[stage, name] += 1
        profile.samples += 1
        last[:] = [wall, processor]

    before = signal.signal(signal.SIGALRM, sample)
    signal.setitimer(signal.ITIMER_REAL, EVERY_SECONDS, EVERY_SECONDS)
    try:
        yield profile
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stage(frame: FrameType | None) -> str:
    while frame is not None:
        code = frame.f_code
        place = ("/".join(code.co_filename.rsplit("/", 2)[1:]), code.co_qualname)
        if place in _OF:
            return _OF[place]
        frame = frame.f_back
    return ELSEWHERE


def _name(frame: FrameType | None) -> str:
    if frame is None:
        return ""
    code = frame.f_code
    return f"{'/'.join(code.co_filename.rsplit('/', 2)[1:])} {code.co_qualname}"
