"""One child as a recipient may see them: who decides, the child's words, people, plan, timeline, what is kept back."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from broker.cli.codes import ABUSE, coded, details_in_words
from broker.cli.words import (
    CAUSES,
    IDENTIFIERS,
    NOT_A_REFERRAL,
    SORTS,
    count,
    day,
    event_title,
    moment,
    plain_words,
)
from broker.recipient.view import ChildView, Dated, Moment, Statement
from broker.runtimes.views import FeedHeard, OpenView
from contracts.words import Cause, Form

GRADE_STYLES = {"red": "bold red", "amber": "yellow", "green": "green", "blue": "blue"}
SHOWN_OF_A_REFERENCE = 8
ONLY_FOR_MACHINES = frozenset({"child_reference"})
CODE = re.compile(r"\(([A-Z]{3})\)")


def view_page(opened: OpenView, *, since: datetime | None = None) -> RenderableType:
    """One view to print. Every part says what it is; colour is never the only signal.

    ``since``: be brief, and leave out of the timeline what happened before; how much that is stands there.
    """
    view = opened.view
    names = {feed.agency: feed.name for feed in opened.feeds}
    brief = since is not None
    recent = [m for m in view.timeline if since is None or datetime.fromisoformat(m.occurred_at) >= since]
    entries = [part for entry in recent for part in _entry(entry, names, opened.titles, brief=brief)]
    earlier = len(view.timeline) - len(recent)
    if earlier:
        entries.insert(0, _line(Text(f"{count(earlier, 'earlier report')}, left out here", style="dim")))
    return Group(
        Panel(_heading(opened), title=_title(opened), title_align="left"),
        *_about_the_child(opened, names, brief=brief),
        _title_line("Timeline"),
        *(entries or [_line(Text("Nothing has been shared with you about this child."))]),
        *_section("Kept back", _kept_back(opened, brief=brief)),
        *_section("How fresh this is", _feeds(opened.feeds, opened.now, brief=brief)),
        *([] if brief else [Text(f"\n{NOT_A_REFERRAL}", style="bold")]),
    )


def _about_the_child(opened: OpenView, names: Mapping[str, str], *, brief: bool) -> Iterable[RenderableType]:
    """What stands before the timeline; a brief view names the parts of which nothing was shared in one line."""
    view = opened.view
    parts = (
        ("Who decides what is open", _waiting(opened), "Nothing that you may be told of."),
        ("The child's own words", _child_words(view, names), "None has been shared with you."),
        ("People", _people(view), "Nobody has been named to you."),
        ("Where to find the child", _dated(view.address, names), "No address has been shared with you."),
        ("Plan and enquiries", _dated(view.plan, names), "None has been shared with you."),
        ("Allocated worker", _dated(view.worker, names), "None has been shared with you."),
    )
    for title, lines, empty in parts:
        yield from _section(title, lines, empty="" if brief else empty)
    missing = [title.lower() for title, lines, _ in parts if not lines]
    if brief and missing:
        yield from _section("Nothing shared of", [", ".join(missing)])


def _title(opened: OpenView) -> str:
    role = plain_words(opened.role)
    return escape(f"{role[:1].upper()}{role[1:]} · {opened.recipient_name}")


def _heading(opened: OpenView) -> RenderableType:
    view = opened.view
    known = _identifiers(view.identifiers)
    lines = [
        f"[bold]{escape(view.name or 'Name not shared')}[/bold]  born {escape(day(view.birth_date) or 'not shared')}",
        escape(" · ".join(known)) if known else "no identifiers shared",
        f"opened {moment(opened.now)} by {escape(opened.person)}; the opening is recorded"
        + (f" · {count(view.unread, 'report')} not opened before" if view.unread else ""),
    ]
    return Text.from_markup("\n".join(lines))


def _identifiers(found: Iterable[str]) -> list[str]:
    """Identifiers in words; a sender's own number helps only where there is no other."""
    shown = []
    for each in found:
        kind = next((k for k in IDENTIFIERS if each.startswith(_written(k))), "")
        shown.append((kind, _identifier(kind, each) if kind else each))
    common = [text for kind, text in shown if kind != "local"]
    return common or [text for _, text in shown]


def _identifier(kind: str, text: str) -> str:
    rest = text.removeprefix(_written(kind)).strip()
    return f"{IDENTIFIERS[kind]} {rest.replace('(failed)', '(fails its check)')}"


def _written(kind: str) -> str:
    """An identifier's kind as a view writes it."""
    return kind.replace("_", " ")


def _waiting(opened: OpenView) -> list[str]:
    alike: dict[str, int] = defaultdict(int)
    for each in opened.waiting:
        alike[f"{each.words}: {plain_words(each.owner)} decides, by {moment(each.deadline)}"] += 1
    return [text + (f" ({count(number, 'report')})" if number > 1 else "") for text, number in alike.items()]


def _child_words(view: ChildView, names: Mapping[str, str]) -> list[str]:
    return [f"“{words}”  ({moment(at)}, {names.get(agency, agency)})" for at, agency, words in view.child_words]


def _people(view: ChildView) -> list[str]:
    lines = []
    for person in view.people:
        detail = ", ".join(
            f"{'born' if n == 'birth_date' else plain_words(n)} {day(v)}"
            for n, v in person.detail.items()
            if n not in ONLY_FOR_MACHINES
        )
        shown = ", ".join(p for p in (person.name or "name not shared", detail) if p)
        lines.append(f"{plain_words(person.role)}: {shown}  (as at {day(person.as_at)})")
    return lines


def _dated(items: Sequence[Dated], names: Mapping[str, str]) -> list[str]:
    return [
        f"{CODE.sub(lambda m: f'({ABUSE.get(m[1], m[1])})', item.text)}"
        f"  (as at {day(item.as_at)}, from {names.get(item.agency, item.agency)})"
        for item in items
    ]


def _kept_back(opened: OpenView, *, brief: bool) -> list[str]:
    view = opened.view
    told = list(view.kept_back) or ["Nothing more that you may be told of."]
    whom = view.name or view.child[:SHOWN_OF_A_REFERENCE]
    how = f'mash request "{whom}" --as {opened.role} --purpose … --what … --grounds … --of …'
    why = f"mash explain REPORT --as {opened.role}"
    if brief:
        return [*told, "To ask for more: mash request"]
    address = ["For the address itself: the same, with --what id.restricted_address"]
    kept = address if any(each.is_kept_back for each in view.address) else []
    return [*told, f"To ask for more: {how}", *kept, f"Why: {why}"]


def _section(title: str, lines: Iterable[str], *, empty: str = "") -> list[RenderableType]:
    shown = list(lines)
    if not shown and not empty:
        return []
    return [_title_line(title), *(_line(Text(line)) for line in shown or [empty])]


def _title_line(title: str) -> RenderableType:
    return Text(f"\n{title}", style="bold")


def _line(text: Text, indent: int = 2) -> RenderableType:
    return Padding(text, (0, 0, 0, indent))


def _entry(
    entry: Moment, names: Mapping[str, str], titles: Mapping[str, str], *, brief: bool
) -> Iterable[RenderableType]:
    yield _line(_head(entry, names, titles))
    marks = (
        CAUSES[Cause(entry.cause)] if entry.cause else "",
        entry.unmatched and "Not certain which child this is about: in no child's record yet.",
    )
    yield from (_line(Text(mark, style="bold"), 6) for mark in marks if mark)
    if entry.given_as:
        yield _line(Text(f"given as: {'; '.join(_given(part) for part in entry.given_as)}"), 6)
    if entry.asked_again:
        yield _line(Text(f"asked again: {plain_words(entry.asked_again)}"), 6)
    details = "; ".join(details_in_words(entry.details))
    if details:
        yield _line(Text(details), 6)
    yield from (_line(_said(statement), 6) for statement in entry.statements)
    if entry.also_told and not brief:
        yield _line(Text(" ".join(entry.also_told), style="dim"), 6)


def _given(part: str) -> str:
    if part.startswith("born "):
        return f"born {day(part.removeprefix('born '))}"
    return next((_identifier(kind, part) for kind in IDENTIFIERS if part.startswith(_written(kind))), part)


def _head(entry: Moment, names: Mapping[str, str], titles: Mapping[str, str]) -> Text:
    head = Text(f"{moment(entry.occurred_at)}  ", style="bold")
    head.append(titles.get(entry.event_type) or event_title(entry.event_type))
    head.append(f", {names.get(entry.agency, entry.agency)}", style="not bold")
    if entry.urgency:
        head.append(f"  urgency: {entry.urgency}", style=GRADE_STYLES.get(entry.urgency, ""))
    if entry.level:
        head.append(f"  need: level {entry.level}")
    head.append(f"  {entry.delivery_id[:SHOWN_OF_A_REFERENCE]}", style="not bold dim")
    return head


def _said(statement: Statement) -> Text:
    """One thing said, marked as fact, opinion, allegation or the child's words."""
    marks = "; ".join(
        part
        for part in (
            statement.said_by and f"said by {plain_words(statement.said_by)}",
            statement.status
            and f"status: {plain_words(statement.status)}, as at {day(statement.status_as_at) or 'an unknown day'}",
        )
        if part
    )
    sort = SORTS.get(statement.sort, statement.sort or "kept back")
    words = statement.text if " " in statement.text else coded(statement.text)
    if words and " " not in statement.text and statement.form is Form.SUMMARY:
        words = f"key facts only: {words}"
    line = Text(f"[{sort}] ")
    line.append((words or "said, but not shared with you in words") + (f" ({marks})" if marks else ""))
    return line


def _feeds(feeds: Sequence[FeedHeard], now: datetime, *, brief: bool) -> list[str]:
    """When each agency was last heard, those heard at the same minute together; silence first."""
    heard: Mapping[str, list[str]] = defaultdict(list)
    silent, never = [], []
    for feed in feeds:
        if feed.last_heard is None:
            never.append(feed.name)
        elif feed.is_silent(now):
            silent.append(f"SILENT TOO LONG: {feed.name}, last heard {moment(feed.last_heard)}")
        else:
            heard[moment(feed.last_heard)].append(feed.name)
    if brief and len(heard) == 1 and not silent and not never:
        heard = {at: [f"all {len(names)} agencies"] for at, names in heard.items()}
    lines = [*silent, *(f"heard {at}: {'; '.join(names)}" for at, names in heard.items())]
    if never:
        lines.append(f"never heard: {'; '.join(never)}")
    gaps = [f"not covered by {feed.name}: {feed.does_not_cover}" for feed in feeds if feed.does_not_cover and not brief]
    return [*lines, *gaps, "Blank never means that nothing is held."]
