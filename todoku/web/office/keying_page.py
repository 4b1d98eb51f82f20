"""What stands on the 打鍵 desk: the tasks in hand with pictures and fields, how much waits, the team's day. Reads only."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.timezone import localdate

from todoku.intake.compare import differences
from todoku.intake.key_form import FIRST, SECOND, typed_in
from todoku.intake.keyed_values import twice
from todoku.intake.receive_paper import rails_of
from todoku.intake.sheets_of import Crop, Sheets, sheets_of
from todoku.intake.tables import KeyTask
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.tables import Staff
from todoku.programme.tables import Programme
from todoku.scan.tables import ScanPage
from todoku.web.office.cells import case_cell
from todoku.web.office.keying_form import (
    TELLERS,
    Choice,
    FirstEntry,
    SecondEntry,
    offers,
    show_offer,
    suggested,
)
from todoku.web.office.proof_form import asked_kinds
from todoku.web.shared.pieces import ROWS_PER_PAGE, Cell, Column, Empty, Row, Table

# Below so many people a team's seconds would be one person's.
TEAM_PEOPLE_MIN = 3


class Mode(NamedTuple):
    """One kind of keying: its name, what the person does, the key that begins it."""

    name: str
    words: str
    key: str


MODES = {
    "first": Mode("1回目", "紙面の項目をすべて入力します。", "n"),
    "second": Mode("照合", "口座と本人確認書類だけを、1回目を見ずにもう一度入力します。", "m"),
    "differs": Mode("不一致", "2人の入力が違うところを、紙面を見て決めます。", "d"),
}


class Waiting(NamedTuple):
    """A mode with how many forms wait in it."""

    key: str
    mode: Mode
    waiting: int


class Line(NamedTuple):
    """One field of the desk: how it is drawn, where it stands on the paper, who reads it back."""

    bound: BoundField
    crop: Crop | None
    teller: str

    @property
    def is_choice(self) -> bool:
        return hasattr(self.bound.field, "choices")


class Sitting(NamedTuple):
    """One task at the desk."""

    task: KeyTask
    pages: tuple[ScanPage, ...]
    form: Any
    lines: tuple[Line, ...]
    started: int
    notes: tuple[str, ...]


def counts(programme: Programme) -> dict[str, Waiting]:
    """How many forms wait for which keying."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, count(*) from todoku_keytask where programme_id = %s group by state",
            [programme.pk],
        )
        found = dict(cursor.fetchall())
    return {key: Waiting(key, mode, found.get(key, 0)) for key, mode in MODES.items()}


def sitting(task: KeyTask, mode: str, now: datetime, typed: QueryDict | None = None) -> Sitting:
    """A task as the desk shows it; with `typed` as it was sent. Of a second keying nothing of the first is here."""
    sheets, kinds = sheets_of(task), asked_kinds(task.programme.terms)
    auto_id = f"k{task.pk}_%s"
    if mode == "first":
        form: Any = FirstEntry(
            typed, fields=sheets.fields, today=localdate(now), rails=rails_of(task.programme), kinds=kinds,
            auto_id=auto_id,
            initial=suggested(sheets.pages, sheets.fields) | {"arrived_on": f"{task.arrived_on:%m%d}"},
        )  # fmt: skip
        for name, (text, sure) in offers(sheets.pages).items():
            if name in form.fields:
                show_offer(form[name], text, sure)
    elif mode == "second":
        # Which boxes there are says whether a paper was named at first, and nothing more.
        again = twice(sheets.fields, typed_in(task, FIRST))
        form = SecondEntry(typed, fields=again, kinds=kinds, auto_id=auto_id)
    else:
        first, second = typed_in(task, FIRST), typed_in(task, SECOND)
        form = Choice(
            typed,
            first=first,
            second=second,
            differing=differences(first, second),
            kinds=kinds,
            auto_id=auto_id,
        )
    return Sitting(
        task, tuple(sheets.pages), form, tuple(_lines(form, sheets)), int(now.timestamp()), tuple(_notes(sheets))
    )  # fmt: skip


def _lines(form: Any, sheets: Sheets) -> list[Line]:
    return [
        Line(bound, sheets.crops.get(bound.name.removeprefix("pick_").removeprefix("other_")), TELLERS.get(bound.name, ""))
        for bound in form
    ]  # fmt: skip


def _notes(sheets: Sheets) -> list[str]:
    found = []
    if any(page.ticks.get("use_known_account") == "marked" for page in sheets.pages):
        found.append("「登録済みの口座」に印があります。口座の欄が空なら、空のまま進みます。")
    if any(page.masked for page in sheets.pages):
        found.append("マイナンバーと思われる数字を塗りつぶした書類があります。原本の番号も隠してください。")
    if any(page.state == "look" for page in sheets.pages):
        found.append("この束に、確認を待つページがあります。")
    return found


def team_figures(programme: Programme, actor: Actor, day: date) -> list[Mapping[str, Any]]:
    """Keyings of a day, seconds per form (median) and forms per hour of keying, of one's own team; of all for the manager.

    A team is the people of one organisation; seconds and forms per hour are of three people or more, never of one alone.
    """
    assert actor.id is not None, "only a person keys"
    own = Staff.objects.values_list("organisation_id", flat=True).get(pk=actor.id)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select o.name, count(*), count(distinct y.staff_id),
                   percentile_cont(0.5) within group (order by extract(epoch from y.finished_at - y.started_at)::float8)
                     filter (where y.round = 1),
                   count(*) filter (where y.started_at is not null) * 3600.0
                     / nullif(sum(extract(epoch from y.finished_at - y.started_at)), 0)
              from todoku_keying y join todoku_keytask t on t.id = y.task_id
              join todoku_staff s on s.id = y.staff_id join todoku_organisation o on o.id = s.organisation_id
             where t.programme_id = %s and y.undone_at is null
               and (y.finished_at at time zone 'Asia/Tokyo')::date = %s and (%s or o.id = %s)
             group by o.id, o.name order by o.name
            """,
            [programme.pk, day, may(actor.roles, "progress.close_day"), own],
        )
        return [
            {
                "name": name, "count": count, "people": people,
                "seconds": _of_team(seconds, people), "per_hour": _of_team(per_hour, people),
            }
            for name, count, people, seconds, per_hour in cursor.fetchall()
        ]  # fmt: skip


def _of_team(figure: float | None, people: int) -> int | None:
    return round(figure) if figure is not None and people >= TEAM_PEOPLE_MIN else None


def aside_table(programme: Programme, slug: str, page: int) -> Table:
    """Forms that could not be keyed, with the reason; each reason leads to the page on which a person ends it."""
    found = KeyTask.objects.filter(programme=programme, state="aside").select_related("case", "lot")
    return Table(
        id="aside", caption="保留にした申請書", total=found.count(), page=page,
        columns=[
            Column("on", "到着日", fixed=True), Column("number", "番号", fixed=True), Column("why", "理由"),
            Column("lot", "スキャン"),
        ],
        rows=[
            Row(
                str(one.pk),
                [
                    Cell(f"{one.arrived_on:%m/%d}"),
                    case_cell(one.case.number, slug),
                    Cell(one.aside_why, href=f"/p/{slug}/keying/aside/{one.pk}/"),
                    Cell(one.lot.name),
                ],
            )
            for one in found.order_by("arrived_on", "pk")[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
        ],
        empty=Empty("保留にした申請書はありません。", "入力できない申請書を保留にすると、理由と一緒にここに並びます。"),
    )  # fmt: skip
