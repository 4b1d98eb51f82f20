"""The issuer's report on a list of codes at the office's door: with its day, and with what it says too late."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.money_fixture import signed_in  # noqa: F401
from tests.payment.conftest import rails, rails_database  # noqa: F401
from tests.web.test_office_gifts import GIFTS, now, page, released  # noqa: F401
from todoku.delivery.tables import GiftList
from todoku.sampletown import gifts


def test_a_report_is_taken_with_the_day_on_which_the_issuer_counted(now, signed_in):  # noqa: F811
    released(now)
    now.posted()
    made = GiftList.objects.get()
    serials = list(made.codes.values_list("serial", flat=True))
    used = made.codes.filter(state="delivered").first().serial
    where, day = f"{GIFTS}list/{made.pk}/", now.at.date() - timedelta(days=1)
    data = gifts.use_report(serials, [used], day)

    def give(browser, **other):
        return browser.post(
            f"{where}report/", {"file": SimpleUploadedFile("r.csv", data)} | other, follow=True
        )

    with signed_in("office", "maker") as browser:
        without = give(browser)
        ahead = give(browser, as_of=f"{day + timedelta(days=90):%Y-%m-%d}")
        done = give(browser, as_of=f"{day:%Y-%m-%d}")
    assert without.status_code == 422 and "発行元が利用を数えた日を入力してください" in page(without)
    assert ahead.status_code == 422 and "今日より後" in page(ahead)
    assert "利用登録済み1枚" in page(done) and f"{day.month}月{day.day}日現在まで取込済" in page(done)
    made.refresh_from_db()
    assert (made.reported_on, made.codes.get(state="redeemed").serial) == (day, used)
