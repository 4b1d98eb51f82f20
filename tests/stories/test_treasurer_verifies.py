"""The treasurer before the hand-over: the kept file agrees, the one on the stick does not, and the page says where."""

from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import expect

from tests.payment.ground import Money
from tests.stories.desk import sign_in
from todoku.payment.kept_files import bank_files
from todoku.people.tables import AuditEvent


def test_the_treasurer_finds_an_altered_file(town, served, desktop, sound, picture, tmp_path: Path):
    """One account number on the stick has two digits changed; the treasurer learns which line, and the whole number is
    on no page."""
    money = Money(town, timezone.localtime() - timedelta(hours=1))
    money.decided(5)
    batch = money.sealed()
    (data,) = bank_files(batch)
    at = 122 * 3 + 43
    account = data[at : at + 7]
    other = account[:5] + bytes(reversed(account[5:])) if account[5] != account[6] else b"0000000"
    stick = tmp_path / "FURIKOMI.TXT"
    stick.write_bytes(data[:at] + other + data[at + 7 :])
    true = tmp_path / "COPY.TXT"
    true.write_bytes(data)

    address = served("municipality")
    sign_in(desktop, address, "treasurer")
    desktop.goto(f"{address}/p/sample/approvals/{batch.pk}/")
    desktop.get_by_role("link", name="ファイルを検証").click()
    found = sound(desktop)
    desktop.get_by_role("button", name="保管中のファイルを検証する").click()
    expect(desktop.get_by_text(f"一致しました。5件、{batch.total_yen:,}円。")).to_be_visible()
    found += sound(desktop)
    picture(desktop, "city-verify-agrees")

    desktop.get_by_label("振込ファイル", exact=True).set_input_files(true)
    desktop.get_by_role("button", name="このファイルを検証する").click()
    expect(desktop.get_by_text("お手元のファイル（COPY.TXT）")).to_be_visible()
    expect(desktop.get_by_text("一致しました。")).to_be_visible()

    desktop.get_by_label("振込ファイル", exact=True).set_input_files(stick)
    desktop.get_by_role("button", name="このファイルを検証する").click()
    expect(desktop.get_by_text("一致しません。違いが2か所あります。")).to_be_visible()
    row = desktop.get_by_role("row").filter(has_text="口座番号")
    expect(row).to_contain_text("FURIKOMI.TXT")
    expect(row).to_contain_text("4")
    found += sound(desktop)
    picture(desktop, "city-verify-differs")
    assert account.decode() not in desktop.content() and other.decode() not in desktop.content()
    assert found == []
    looks = AuditEvent.objects.filter(action="batch.verify").order_by("pk").values_list("reason", flat=True)
    assert [reason.split("。")[0] for reason in looks] == [
        "保管中のファイル 一致しました", "手元のファイル 一致しました", "手元のファイル 一致しません",
    ]  # fmt: skip
