"""One child as a recipient may see them: child's words first, then people, plan, timeline, what is kept back."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from broker.cli.words import NOT_A_REFERRAL, SORTS, event_title, label, moment
from broker.recipient.view import ChildView, Dated, Moment
from broker.runtimes.views import FeedHeard, OpenView

GRADE_STYLES = {"red": "bold red", "amber": "yellow", "green": "green", "blue": "blue"}


def show_view(console: Console, opened: OpenView) -> None:
    """Print one view. Every part says what it is; colour is never the only signal."""
    view = opened.view
    console.print(Panel(_heading(opened), title=escape(f"{opened.role} · {opened.recipient_name}"), title_align="left"))
    _section(console, "Waiting for a person", _waiting(opened))
    _section(
        console, "The child's own words", [f"“{w}”  ({moment(at)}, {agency})" for at, agency, w in view.child_words]
    )
    _section(console, "People", _people(view))
    _section(console, "Where to find the child", _dated(view.address), empty="No address has been shared with you.")
    _section(console, "Plan and enquiries", _dated(view.plan), empty="None has been shared with you.")
    _section(console, "Allocated worker", _dated(view.worker), empty="None has been shared with you.")
    console.print("\n[bold]Timeline[/bold]")
    for entry in view.timeline:
        console.print(_entry(entry))
    if not view.timeline:
        console.print("  Nothing has been shared with you about this child.")
    _section(console, "Kept back", view.kept_back, empty="Nothing that you may be told of.")
    console.print(f"  To ask for more: mash request {view.child} --as {opened.role} --purpose safeguarding --what …")
    console.print("\n[bold]How fresh this is[/bold] (blank never means that nothing is held)")
    console.print(_feeds(opened.feeds, opened.now))
    console.print(f"\n{NOT_A_REFERRAL}", style="bold")


def _heading(opened: OpenView) -> RenderableType:
    view = opened.view
    lines = [
        f"[bold]{escape(view.name or 'Name not shared')}[/bold]  born {escape(view.birth_date or 'not shared')}",
        escape(" · ".join(view.identifiers)) if view.identifiers else "no identifiers shared",
        f"opened {moment(opened.now)} by {escape(opened.person)}; the opening is recorded"
        + (f" · {view.unread} not opened before" if view.unread else ""),
    ]
    return Text.from_markup("\n".join(lines))


def _waiting(opened: OpenView) -> list[str]:
    return [f"{w.words} — {w.owner}, by {moment(w.deadline)}" for w in opened.waiting]


def _people(view: ChildView) -> list[str]:
    lines = []
    for person in view.people:
        detail = ", ".join(f"{label(n)} {v}" for n, v in person.detail.items())
        shown = " · ".join(p for p in (person.role.replace("_", " "), person.name, detail) if p)
        lines.append(f"{shown}  (as at {person.as_at})")
    return lines


def _dated(items: Sequence[Dated]) -> list[str]:
    return [f"{item.text}  (as at {item.as_at}, from {item.agency})" for item in items]


def _section(console: Console, title: str, lines: Iterable[str], *, empty: str = "") -> None:
    shown = list(lines)
    if not shown and not empty:
        return
    console.print(f"\n[bold]{title}[/bold]")
    for line in shown or [empty]:
        console.print(f"  {escape(line)}")


def _entry(entry: Moment) -> RenderableType:
    head = Text(f"  {moment(entry.occurred_at)}  ", style="bold")
    head.append(f"{event_title(entry.event_type)}, {entry.agency}")
    if entry.urgency:
        head.append(f"  urgency: {entry.urgency}", style=GRADE_STYLES.get(entry.urgency, ""))
    if entry.level:
        head.append(f"  need: level {entry.level}")
    lines: list[RenderableType] = [head]
    if entry.is_withdrawn:
        lines.append(Text("      This was about a different child: disregard.", style="bold"))
    if entry.unmatched:
        lines.append(Text("      Not certain which child this is about: in no child's record yet.", style="bold"))
    if entry.asked_again:
        lines.append(Text(f"      asked again: {entry.asked_again}"))
    details = ", ".join(f"{label(path)}: {value}" for path, value in entry.details.items() if value)
    if details:
        lines.append(Text(f"      {details}"))
    lines.extend(Text(f"      {told}", style="dim") for told in entry.also_told)
    for statement in entry.statements:
        marks = "; ".join(
            part
            for part in (
                statement.said_by.replace("_", " ") and f"said by {statement.said_by.replace('_', ' ')}",
                statement.status and f"status {statement.status} as at {statement.status_as_at}",
            )
            if part
        )
        line = Text(f"      [{SORTS.get(statement.sort, statement.sort or 'kept back')}] ")
        line.append((statement.text or "said, but not shared with you in words") + (f" ({marks})" if marks else ""))
        lines.append(line)
    return Group(*lines)


def _feeds(feeds: Sequence[FeedHeard], now: datetime) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 2), show_header=True, header_style="")
    for column in ("agency", "last heard", "", "this feed does not cover"):
        table.add_column(column)
    for feed in feeds:
        last = moment(feed.last_heard) if feed.last_heard else "never"
        table.add_row(
            escape(feed.name), last, "SILENT TOO LONG" if feed.is_silent(now) else "", escape(feed.does_not_cover)
        )
    return table
