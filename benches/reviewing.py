"""Screening and re-screening of so many applications, beside one service call per case and the bare write of a result.

The applications are filled set-based, with deficiencies in one of six; screened, tried under a changed Version, then judged
again under it. `by object`: each loaded, judged by the same checks and saved, on a sample and taken back. `bare write`: one
INSERT … SELECT of twelve plain conditions into a narrow table, which knows no kana, no bank and no terms. `same rows`: what a
screening leaves of clean applications, written by the fewest set-based statements under every key and trigger, judged by
nobody; on a sample and taken back. Ratios are of processor time, the process's and the database's.
"""

import shutil
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.utils import timezone

from benches import by_object, report
from benches.decided import FILL as DECIDED_FILL
from benches.measure import Measured, Meter, apart, measured, say
from benches.sample import KEYED_ON, Setting, at, empty_programme, person, programme_of
from todoku.criteria.draft_version import draft_version
from todoku.criteria.sign_sheet import sign_sheet
from todoku.criteria.standing import standing
from todoku.custody.tables import Parcel
from todoku.formats import bank_master
from todoku.people.actor import SYSTEM
from todoku.programme.set_up import open_version
from todoku.programme.tables import Programme, Version
from todoku.registry.tables import RollImport
from todoku.review.facts import gathered, read
from todoku.review.rescreen import rescreen
from todoku.review.rescreen_judge import result_of
from todoku.review.rescreen_rows import before
from todoku.review.screen import judge_facts, sample_seed, screen
from todoku.review.tables import Finding, Screening
from todoku.review.try_version import try_version
from todoku.sampletown import names

SIZES, QUICK_SIZES = (182_000, 1_680_000), (3_000,)
SAMPLE, SAME_ROWS, BARE_RUNS = 1_000, 20_000, 3
# Persons, recipients, members, cases and amounts as for the money steps; then applications that wait for the screening.
PEOPLE_AND_CASES = DECIDED_FILL[:6]
FILL = (
    """
    insert into todoku_move (programme_id, to_stage, why, actor_name, at, count)
    values (%(p)s, 'listed', '見本', '見本', %(at)s, %(n)s), (%(p)s, 'invited', '見本', '見本', %(at)s, %(n)s),
           (%(p)s, 'received', '見本', '見本', %(at)s, %(n)s)
    """,
    """
    insert into todoku_casestage (case_id, stage, previous, move_stamp, since)
    select c.id, 'received', 'invited', (select id from todoku_move where programme_id = %(p)s and to_stage = 'received'), %(at)s
      from todoku_case c where c.programme_id = %(p)s order by c.id
    """,
    """
    insert into todoku_submission (case_id, programme_id, channel, state, receipt_number, arrived_on, registered_at,
      applied_on, applicant_is_recipient, applicant_name, phone, signed, declines, rail, members_corrected,
      identity_evidence, account_evidence, body_sha256, actor_name)
    select id, programme_id, case when id %% 10 < 6 then 'paper' else 'web' end, 'received', right(number, 12), %(day)s,
           %(at)s, %(day)s, true, '', case when id %% 50 = 3 then '' else '0450000000' end, id %% 50 <> 7, false, 'bank',
           id %% 50 = 11, case when id %% 50 = 13 then '' when id %% 50 = 17 then 'unclear' else 'clear' end,
           case when id %% 50 = 19 then 'cut' else 'clear' end, '', '見本'
      from todoku_case where programme_id = %(p)s order by id
    """,
    """
    insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol,
      yucho_number, entered_at, entered_by)
    select s.id, 1, (%(banks)s::text[])[1 + s.id %% cardinality(%(banks)s::text[])],
           (%(branches)s::text[])[1 + s.id %% cardinality(%(banks)s::text[])], 1,
           lpad((s.id %% 10000000)::text, 7, '0'), case when s.id %% 50 = 23 then 'ベツノ　ヒト' else h.kana end, '', '',
           %(at)s, '見本'
      from todoku_submission s join todoku_case c on c.id = s.case_id join todoku_recipient r on r.id = c.recipient_id
      join todoku_person h on h.id = r.head_id where s.programme_id = %(p)s order by s.id
    """,
)
BARE = """
insert into bench_result (submission_id, case_id, found, outcome)
select s.id, s.case_id,
       (s.phone = '')::int + 2 * (s.applied_on is null)::int + 4 * (not s.signed)::int + 8 * (not s.applicant_is_recipient)::int
       + 16 * s.members_corrected::int + 32 * s.declines::int + 64 * (s.identity_evidence = '')::int
       + 128 * (s.identity_evidence in ('unclear', 'cut'))::int + 256 * (s.account_evidence <> 'clear')::int
       + 512 * (a.bank !~ '^[0-9]{4}$')::int + 1024 * (a.branch !~ '^[0-9]{3}$')::int + 2048 * (a.number !~ '^[0-9]{7}$')::int,
       1
  from todoku_submission s join todoku_accountversion a on a.submission_id = s.id where s.programme_id = %s
"""
SAME = (
    """
    insert into todoku_screening (submission_id, case_id, outcome, sampled, persons, version_id, rules, came_from, at)
    select id, case_id, 'clean', false, 0, %(v)s, 1, 'invited', %(at)s from todoku_submission where id = any(%(s)s)
    """,
    "update todoku_submission set state = 'screened' where id = any(%(s)s)",
    """
    with stamped as (
      update todoku_casestage g set previous = g.stage, stage = 'passed', move_stamp = %(m)s, since = %(at)s
        from todoku_submission s where s.id = any(%(s)s) and g.case_id = s.case_id returning g.case_id)
    insert into todoku_caseevent (case_id, move_id, from_stage, to_stage, at)
    select case_id, %(m)s, 'received', 'passed', %(at)s from stamped
    """,
    """
    insert into todoku_proposal (case_id, submission_id, account_id, outcome, reason, via, rail, at)
    select s.case_id, s.id, a.id, 'grant', '', 'straight', 'bank', %(at)s
      from todoku_submission s join todoku_accountversion a on a.submission_id = s.id where s.id = any(%(s)s)
    """,
    "set constraints all immediate",
)
# Two criteria and the web's way through: one finding in five becomes lighter, another heavier.
CHANGED = (
    ("[review.checks]", '[review.checks]\nD12 = "note"\nD04 = "return"'),
    ('web = "straight"', 'web = "one_person"'),
)


class Line(NamedTuple):
    """One step at one size, beside the sample by object, the bare write and, for the screening, the same rows."""

    step: str
    ours: Measured
    by_object: Measured
    bare: Measured
    same: Measured | None = None

    @property
    def times(self) -> float:
        return self.ours.cpu_rate / self.by_object.cpu_rate

    @property
    def of_bare(self) -> float:
        return self.ours.cpu_rate / self.bare.cpu_rate

    @property
    def of_same(self) -> float:
        return self.ours.cpu_rate / self.same.cpu_rate if self.same else 0.0


def reviewing(sizes: Iterable[int], *, sample: int = SAMPLE) -> list[Line]:
    """Screening, trial and re-screening at each size."""
    lines = []
    for size in sorted(set(sizes)):
        setting = Setting(size, min(sample, size), 0)
        say(f"{size:,} applications: filling")
        apart(filled, setting)
        beside = measured(by_object.screen, setting)
        same = measured(same_rows, setting)
        bare = sorted(
            (measured(bare_write, setting) for _ in range(BARE_RUNS)), key=lambda one: one.cpu_rate
        )[1]
        lines.append(_told(Line("screening", measured(screen_all, setting), beside, bare, same)))
        apart(drafted, setting)
        again = measured(again_by_object, setting)
        lines.append(_told(Line("trial of a Version", measured(try_all, setting), again, bare)))
        apart(opened, setting)
        lines.append(_told(Line("re-screening", measured(rescreen_all, setting), again, bare)))
        emptied(setting)
    return lines


def _told(line: Line) -> Line:
    """Says what was measured: a run of an hour that is stopped has said what it saw."""
    say(" | ".join(cells(line)))
    return line


def emptied(setting: Setting) -> None:
    """Leaves no file of a size behind; its rows go before the next, or at the end."""
    shutil.rmtree(setting.folder, ignore_errors=True)


def filled(setting: Setting) -> None:
    """Empties the sample database and leaves so many applications at RECEIVED."""
    empty_programme(setting)
    setting.folder.mkdir(parents=True, exist_ok=True)
    programme, when = programme_of(setting), at(KEYED_ON, 9)
    parcel = Parcel.objects.create(
        kind="roll", name="roll.csv", scope=setting.slug, sha256="0" * 64, size_bytes=0, path="roll.csv",
        record_count=setting.households, received_at=when, received_by=SYSTEM.name,
    )  # fmt: skip
    roll = RollImport.objects.create(
        programme=programme, parcel=parcel, layout="benefit42", encoding="cp932", state="taken", staged_at=when,
        staged_by=SYSTEM.name, taken_at=when, taken_by=SYSTEM.name,
    )  # fmt: skip
    found = [bank_master.find_branches(bank.code, "") for bank in bank_master.find_banks("0")]
    places = [(branch.bank_code, branch.code) for branches in found for branch in branches]
    values: dict[str, Any] = {
        "p": programme.pk, "m": programme.municipality_id, "v": programme.versions.get().pk, "n": setting.households,
        "r": roll.pk, "at": when, "day": KEYED_ON, "mark": f"{programme.pk % 10_000:04}",
        "kana": [f"{one.kana}　タロウ" for one in names.SURNAMES],
        "banks": [bank for bank, _ in places], "branches": [branch for _, branch in places],
    }  # fmt: skip
    with connections["owner"].cursor() as cursor:
        for statement in (*PEOPLE_AND_CASES, *FILL):
            cursor.execute(statement, values)
        cursor.execute("analyze")


def screen_all(meter: Meter, setting: Setting) -> int:
    programme = programme_of(setting)
    with meter:
        report = screen(programme=programme, actor=SYSTEM, at=at(KEYED_ON, 12))
    assert report.done + report.waiting == setting.households, report
    return setting.households


def drafted(setting: Setting) -> None:
    """The next Version, signed but not open."""
    programme = programme_of(setting)
    text = programme.version.text
    for old, new in CHANGED:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    version = draft_version(programme, text, actor=SYSTEM, at=timezone.now())
    sign_sheet(version, sha256=standing(version).sha256, actor=person("officer"), at=timezone.now())


def _draft(setting: Setting) -> Version:
    return programme_of(setting).versions.select_related("programme").latest("number")


def try_all(meter: Meter, setting: Setting) -> int:
    version = _draft(setting)
    with meter:
        report = try_version(version, actor=SYSTEM, at=at(KEYED_ON, 13))
    assert report.done == setting.households, report
    return report.done


def opened(setting: Setting) -> None:
    open_version(_draft(setting), actor=person("manager"), at=timezone.now())


def rescreen_all(meter: Meter, setting: Setting) -> int:
    programme = programme_of(setting)
    with meter:
        report = rescreen(programme=programme, actor=SYSTEM, at=at(KEYED_ON, 14))
    assert report.done == setting.households, report
    return report.done


def again_by_object(meter: Meter, setting: Setting) -> int:
    """One service call per case: loaded, judged under the draft, compared and saved; taken back."""
    programme, version, done = programme_of(setting), _draft(setting), 0
    chosen = Screening.objects.filter(submission__programme=programme).order_by("pk")
    with by_object.taken_back(), meter:
        for pk in chosen.values_list("pk", flat=True)[: setting.sample]:
            _again(pk, programme, version)
            done += 1
    return done


def _again(pk: int, programme: Programme, version: Version) -> None:
    with transaction.atomic():
        one, stood = Screening.objects.get(pk=pk), before([pk])[pk]
        ((row, used),) = read([pk])
        terms = version.terms
        now = judge_facts(
            gathered(row, used, terms, came_from=stood.came_from), terms, sample_seed(programme)
        )
        if result_of(now) != stood.result:
            one.outcome, one.persons, one.sampled = now.outcome, now.persons, now.sampled
            for found in now.findings:
                Finding.objects.create(
                    submission_id=pk, case_id=stood.case, code=found.code, field=found.field, severity=found.severity,
                    evidence={name: str(value) for name, value in found.evidence.items()}, at=at(KEYED_ON, 14),
                )  # fmt: skip
        one.version = version
        one.save()


def bare_write(meter: Meter, setting: Setting) -> int:
    programme = programme_of(setting)
    with connections["owner"].cursor() as cursor:
        cursor.execute("drop table if exists bench_result")
        cursor.execute(
            "create table bench_result (submission_id bigint primary key, case_id bigint, found int, outcome smallint)"
        )
        with meter:
            cursor.execute(BARE, [programme.pk])
        rows = int(cursor.rowcount)
        cursor.execute("drop table bench_result")
    return rows


def same_rows(meter: Meter, setting: Setting) -> int:
    """What a screening of clean applications leaves, unjudged; on so many as the sample has at most, and taken back."""
    programme, when = programme_of(setting), at(KEYED_ON, 12)
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select id from todoku_submission where programme_id = %s order by id limit %s",
            [programme.pk, SAME_ROWS],
        )
        chosen = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "insert into todoku_move (programme_id, to_stage, why, actor_name, at, count)"
            " values (%s, 'passed', '', '', %s, 0) returning id",
            [programme.pk, when],
        )
        values = {"s": chosen, "m": cursor.fetchone()[0], "v": programme.version.pk, "at": when}
        with meter:
            for statement in SAME:
                cursor.execute(statement, values)
        transaction.set_rollback(True, using="owner")
    return len(chosen)


HEADINGS = (
    "step", "rows", "seconds", "rows/s", "rows/CPU s", "peak MB", "SQL/1,000 rows", "by object rows/CPU s", "times quicker",
    "bare write rows/CPU s", "of the bare write", "of the same rows",
)  # fmt: skip


def cells(line: Line) -> tuple[str, ...]:
    ours = line.ours
    return (
        line.step, f"{ours.rows:,}", f"{ours.seconds:,.2f}", report.whole(ours.rate), report.whole(ours.cpu_rate),
        f"{ours.peak_bytes / report.MB:,.0f}", f"{ours.statements * 1_000 / ours.rows:,.2f}",
        report.whole(line.by_object.cpu_rate), f"{line.times:,.0f} x", report.whole(line.bare.cpu_rate),
        f"{line.of_bare:.3f}", f"{line.of_same:.2f}" if line.same else "–",
    )  # fmt: skip


def text(lines: Sequence[Line]) -> str:
    return f"Reviewing\n\n{report.aligned(HEADINGS, [cells(line) for line in lines])}"


def values(line: Line) -> dict[str, Any]:
    """Plain values for a file."""
    return {
        "step": line.step, **line.ours._asdict(),
        "by_object": line.by_object._asdict(), "bare": line.bare._asdict(), "same_rows": line.same._asdict() if line.same else {},
        "times_by_object": line.times, "of_bare": line.of_bare, "of_same_rows": line.of_same,
    }  # fmt: skip
