"""A criterion is changed at half time: drafted, read, tried on what is open, signed, opened; and the open cases follow."""

from datetime import UTC, datetime, time

import pytest
from playwright.sync_api import expect

from tests.office_day import OfficeDay
from tests.stories.desk import goes_to, press
from tests.web.office import do_long_work
from todoku.review.rescreen_tables import PastFinding
from todoku.sampletown.staff import make_staff

OTHER = "ﾍﾞﾂ ﾉﾋﾄ"


@pytest.fixture
def half_time(town):
    """Ten web applications: six name a holder whom the roll does not know and wait for persons, four have passed."""
    day = OfficeDay(town.programme, town.households, datetime.combine(town.opens_on, time(1), UTC))
    make_staff(town.programme.municipality, ("officer", "manager"))
    chosen = day.unsampled[:10]
    day.invite(chosen)
    for place, one in enumerate(chosen):
        day.send_web(one, **({"holder_kana": OTHER} if place < 6 else {}))
    day.screen()
    assert [day.stage(one) for one in chosen] == ["in_review"] * 6 + ["passed"] * 4
    day.chosen = chosen
    return day


def test_a_criterion_is_changed_at_half_time_and_what_is_open_follows(half_time, at_desk, sound, picture):
    """The officer writes that another holder is only noted, and that identity papers are not asked for on the web; reads the
    difference and signs. The manager tries it, sees six cases that would pass, looks into one, opens, and the cases are there.
    """
    found: list[str] = []
    officer = at_desk("municipality", "officer")
    goes_to(officer, "versions/")
    officer.get_by_role("link", name="案を書く").click()
    text = officer.get_by_label("制度の定義（TOML）")
    changed = text.input_value().replace("[review.checks]", '[review.checks]\nD12 = "nota"')
    text.fill(changed)
    officer.get_by_label("変える理由").fill("同居の家族の口座が多く、確認が追いつかないため")
    press(officer, "案を保存する")
    expect(officer.get_by_text("note").first).to_be_visible()
    found += sound(officer)
    officer.get_by_label("制度の定義（TOML）").fill(changed.replace("nota", "note"))
    press(officer, "案を保存する")
    expect(officer.get_by_role("row", name="指摘の扱い・D12")).to_contain_text("記録のみ")
    found += sound(officer)
    picture(officer, "city-versions")

    manager = at_desk("office", "manager")
    goes_to(manager, "versions/")
    expect(manager.get_by_text("試行していません").first).to_be_visible()
    manager.keyboard.press("t")
    expect(manager.get_by_text("試行を始めました").first).to_be_visible()
    assert do_long_work().state == "done"
    manager.reload()
    passing = manager.get_by_role("row", name="人の審査なしで決定待ちへ進みます")
    expect(passing).to_contain_text("6")
    expect(manager.get_by_text("10件のうち 6件の結果が変わります")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-versions")
    passing.get_by_role("link").first.click()
    expect(manager.get_by_role("heading", level=1)).to_contain_text("案件")
    goes_to(manager, "versions/")
    expect(manager.get_by_role("button", name="第2版を開始する")).to_be_disabled()
    expect(manager.get_by_text("審査基準書に署名していません")).to_be_visible()

    officer.reload()
    officer.get_by_role("link", name="審査基準書を読んで署名する").click()
    officer.get_by_label("全文を読み、この基準で審査することを認めます").check()
    press(officer, "署名する")
    goes_to(manager, "versions/")
    manager.keyboard.press("o")
    expect(manager.get_by_text("第2版を開始しました").first).to_be_visible()
    assert do_long_work().kind == "rescreen"
    goes_to(manager, "versions/2/")
    expect(manager.get_by_text("10件のうち 6件の結果が変わりました")).to_be_visible()
    found += sound(manager)
    picture(manager, "office-version-opened")
    assert {half_time.stage(one) for one in half_time.chosen} == {"passed"}
    assert PastFinding.objects.filter(code="D12", severity="look").count() == 6
    assert found == []
