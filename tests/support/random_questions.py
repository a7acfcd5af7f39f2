"""Hypothesis strategies for questions: everything the contract allows, weighted towards what agencies send."""

from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from contracts.question import (
    ActorAsked,
    Approval,
    CandidateAsked,
    CategoryAbout,
    ChildAsked,
    ClaimsAsked,
    EncompassAsked,
    EventAsked,
    FlagFact,
    GradeAsked,
    HistoryCount,
    LevelAsked,
    PastMarker,
    PolicyDocument,
    Question,
    RequestAsked,
    SenderAsked,
)
from contracts.words import (
    About,
    AgencyKind,
    DataCategory,
    EntryKind,
    GivenBy,
    Grade,
    Operation,
    Purpose,
    RecipientKind,
    RelationKind,
    Restriction,
)
from policies.engine import Engine

T = TypeVar("T")

IN_2026 = st.integers(min_value=1_767_000_000, max_value=1_798_000_000)
ANY_TIME = st.integers(min_value=1_500_000_000, max_value=1_850_000_000)
RARELY = st.sampled_from([False] * 9 + [True])


def mostly(usual: T, *, else_: st.SearchStrategy[T]) -> st.SearchStrategy[T]:
    """The usual value nine times in ten, else anything."""
    return RARELY.flatmap(lambda odd: else_ if odd else st.just(usual))


CELLS = st.builds(CategoryAbout, category=st.sampled_from(DataCategory), about=st.sampled_from(About))
ABOUT_CHILD = st.builds(CategoryAbout, category=st.sampled_from(DataCategory), about=st.just(About.CHILD))
FLAGS = st.builds(FlagFact, value=st.booleans(), as_at=st.just(1))
RARE_FLAGS = st.builds(FlagFact, value=RARELY, as_at=st.just(1))
RESTRICTIONS = mostly((), else_=st.sampled_from(Restriction).map(lambda r: (r,)))

CLAIMS = st.builds(
    ClaimsAsked,
    art6=st.sampled_from(["", "", "e", "6(1)(ea)", "a", "c", "nonsense"]),
    service_agreement=st.sampled_from(["", "agreed", "declined", "not_asked"]),
    dissent=RARELY,
    more_detrimental=RARELY,
    unsure=RARELY,
    consent_not_sought=st.sampled_from(["", "would_prejudice_protection"]),
)

CHILDREN = st.builds(
    ChildAsked,
    age=st.integers(min_value=-1, max_value=19),
    is_unborn=RARELY,
    open_case=FLAGS,
    section_47=FLAGS,
    on_plan=FLAGS,
    home_educated=RARE_FLAGS,
    restrictions=RESTRICTIONS.map(lambda found: tuple(PastMarker(restriction=r, as_at=1) for r in found)),
    address_guarded=st.booleans(),
    processing_restricted=RARELY,
)

HISTORY = st.lists(
    st.builds(
        HistoryCount,
        kind=st.just("uk.mash.school.concern.recorded.v1"),
        agency_kind=st.sampled_from(AgencyKind),
        grade=st.sampled_from(Grade),
        week=st.sampled_from(["2026-W08", "2026-W09", "1990-W01"]),
        count=st.integers(min_value=1, max_value=9),
    ),
    max_size=3,
).map(tuple)

REQUESTS = st.builds(
    RequestAsked,
    by=st.just("b"),
    role=st.just("r"),
    purpose=mostly(Purpose.SAFEGUARDING, else_=st.sampled_from(Purpose)),
    what=mostly((), else_=st.lists(st.sampled_from(DataCategory), max_size=2).map(tuple)),
    grounds=st.sampled_from(["", "section 47"]),
)

ACTORS = st.builds(ActorAsked, person=st.just("p"), role=st.just("r"), assigned=st.booleans())


def the_same_questions(engine: Engine, many: int) -> tuple[Question, ...]:
    """So many questions, the same in every run."""
    found: list[Question] = []

    @settings(
        max_examples=many,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(question=questions(engine))
    def collect(question: Question) -> None:
        found.append(question)

    collect()
    return tuple(found)


def questions(engine: Engine) -> st.SearchStrategy[Question]:
    """Any question: mostly about an event its sender could send and candidates it could have, else anything."""
    return st.sampled_from(_senders(engine)).flatmap(lambda sender: _of(engine, sender))


def _of(engine: Engine, sender: SenderAsked) -> st.SearchStrategy[Question]:
    all_types = [entry.type for entry in engine.catalogue.events]
    own = [name for name in all_types if name.split(".")[2] == sender.kind] or all_types
    unknown = "uk.mash.police.unheard.of.v1"
    types = mostly(own[0], else_=st.sampled_from([*all_types, unknown])) | st.sampled_from(own)
    return st.builds(
        Question,
        operation=mostly(Operation.SHARE, else_=st.sampled_from(Operation)),
        now=IN_2026 | mostly(1_773_000_000, else_=ANY_TIME),
        event=_events(types),
        request=st.none() | REQUESTS,
        actor=st.none() | ACTORS,
        child=CHILDREN,
        history=HISTORY,
        sender=st.just(sender),
        approvals=st.lists(_approvals(engine), max_size=2).map(tuple),
        candidates=st.lists(_candidates(engine), min_size=1, max_size=3).map(tuple),
    )


def _senders(engine: Engine) -> list[SenderAsked]:
    known = [engine.sender(party.id) for agreement in engine.agreements for party in agreement.parties]
    live = PolicyDocument(condition="18", review_due=1_900_000_000)
    charity = SenderAsked(id="stranger", kind=AgencyKind.VOLUNTARY, public_authority=False, competent_authority=False)
    force = SenderAsked(
        id="another-force",
        kind=AgencyKind.POLICE,
        public_authority=True,
        competent_authority=True,
        policy_documents=(live,),
    )
    without_document = known[0].model_copy(update={"policy_documents": ()})
    return [*known, charity, force, without_document]


def _events(types: st.SearchStrategy[str]) -> st.SearchStrategy[EventAsked]:
    cells = st.lists(ABOUT_CHILD | CELLS, min_size=1, max_size=8, unique=True).map(tuple)
    some_or_none: st.SearchStrategy[Any] = mostly((), else_=st.lists(CELLS, max_size=2, unique=True).map(tuple))
    return st.builds(
        EventAsked,
        type=types,
        agency=st.just("a"),
        occurred_at=IN_2026,
        level=st.builds(LevelAsked, value=st.sampled_from([1, 2, 3, 3, 3, 4]), given_by=st.sampled_from(GivenBy)),
        grade=st.builds(
            GradeAsked,
            value=mostly(Grade.AMBER, else_=st.sampled_from(Grade)) | st.sampled_from(Grade),
            given_by=st.sampled_from(GivenBy),
        ),
        categories=cells,
        locating=some_or_none,
        restrictions=RESTRICTIONS,
        entry_kinds=st.lists(st.sampled_from(EntryKind), max_size=2).map(tuple),
        handling_code=st.sampled_from(["", "P", "C"]),
        crime_indicator=st.booleans(),
        fgm_known=RARELY,
        new_address=RARELY,
        not_before=mostly(0, else_=ANY_TIME),
        claims=CLAIMS,
        encompass=st.builds(
            EncompassAsked,
            both_parties_16_or_over=st.sampled_from([True, True, True, False, None]),
            party_works_at=mostly((), else_=st.just(("school-ashdown",))),
            suspects_child_elsewhere=RARELY,
        ),
        identity_unsure=RARELY,
    )


def _approvals(engine: Engine) -> st.SearchStrategy[Approval]:
    codes = sorted({code for agreement in engine.agreements for code in agreement.approvals})
    return st.builds(
        Approval,
        ask=st.sampled_from(codes),
        role=st.sampled_from(["mash_manager", "caldicott_guardian", "caretaker"]),
        person=st.just("p"),
        at=st.integers(1, 3),
        recipient=st.sampled_from(["", "mash-core", "nursery-acorn"]),
        scope=st.sampled_from(["", "id.address", "health.sexual"]),
        granted=st.booleans(),
    )


def _candidates(engine: Engine) -> st.SearchStrategy[CandidateAsked]:
    home = engine.agreement("wrenshire")
    others = (each for each in engine.agreements if each is not home)
    listed = (*home.recipients, *(entry for each in others for entry in each.recipients))
    directory = list({r.id: (r.id, r.kind, r.roles[0]) for r in reversed(listed)}.values())[::-1]
    strange = [("football-club", RecipientKind.OTHER, "coach"), ("mash-core", RecipientKind.GP, "caretaker")]
    return st.builds(
        lambda entry, **rest: CandidateAsked(recipient=entry[0], kind=entry[1], role=entry[2], **rest),
        mostly(directory[0], else_=st.sampled_from(strange)) | st.sampled_from(directory),
        purpose=mostly(Purpose.SAFEGUARDING, else_=st.sampled_from(Purpose))
        | st.sampled_from([Purpose.SAFEGUARDING, Purpose.SAFEGUARDING, Purpose.ENCOMPASS_NOTIFICATION]),
        relation=st.sampled_from(RelationKind),
        confidence=mostly("verified", else_=st.just("stale")),
        held_old_address=RARELY,
    )
