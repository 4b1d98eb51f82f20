"""Takes in the known accounts (既知口座一覧の取込み): a file in, one account per person out; used by push cohorts only.

The original is kept even when it is refused. Nothing is taken from a file with errors unless the operator chooses the
good rows. A later file replaces an account as long as nobody was told the old one.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction

from todoku.custody.receive import receive
from todoku.formats.encoding import decode_lines, sniff
from todoku.formats.refused import FormatRefused
from todoku.ground.copy_rows import copy_rows
from todoku.ground.step import Refusal, Report
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.registry.account_rows import HEADINGS, AccountProblem, AccountRow, read_accounts

# So many problems are named in a report; who has more mends the whole file.
PROBLEMS_MAX = 500
NOT_ON_ROLL = "名簿にない宛名番号です。名簿を先に取り込むか、番号を確かめてください。"
TWICE = "同じ宛名番号の行が先にあります。どちらか一行にしてください。"


class AccountsNotTaken(Refusal):
    """Nothing was taken from this file; `problems` names line, column and remedy of each fault found."""

    def __init__(self, sentence: str, problems: tuple[AccountProblem, ...] = ()) -> None:
        super().__init__(sentence)
        self.problems = problems


def import_accounts(
    data: bytes, *, programme: Programme, name: str, only_good: bool = False, actor: Actor, at: datetime
) -> Report:
    """Takes the accounts of a file. Report: `done` accounts new or changed, `refused` the faulty lines.

    Raises AccountsNotTaken for an unreadable file and, unless `only_good`, for one with faulty lines.
    """
    receive(
        data, kind="accounts", name=name, scope=programme.slug, from_party=programme.municipality.name,
        actor=actor, at=at,
    )  # fmt: skip
    try:
        found = list(read_accounts(decode_lines(data, sniff(data))))
    except FormatRefused as refused:
        raise AccountsNotTaken(refused.sentence) from refused
    rows = [row for row in found if isinstance(row, AccountRow)]
    problems = [row for row in found if isinstance(row, AccountProblem)]
    rows, more = _on_roll(rows, programme)
    problems = sorted([*problems, *more])
    if problems and not only_good:
        raise AccountsNotTaken(
            f"既知口座の一覧に{len(problems):,}件の誤りがあります。直したファイルを受け取り直すか、"
            "「正しい行のみ取り込む」を選んでください。",
            tuple(problems[:PROBLEMS_MAX]),
        )
    changed = _write(rows, programme, at)
    refused_lines = tuple((f"{p.line}行目「{p.column}」", p.remedy) for p in problems[:PROBLEMS_MAX])
    same = len(rows) - changed
    note = f"{changed:,}件の口座を取り込みました。" + (f"{same:,}件は前と同じです。" if same else "")
    return Report(done=changed, refused=refused_lines, note=note)


def _on_roll(
    rows: Iterable[AccountRow], programme: Programme
) -> tuple[list[AccountRow], list[AccountProblem]]:
    """Keeps the first row of each person who is on the roll; names the others."""
    rows = list(rows)
    with connection.cursor() as cursor:
        cursor.execute(
            "select number from todoku_person where programme_id = %s and number = any(%s)",
            [programme.pk, [row.number for row in rows]],
        )
        known = {number for (number,) in cursor.fetchall()}
    good: dict[str, AccountRow] = {}
    problems = []
    for row in rows:
        if row.number not in known:
            problems.append(AccountProblem(row.line, HEADINGS["number"], NOT_ON_ROLL))
        elif row.number in good:
            problems.append(AccountProblem(row.line, HEADINGS["number"], TWICE))
        else:
            good[row.number] = row
    return list(good.values()), problems


_UPSERT = """
insert into todoku_knownaccount (programme_id, person_id, bank, branch, kind, number, holder_kana, source, taken_at)
select %(programme)s, p.id, g.bank, g.branch, g.kind, g.account, g.holder_kana, g.source, %(at)s
  from given_account g join todoku_person p on p.programme_id = %(programme)s and p.number = g.number
on conflict (programme_id, person_id) do update
   set bank = excluded.bank, branch = excluded.branch, kind = excluded.kind, number = excluded.number,
       holder_kana = excluded.holder_kana, source = excluded.source, taken_at = excluded.taken_at
 where (todoku_knownaccount.bank, todoku_knownaccount.branch, todoku_knownaccount.kind, todoku_knownaccount.number,
        todoku_knownaccount.holder_kana, todoku_knownaccount.source)
       is distinct from (excluded.bank, excluded.branch, excluded.kind, excluded.number, excluded.holder_kana,
                         excluded.source)
"""


def _write(rows: list[AccountRow], programme: Programme, at: datetime) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "create temporary table given_account (line bigint, number text, bank text, branch text, kind int,"
            " account text, holder_kana text, source text) on commit drop"
        )
        copy_rows("given_account", AccountRow._fields, rows)
        cursor.execute("analyze given_account")
        cursor.execute(_UPSERT, {"programme": programme.pk, "at": at})
        changed = cursor.rowcount
        cursor.execute("drop table given_account")
    return changed
