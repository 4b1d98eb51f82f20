"""What both staff doors show of the books (帳簿): balances by year, whether they agree with the work, the entries.

Reads only; the office and the municipality see the same numbers by the same functions. No name of a person stands here:
an entry is found by its case's number, its account, kind and day.
"""

import csv
import io
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import get_current_timezone, localtime

from todoku.formats.codes import plain_number
from todoku.formats.fiscal_year import year_name
from todoku.ledger.accounts import ACCOUNTS, KINDS
from todoku.ledger.appropriate import has_appropriation
from todoku.ledger.balances import Balance, balances, standing, trial
from todoku.ledger.reverse import OF_THE_BOOKS
from todoku.ledger.tables import Correction, LedgerEntry
from todoku.payment.ledger_differences import ledger_differences
from todoku.payment.tables import Transfer
from todoku.programme.tables import Programme
from todoku.recovery.tables import Claim
from todoku.web.office.cells import case_cell, page_number
from todoku.web.shared.pieces import Badge, Cell, Column, Empty, Filter, Row, Table

# Money comes from these two; what they gave stands below zero.
SOURCES = ("budget", "payer")
# What a spreadsheet opens without trouble; more is taken year by year or account by account.
CSV_ROWS_MAX = 200_000
HEADINGS = (
    "仕訳番号", "記帳日時", "会計年度", "種類", "借方", "貸方", "金額", "案件", "対象", "対象番号", "記帳した人",
    "確認した人", "理由・番号", "訂正した仕訳",
)  # fmt: skip
SUBJECTS = {
    "decision": "支給決定", "transfer": "振込", "claim": "返還", "claim_payment": "納付", "case": "返納金の整理",
    "appropriation": "予算",
}  # fmt: skip


def shown_yen(yen: int) -> str:
    """An amount as books write it: △ before what is below zero, a dash for nothing."""
    return "–" if not yen else f"△{-yen:,}" if yen < 0 else f"{yen:,}"


def ledger_context(
    request: HttpRequest, programme: Programme, slug: str, *, correct_url: str = ""
) -> dict[str, Any]:
    """Everything of the page that both doors show. `correct_url`: where an entry is corrected, if this person may."""
    rows = balances(programme)
    sums, found = trial(rows), chosen_entries(request, programme)
    return {
        "balance_years": [year_name(year) for year in sorted({one.fiscal_year for one in rows})],
        "balance_rows": balance_rows(rows),
        "trial": {"debit": sums.debit_yen, "credit": sums.credit_yen, "agrees": sums.balances},
        "differences": [
            {"account": ACCOUNTS[one.account].name, "booked": one.booked_yen, "counted": one.counted_yen}
            for one in ledger_differences(programme)
        ],
        "no_budget": not has_appropriation(programme),
        "back_yen": standing(rows, "back"),
        "entries": entries_table(request, programme, slug, found, correct_url),
        "csv_query": request.GET.urlencode(),
    }  # fmt: skip


def balance_rows(rows: list[Balance]) -> list[dict[str, Any]]:
    """The accounts in the order of the books, each with what stands in it by year and in all."""
    years = sorted({one.fiscal_year for one in rows})
    used = {one.account for one in rows}
    return [
        {
            "name": account.name, "holds": account.holds, "source": account.code in SOURCES,
            "cells": [shown_yen(standing(rows, account.code, year)) for year in years],
            "total": shown_yen(standing(rows, account.code)),
        }
        for account in ACCOUNTS.values()
        if account.code in used
    ]  # fmt: skip


def _day(text: str, at: time) -> datetime | None:
    """A day of a filter as a moment of ours; nothing where it is no day."""
    try:
        return datetime.combine(date.fromisoformat(text), at, get_current_timezone())
    except ValueError:  # typed by hand in the address
        return None


def _asked(request: HttpRequest) -> dict[str, str]:
    names = ("account", "kind", "year", "q", "since", "until")
    return {name: request.GET.get(name, "").strip()[:20] for name in names}


def chosen_entries(request: HttpRequest, programme: Programme) -> "QuerySet[LedgerEntry]":
    """The entries that the address asks for, newest first."""
    asked, found = _asked(request), LedgerEntry.objects.filter(programme=programme)
    if asked["account"] in ACCOUNTS:
        found = found.filter(Q(debit=asked["account"]) | Q(credit=asked["account"]))
    if asked["kind"] in KINDS:
        found = found.filter(kind=asked["kind"])
    if asked["year"].isdecimal():
        found = found.filter(fiscal_year=int(asked["year"][:4]))
    if number := plain_number(asked["q"]):
        found = found.filter(case__number__startswith=number)
    if since := _day(asked["since"], time.min):
        found = found.filter(at__gte=since)
    if until := _day(asked["until"], time.max):
        found = found.filter(at__lte=until)
    return found.order_by("-pk")


def entries_table(
    request: HttpRequest, programme: Programme, slug: str, found: "QuerySet[LedgerEntry]", correct_url: str
) -> Table:
    """Fifty entries with what they stand for; one that another took back says so."""
    asked, page = _asked(request), page_number(request)
    shown = list(found.select_related("case")[(page - 1) * 50 : page * 50])
    years = LedgerEntry.objects.filter(programme=programme).values_list("fiscal_year", flat=True)
    ids = [one.pk for one in shown]
    taken_back = set(LedgerEntry.objects.filter(reverses__in=ids).values_list("reverses", flat=True))
    proposed = set(Correction.objects.filter(entry__in=ids, given_up_at=None).values_list("entry", flat=True))
    subjects, closed = _subjects(shown), taken_back | proposed
    columns = [
        Column("at", "記帳", fixed=True), Column("kind", "種類"), Column("accounts", "借方 ← 貸方"),
        Column("yen", "金額（円）", numeric=True), Column("case", "案件", fixed=True),
        Column("subject", "対象", fixed=True), Column("who", "記帳した人・番号・理由"),
    ]  # fmt: skip
    if correct_url:
        columns.append(Column("correct", "操作", fixed=True))
    return Table(
        id="entries", caption="仕訳", total=found.count(), page=page, columns=columns,
        rows=[_row(one, slug, subjects, one.pk in taken_back, one.pk in closed, correct_url) for one in shown],
        filters=[
            Filter("account", "勘定", asked["account"], [(one.code, one.name) for one in ACCOUNTS.values()]),
            Filter("kind", "種類", asked["kind"], [(one.code, one.name) for one in KINDS.values()]),
            Filter("year", "会計年度", asked["year"], [(str(year), year_name(year)) for year in sorted(set(years.distinct()))]),
            Filter("q", "案件の番号", asked["q"]), Filter("since", "この日から", asked["since"], kind="date"),
            Filter("until", "この日まで", asked["until"], kind="date"),
        ],
        empty=Empty("該当する仕訳はありません。", "支給を決定すると、帳簿に記帳されます。"),
    )  # fmt: skip


def _subjects(shown: Iterable[LedgerEntry]) -> dict[tuple[str, int], tuple[str, str]]:
    """What entries stand for, as (words, the claim's number or ""): transfers and claims by their own numbers."""
    shown = list(shown)
    transfers = [one.subject_id for one in shown if one.subject_kind == "transfer" and one.subject_id]
    claims = [one.subject_id for one in shown if one.subject_kind == "claim" and one.subject_id]
    named: dict[tuple[str, int], tuple[str, str]] = {}
    if transfers:
        for pk, number in Transfer.objects.filter(pk__in=transfers).values_list("pk", "number"):
            named["transfer", pk] = (f"振込 {number}", "")
    if claims:
        for pk, slip in Claim.objects.filter(pk__in=claims).values_list("pk", "slip_number"):
            named["claim", pk] = (f"返還 {slip}", str(pk))
    return named


def _row(
    one: LedgerEntry, slug: str, subjects: dict[tuple[str, int], tuple[str, str]], taken_back: bool, closed: bool,
    correct_url: str,
) -> Row:  # fmt: skip
    words, claim = subjects.get(
        (one.subject_kind, one.subject_id or 0), (SUBJECTS.get(one.subject_kind, ""), "")
    )
    who = f"{one.actor_name}・{one.second_name}" if one.second_name else one.actor_name
    reason = f"仕訳{one.reverses_id}を訂正：{one.reason}" if one.reverses_id else one.reason
    cells = [
        Cell(f"{localtime(one.at):%Y/%m/%d %H:%M}", note=f"仕訳{one.pk}　{year_name(one.fiscal_year)}"),
        Cell(KINDS[one.kind].name, badge=Badge("訂正済", "warn") if taken_back else None),
        Cell(f"{ACCOUNTS[one.debit].name} ← {ACCOUNTS[one.credit].name}"), Cell(one.amount_yen),
        case_cell(one.case.number, slug) if one.case else Cell(""),
        Cell(words, href=f"/p/{slug}/claims/{claim}/" if claim else ""), Cell(who, note=reason),
    ]  # fmt: skip
    if correct_url:
        open_to = one.kind in OF_THE_BOOKS and not closed
        cells.append(Cell("訂正する", href=f"{correct_url}{one.pk}/") if open_to else Cell(""))
    return Row(key=str(one.pk), cells=cells, name=f"仕訳{one.pk}", marked=taken_back)


def entries_csv(found: "QuerySet[LedgerEntry]") -> bytes:
    """The chosen entries as a table for a spreadsheet; case numbers, no names."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEADINGS)
    fields = found.values_list(
        "pk", "at", "fiscal_year", "kind", "debit", "credit", "amount_yen", "case__number", "subject_kind", "subject_id",
        "actor_name", "second_name", "reason", "reverses",
    )  # fmt: skip
    for (
        pk,
        at,
        year,
        kind,
        debit,
        credit,
        yen,
        case,
        subject,
        subject_id,
        who,
        second,
        reason,
        reverses,
    ) in fields:
        rows.writerow(
            (
                pk, f"{localtime(at):%Y-%m-%d %H:%M:%S}", year, KINDS[kind].name, ACCOUNTS[debit].name,
                ACCOUNTS[credit].name, yen, case or "", SUBJECTS.get(subject, subject), subject_id or "", who, second,
                reason, reverses or "",
            )
        )  # fmt: skip
    return text.getvalue().encode("utf-8-sig")
