"""Pure. Whether the tables of a Version agree with each other: dates in order, caps above amounts, letters
for modes.

Takes `Contents` as read and gives problems. A date or word that could not be read is passed over here, since
the reader has named it already.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from string import Formatter

from todoku.formats.bank_days import is_bank_day, next_bank_day
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.programme.amounts import AMOUNT_RULES
from todoku.programme.changes import misplaced
from todoku.programme.contents import Cohort, Contents
from todoku.programme.examples_agreement import examples
from todoku.programme.grounds_agreement import all_amounts, births, grounds, late_cohorts, payouts, vouchers
from todoku.programme.predicates import NEEDS
from todoku.programme.rails_agreement import rails
from todoku.programme.toml_table import NO_DAY, Problem, meant
from todoku.programme.vocabulary import (
    LETTER_OF_MODE,
    LETTERS,
    LETTERS_NEEDED,
    QUOTABLE,
    WORDING,
)

PASSBOOK_NAME_BYTES_MAX = 40  # the requester's field in the header of a 総合振込 file
_WRITTEN_DATE = re.compile(r"\d+年\d+月\d+日|\d+月\d+日|\d{4}[-/]\d{1,2}[-/]\d{1,2}")


def disagreements(contents: Contents) -> list[Problem]:
    """Every place where two tables of the Version contradict each other or the calendar of the banks."""
    return [problem for look in _LOOKS for problem in look(contents)]


def _in_order(table: str, key: str, day: date, other: date, what: str) -> Iterator[Problem]:
    """A problem when `day` comes before `other`; dates that could not be read are passed over."""
    if NO_DAY not in (day, other) and day < other:
        yield Problem(
            table, key, f"{day} は{what}（{other}）より前です。", "どちらかの日付を直してください。"
        )


def _dates(contents: Contents) -> Iterator[Problem]:
    intake, payment = contents.intake, contents.payment
    yield from _in_order("intake", "closes", intake.closes, intake.opens, "受付開始日")
    yield from _in_order("intake", "closes", intake.closes, contents.programme.base_date, "基準日")
    yield from _in_order(
        "unclaimed", "deemed_declined_on", contents.deemed_declined_on, intake.closes, "申請期限"
    )
    if payment.calendar:
        last = payment.calendar[-1].pays_on
        yield from _in_order("payment", "repay_deadline", payment.repay_deadline, last, "最後の振込日")


def _calendar(contents: Contents) -> Iterator[Problem]:
    slots = contents.payment.calendar
    before_received = before_paid = NO_DAY
    for number, slot in enumerate(slots, 1):
        table = f"payment.calendar（{number}番目）"
        if NO_DAY in slot:
            continue
        if slot.received_by <= before_received or slot.pays_on <= before_paid:
            yield Problem(table, "", "前の行と日付の順が逆か、同じです。", "早い日から順に並べてください。")
        if slot.pays_on <= slot.received_by:
            yield Problem(
                table, "pays_on", "受付締切より後の日ではありません。", "審査に要る日数を置いてください。"
            )
        if not is_bank_day(slot.pays_on):
            weekday = "月火水木金土日"[slot.pays_on.weekday()]
            yield Problem(
                table,
                "pays_on",
                f"{slot.pays_on}（{weekday}）は銀行の休業日です。",
                f"銀行の営業日（次は {next_bank_day(slot.pays_on)}）にしてください。",
            )
        before_received, before_paid = slot
    if slots and NO_DAY not in (slots[-1].received_by, contents.intake.closes):
        if slots[-1].received_by < contents.intake.closes:
            yield Problem(
                "payment.calendar",
                "",
                f"最後の受付締切（{slots[-1].received_by}）が申請期限（{contents.intake.closes}）より前です。",
                "期限の日までの申請を振り込む行を足してください。",
            )


def _money(contents: Contents) -> Iterator[Problem]:
    payment = contents.payment
    for _, one in all_amounts(contents):
        rule = AMOUNT_RULES.get(one.rule)
        if rule and all(name in one.parameters for name, kind in rule.parameters.items() if kind == "yen"):
            least = rule.least(one.parameters)
            if payment.cap_per_transfer_yen < least:
                yield Problem(
                    "payment",
                    "cap_per_transfer_yen",
                    f"支給額（{least:,}円）より小さいため、一件も振り込めません。",
                    f"{least} 以上にしてください。",
                )
    if payment.cap_per_account_yen < payment.cap_per_transfer_yen:
        yield Problem(
            "payment",
            "cap_per_account_yen",
            "一件の上限より小さくなっています。",
            f"{payment.cap_per_transfer_yen} 以上にしてください。",
        )


def _passbook_name(contents: Contents) -> Iterator[Problem]:
    name = contents.payment.passbook_name
    if not name:
        return
    try:
        half = bank_kana(name)
    except KanaRefused as refused:
        yield Problem("payment", "passbook_name", refused.sentence, "")
        return
    if len(half) > PASSBOOK_NAME_BYTES_MAX:
        yield Problem(
            "payment",
            "passbook_name",
            f"半角で{len(half)}文字あります（濁点・半濁点も一文字です）。",
            f"{PASSBOOK_NAME_BYTES_MAX}文字以内にしてください。",
        )


def _eligibility(contents: Contents) -> Iterator[Problem]:
    yield from _limits(contents)
    seen = [(change.event, change.who, change.phase) for change in contents.eligibility.changes]
    if len(set(seen)) < len(seen):
        yield Problem(
            "eligibility.change",
            "",
            "同じ場合の定めが二つあります。",
            "event・who・phase の組ごとに一つにしてください。",
        )


def _limits(contents: Contents) -> Iterator[Problem]:
    """Every condition has the limit that it asks for, the Version's or its ground's."""
    rules = contents.eligibility
    named: list[tuple[str, tuple[str, ...], object]] = [("eligibility", rules.predicates, rules)]
    named += [(f"eligibility.ground（{ground.name}）", ground.predicates, ground) for ground in rules.grounds]
    for table, predicates, own in named:
        for name in predicates:
            key = NEEDS.get(name)
            if key and not getattr(own, key, None) and not getattr(rules, key):
                shown = "18050000" if key == "income_limit_yen" else "2006-04-02"
                yield Problem(
                    table,
                    key,
                    f"条件 {name} に要る値が書かれていません。",
                    f"{key} = {shown} のように書いてください。",
                )


def _cohorts(contents: Contents) -> Iterator[Problem]:
    names = [cohort.name for cohort in contents.cohorts]
    if len(set(names)) < len(names):
        yield Problem(
            "cohort", "name", "同じ名前の区分が二つあります。", "区分ごとに別の名前にしてください。"
        )
    first = [cohort for cohort in contents.cohorts if cohort.payout == 1]
    if contents.cohorts and (not first or first[-1].condition != "everyone"):
        yield Problem(
            "cohort",
            "condition",
            "どの区分にも入らない対象者が出ます。",
            '最後の区分を condition = "everyone" にしてください。',
        )
    for cohort in contents.cohorts:
        table = f"cohort（{cohort.name}）"
        if cohort.mode == "push" and cohort.opt_out_date is None:
            yield Problem(
                table,
                "opt_out_date",
                "お知らせの申出期限がありません。",
                "opt_out_date = 2025-02-12 のように書いてください。",
            )
        if cohort.mode != "push" and cohort.opt_out_date is not None:
            yield Problem(
                table,
                "opt_out_date",
                "申出期限があるのはお知らせ（push）の区分だけです。",
                "この行を消してください。",
            )
        if cohort.mode == "push" and cohort.closes is not None:
            yield Problem(
                table,
                "closes",
                "お知らせ（push）の区分に申請の期限はありません。",
                "この行を消してください。",
            )
        yield from _days_of(contents, cohort, table)


def _days_of(contents: Contents, cohort: Cohort, table: str) -> Iterator[Problem]:
    """The days of a cohort of the first payout lie within the intake; those of a later one within the calendar."""
    slots = contents.payment.calendar
    last = contents.intake.closes if cohort.payout == 1 or not slots else slots[-1].received_by
    if cohort.opt_out_date is not None:
        yield from _in_order(table, "opt_out_date", last, cohort.opt_out_date, "お知らせの申出期限")
    if cohort.closes is not None:
        end = slots[-1].received_by if slots else last
        yield from _in_order(table, "closes", end, cohort.closes, "この区分の申請期限")


def _intake_and_review(contents: Contents) -> Iterator[Problem]:
    channels = contents.intake.channels
    if contents.intake.without_letter and "web" not in channels:
        yield Problem(
            "intake",
            "without_letter",
            "ウェブの受付がないのに、申請書なしのウェブ申請を受けることになっています。",
            'channels に "web" を加えるか、この行を消してください。',
        )
    if contents.intake.without_letter and "identity" not in contents.intake.evidence.get("web", ()):
        yield Problem(
            "intake.evidence",
            "web",
            "申請書なしのウェブ申請では、本人を確かめる書類が要ります。",
            '"identity" を加えてください。',
        )
    if contents.intake.deadline_by == "postmark" and "paper" not in channels:
        yield Problem(
            "intake",
            "deadline_by",
            "郵送がないのに消印で期限を見ることになっています。",
            '"arrival" にしてください。',
        )
    if contents.intake.deadline_by == "arrival" and contents.intake.no_postmark != "look":
        yield Problem(
            "intake",
            "no_postmark",
            "到着で期限を見るときは、消印の読めない封書の扱いは要りません。",
            "この行を消してください。",
        )
    for table, given in (
        ("intake.evidence", contents.intake.evidence),
        ("review.passes", contents.review.passes),
    ):
        for channel in channels:
            if channel not in given:
                yield Problem(
                    table, channel, "書かれていません。", "受け付ける手段ごとに一行ずつ書いてください。"
                )
    if "signature" in contents.intake.evidence.get("web", ()):
        yield Problem(
            "intake.evidence", "web", "ウェブの申請に署名はありません。", '"signature" を消してください。'
        )


def _returns(contents: Contents) -> Iterator[Problem]:
    """The second request goes out before the end, and nobody's application ends before the day that the letter names."""
    one = contents.returns
    if one.close_after_days and one.close_after_days <= one.reply_days:
        yield Problem(
            "returns",
            "close_after_days",
            f"手紙に書く回答の期限（{one.reply_days}日）より後になっていません。",
            f"{one.reply_days + 1} 以上にしてください。",
        )
    if one.close_after_days and one.remind_after_days >= one.close_after_days:
        yield Problem(
            "returns",
            "remind_after_days",
            "終わりにする日より前になっていません。",
            f"{one.close_after_days - 1} 以下にしてください。",
        )
    if one.remind_after_days and "return_reminder" not in contents.letters:
        yield Problem(
            "letters.return_reminder",
            "",
            "「不備のお知らせの再度のお願い」の文面がありません。",
            "[letters.return_reminder] に title と lead を書くか、remind_after_days を消してください。",
        )
    if one.closing == "lapse" and not one.close_after_days:
        yield Problem(
            "returns",
            "close_after_days",
            "期限切れとする日数が書かれていません。",
            "close_after_days = 60 のように書いてください。",
        )


def _letters(contents: Contents) -> Iterator[Problem]:
    needed = {LETTER_OF_MODE[cohort.mode] for cohort in contents.cohorts if cohort.mode in LETTER_OF_MODE}
    for letter in [*sorted(needed), *LETTERS_NEEDED]:
        if letter not in contents.letters:
            yield Problem(
                f"letters.{letter}",
                "",
                f"「{LETTERS[letter]}」の文面がありません。",
                f"[letters.{letter}] に title と lead を書いてください。",
            )
    basis, appeal = contents.programme.legal_basis, contents.wording.get("appeal")
    if basis == "disposition" and not appeal:
        yield Problem(
            "wording",
            "appeal",
            "行政処分なのに教示文がありません。",
            "審査請求と取消訴訟の教示を書いてください。",
        )
    if basis == "disposition" and appeal:
        # 行政不服審査法82条・18条1項, 行政事件訴訟法46条・14条1項: what may be sought, until when, and of whom.
        lacking = [word for word in ("審査請求", "3か月", "取消し", "6か月") if word not in appeal]
        if lacking:
            yield Problem(
                "wording",
                "appeal",
                f"教示文に{'・'.join(f'「{word}」' for word in lacking)}がありません。",
                "審査請求（知った日の翌日から3か月以内）と、取消しの訴え（6か月以内）を書いてください。",
            )
    if basis == "gift" and appeal:
        yield Problem(
            "wording",
            "appeal",
            "贈与による給付金に教示文が書かれています。",
            "消すか、legal_basis を見直してください。",
        )


def _sentences(contents: Contents) -> Iterator[Problem]:
    written = [("wording", key, text) for key, text in contents.wording.items() if key in WORDING]
    written.append(("contact", "name", contents.contact.name))
    for name, letter in contents.letters.items():
        written += [(f"letters.{name}", "title", letter.title), (f"letters.{name}", "lead", letter.lead)]
    for table, rows in (
        ("cohort", contents.cohorts),
        ("late", contents.late),
        ("payout", contents.payouts),
        ("eligibility.ground", contents.eligibility.grounds),
    ):
        for row in rows:
            yield from _dated(table, "title", row.title)
    for table, key, text in written:
        yield from _dated(table, key, text)
        yield from _quotations(table, key, text, pushes=any(c.mode == "push" for c in contents.cohorts))


def _dated(table: str, key: str, text: str) -> Iterator[Problem]:
    """A date in a sentence would be a second truth beside the tables."""
    if found := _WRITTEN_DATE.search(text):
        yield Problem(
            table,
            key,
            f"文の中に日付「{found[0]}」があります。",
            "{deadline} のような引用に置き換えてください。",
        )


def _quotations(table: str, key: str, text: str, *, pushes: bool) -> Iterator[Problem]:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        yield Problem(
            table, key, "波かっこ { } の組が合いません。", "引用は {deadline} のように書いてください。"
        )
        return
    # The contact's name is itself quoted, so it may quote the municipality alone.
    quotable = {"municipality": ""} if table == "contact" else QUOTABLE
    for name in names:
        if name not in quotable:
            yield Problem(table, key, f"引用できない語 {{{name}}} があります。", meant(name, quotable))
        elif name == "opt_out" and not pushes:
            yield Problem(
                table,
                key,
                "お知らせ（push）の区分がないのに {opt_out} を引用しています。",
                "引用を消してください。",
            )


_LOOKS: tuple[Callable[[Contents], Iterator[Problem]], ...] = (
    _dates,
    _calendar,
    _money,
    rails,
    grounds,
    births,
    late_cohorts,
    payouts,
    vouchers,
    misplaced,
    examples,
    _passbook_name,
    _eligibility,
    _cohorts,
    _intake_and_review,
    _returns,
    _letters,
    _sentences,
)
