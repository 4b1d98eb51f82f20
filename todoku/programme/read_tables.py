"""Pure. One function per table of a Version's TOML: a `Table` under reading in, its frozen value out.

Mistakes are noted in the table's shared list. What two tables say of each other is `agreement.py`'s matter.
"""

import re

from todoku.programme import vocabulary as words
from todoku.programme.ages import months_after
from todoku.programme.contents import (
    About,
    Cash,
    Contact,
    Decline,
    Gift,
    Intake,
    LetterText,
    Payment,
    PaymentSlot,
    Returns,
    Review,
)
from todoku.programme.quality import quality
from todoku.programme.toml_table import NO_DAY, Table

# Between the last approval and the hand-over to the bank: an hour to notice and stop (Neyagawa found its 993 double
# payments two hours before the bank ran them, and had no way to stop them).
CANCEL_WINDOW_MINUTES = 60
CANCEL_WINDOW_MAX = 7 * 24 * 60
CAP_YEN_MAX = 9_999_999_999  # ten digits: the amount field of a 総合振込 file
REPLY_DAYS = 21  # three weeks to put things right, as municipalities usually grant
REMIND_DAYS_BEFORE = 21
DAYS_MAX = 365
MONTHS_MAX = 24
DUE_DAYS, DUE_DAYS_MAX = 3, 60  # the office's promise is to look within three days
TRIES, TRIES_MAX = 3, 10  # calls at different hours; more of them feel like pressure
GIFT_YEN_MAX = 100_000  # one code; the table of codes holds no greater one
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PHONE = re.compile(r"0\d{1,4}-\d{1,4}-\d{3,4}")


def about(table: Table) -> About:
    """[programme]."""
    about = About(
        slug=table.text("slug", longest=60, example='"kyufu-2026"'),
        name=table.text("name", longest=100),
        short_name=table.text("short_name", longest=20),
        legal_basis=table.choice("legal_basis", words.LEGAL_BASES),
        unit=table.choice("unit", words.UNITS),
        base_date=table.day("base_date"),
        payee=table.choice("payee", words.PAYEES),
        further_base_dates=table.days("further_base_dates"),
    )
    if about.slug and not _SLUG.fullmatch(about.slug):
        table.note("slug", "使えない文字があります。", "英小文字・数字・ハイフンだけで書いてください。")
    table.no_others()
    return about


def intake(table: Table) -> Intake:
    """[intake]."""
    channels = table.choices("channels", words.CHANNELS)
    evidence = table.table("evidence")
    opens, months = table.day("opens"), table.whole("closes_after_months", most=MONTHS_MAX, required=False)
    if months and "closes" in table.data:
        table.note(
            "closes_after_months",
            "期限が二通りに書かれています。",
            "closes か closes_after_months の一つにしてください。",
        )
    intake = Intake(
        channels=channels,
        opens=opens,
        closes=months_after(opens, months) if months and opens != NO_DAY else table.day("closes"),
        deadline_by=table.choice("deadline_by", words.DEADLINES),
        counts=table.choice("counts", words.COUNTS),
        evidence={
            channel: evidence.choices(channel, words.EVIDENCE, required=False)
            for channel in words.CHANNELS
            if channel in evidence.data
        },
        no_postmark=table.choice("no_postmark", words.NO_POSTMARK) if "no_postmark" in table.data else "look",
        attachments=table.choice("attachments", words.ATTACHMENTS)
        if "attachments" in table.data
        else "front",
        remind_days_before=_days(table, "remind_days_before", REMIND_DAYS_BEFORE),
        closes_after_months=months,
        without_letter=table.truth("without_letter"),
    )
    evidence.asked.update(words.CHANNELS)
    evidence.no_others()
    table.no_others()
    return intake


def _days(table: Table, key: str, otherwise: int) -> int:
    """A number of days; `otherwise` where none is given."""
    return table.whole(key, most=DAYS_MAX) if key in table.data else otherwise


def returns(table: Table) -> Returns:
    """[returns]."""
    returns = Returns(
        reply_days=table.whole("reply_days", least=7, most=DAYS_MAX)
        if "reply_days" in table.data
        else REPLY_DAYS,
        remind_after_days=_days(table, "remind_after_days", 0),
        close_after_days=_days(table, "close_after_days", 0),
        closing=table.choice("closing", words.CLOSINGS) if "closing" in table.data else "ask_municipality",
    )
    table.no_others()
    return returns


def review(table: Table) -> Review:
    """[review]."""
    passes, checks = table.table("passes"), table.table("checks", required=False)
    review = Review(
        passes={
            channel: passes.choice(channel, words.PASSES)
            for channel in words.CHANNELS
            if channel in passes.data
        },
        sample_percent=table.number("sample_percent", least=0, most=100),
        checks={
            code: checks.choice(code, words.SEVERITIES) for code in words.CHECK_CODES & checks.data.keys()
        },
        quality=quality(table),
        blind_second=table.truth("blind_second") if "blind_second" in table.data else True,
        due_days=table.whole("due_days", least=1, most=DUE_DAYS_MAX, required=False) or DUE_DAYS,
        contact_tries=table.whole("contact_tries", least=1, most=TRIES_MAX, required=False) or TRIES,
    )
    if review.quality.seeded.percent and not review.blind_second:
        table.note(
            "blind_second", "埋込み（[review.seeded]）のある制度で、二次審査が一次の判定を見ることになっています。",
            "blind_second を消すか true にしてください。架空の案件には一次の判定がないため、見える制度では見分けられます。",
        )  # fmt: skip
    passes.asked.update(words.CHANNELS)
    checks.asked.update(words.CHECK_CODES)
    for inner in (passes, checks, table):
        inner.no_others()
    return review


def payment(table: Table) -> Payment:
    """[payment]."""
    slots = []
    for row in table.tables("calendar"):
        slots.append(PaymentSlot(row.day("received_by"), row.day("pays_on")))
        row.no_others()
    payment = Payment(
        passbook_name=table.text("passbook_name", example='"トクベツキユウフキン"'),
        calendar=tuple(slots),
        cap_per_transfer_yen=table.whole("cap_per_transfer_yen", least=1, most=CAP_YEN_MAX),
        cap_per_account_yen=table.whole("cap_per_account_yen", least=1, most=CAP_YEN_MAX),
        repay_deadline=table.day("repay_deadline"),
        cancel_window_minutes=table.whole(
            "cancel_window_minutes", least=0, most=CANCEL_WINDOW_MAX, required=False
        )
        or CANCEL_WINDOW_MINUTES,
        rails=table.choices("rails", words.RAILS, required=False) or ("bank",),
        gift=gift(table.table("gift")) if "gift" in table.data else None,
        cash=cash(table.table("cash")) if "cash" in table.data else None,
        account_inquiry=table.truth("account_inquiry"),
    )
    table.asked.update(("gift", "cash"))
    table.no_others()
    return payment


def gift(table: Table) -> Gift:
    """[payment.gift]."""
    gift = Gift(
        issuer=table.text("issuer", longest=60),
        values_yen=table.wholes("values_yen", least=1, most=GIFT_YEN_MAX),
        delivery=table.choices("delivery", words.GIFT_DELIVERIES, required=False) or ("letter",),
    )
    table.no_others()
    return gift


def cash(table: Table) -> Cash:
    """[payment.cash]."""
    cash = Cash(place=table.text("place", longest=100), hours=table.text("hours", longest=100))
    table.no_others()
    return cash


def contact(table: Table) -> Contact:
    """[contact]."""
    contact = Contact(
        name=table.text("name", longest=60),
        phone=table.text("phone", longest=20, example='"0120-000-000"'),
        hours=table.text("hours", longest=100),
        url=table.text("url", longest=200, example='"https://www.example.lg.jp/"'),
    )
    if contact.phone and not _PHONE.fullmatch(contact.phone):
        table.note("phone", "電話番号の形ではありません。", "0120-000-000 のように書いてください。")
    if contact.url and not contact.url.startswith("https://"):
        table.note("url", "https:// で始まっていません。", "自治体の公式サイトの住所を書いてください。")
    table.no_others()
    return contact


def wording(table: Table) -> dict[str, str]:
    """[wording]: the sentences given, under their known names."""
    texts = {key: table.text(key, required=key in words.WORDING_NEEDED) for key in words.WORDING}
    table.no_others()
    return {key: text for key, text in texts.items() if text}


def letters(table: Table) -> dict[str, LetterText]:
    """[letters.*]: the letters given, under their known names."""
    letters = {}
    for name in words.LETTERS:
        if name in table.data:
            inner = table.table(name)
            letters[name] = LetterText(inner.text("title", longest=60), inner.text("lead"))
            inner.no_others()
    table.asked.update(words.LETTERS)
    table.no_others()
    return letters


def decline(table: Table) -> Decline:
    """[decline]."""
    until = (
        table.choice("reversible_until", words.DECLINE_UNTIL) if "reversible_until" in table.data else "paid"
    )
    decline = Decline(unit=table.choice("unit", words.DECLINE_UNITS), reversible_until=until)
    table.no_others()
    return decline
