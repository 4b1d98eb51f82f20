"""The office by keyboard: a paper form is keyed without a mouse, scans follow one another, and every desk is sound."""

from django.utils import timezone
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect

from tests.stories.desk import desk_key
from todoku.case.tables import Case
from todoku.intake.tables import AccountVersion, Submission
from todoku.letters.tables import Undelivered
from todoku.programme.tables import Programme


def _at(programme: Programme, stage: str, place: int = 0) -> Case:
    return Case.objects.filter(programme=programme, standing__stage=stage).order_by("pk")[place]


def _focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.name || document.activeElement.tagName"))


def test_a_clerk_keys_a_paper_form_with_both_hands_on_the_keys(busy_town, at_desk):
    """A scan opens the form; digits choose, full boxes go on by themselves, Ctrl+Enter keeps; then the next scan."""
    case, page = _at(busy_town, "invited"), at_desk("office", "clerk")
    keys = page.keyboard
    keys.press(desk_key(page, "入力"))
    page.wait_for_url("**/paper/")
    assert _focus(page) == "number"

    keys.type("1234567890123")
    keys.press("Enter")
    expect(page.get_by_text("番号に誤りがあります").first).to_be_visible()
    assert _focus(page) == "number"
    keys.type(f"{case.number}0111")
    keys.press("Enter")
    page.wait_for_url(f"**/paper/{case.number}/")

    keys.type(f"{localdate():%m%d}" * 2 + "11" + "0005" + "001" + "1" + "1234567")
    expect(page.locator("#told_bank")).to_contain_text("三菱")
    expect(page.locator("#told_branch")).to_contain_text("本店")
    for _ in range(3):
        keys.press("Enter")
    keys.type("やまだ たろう")
    keys.press("Enter")
    expect(page.locator("#told_holder")).to_contain_text("ﾔﾏﾀﾞ ﾀﾛｳ")
    keys.type(f"{localdate():%m%d}" + "11")
    keys.press("Enter")
    keys.type("0450000000")
    keys.press("Enter")
    keys.type("1")
    assert _focus(page) == "identity_kind"
    keys.type("0")
    assert _focus(page) == "account_evidence", "whose kind cannot be told is asked for no day"
    keys.press("Control+Enter")
    expect(page.get_by_text("口座確認書類を選んでください。").first).to_be_visible()
    assert (
        _focus(page) == "account_evidence" and page.locator("#id_account_number").input_value() == "1234567"
    )
    keys.type("1")
    keys.press("Enter")

    page.wait_for_url("**/paper/")
    expect(page.locator("#toasts")).to_contain_text("を受け付けました")
    assert _focus(page) == "number"
    kept = Submission.objects.get(case=case, registered_at__date=timezone.localdate())
    assert AccountVersion.objects.get(submission=kept).number == "1234567"
    assert kept.entry.started_at is not None


def test_letters_that_came_back_are_scanned_one_after_the_other(busy_town, at_desk):
    """The reason is chosen once by a key; each scan is recorded, a wrong one says so and is replaced by the next."""
    first, second = _at(busy_town, "invited"), _at(busy_town, "invited", 1)
    page = at_desk("office", "printer")
    keys = page.keyboard
    keys.press("2")
    page.wait_for_url("**/print/")
    keys.press("r")
    page.wait_for_url("**/print/undelivered/")
    keys.press("Alt+3")
    for number in (f"{first.number}0111", "9999999999999", second.number):
        assert _focus(page) == "number"
        keys.type(number)
        keys.press("Enter")
        page.wait_for_load_state()
        expect(page.locator("#id_number")).to_have_value(
            "" if len(number) != 13 or number == second.number else number
        )
    assert list(Undelivered.objects.order_by("pk").values_list("letter__case__number", "reason")) == [
        (first.number, "refused"), (second.number, "refused")
    ]  # fmt: skip


def test_every_desk_is_sound_and_lists_its_keys(busy_town, at_desk, sound):
    """No rule of WCAG 2.2 AA is broken on any desk; `?` lists the keys and `0` leads home."""
    page = at_desk("office", "manager")
    home = page.url
    case, back = _at(busy_town, "paid"), _at(busy_town, "returned")
    addresses = (
        "", "roll/", "roll/import/1/", "print/", "print/run/1/", "print/undelivered/", "intake/", "intake/duplicates/",
        "paper/", f"paper/{back.number}/", f"case/{case.number}/", "find/?q=ヤマ", "notes/", "progress/",
        "progress/reports/", "progress/wall/", "work/",
    )  # fmt: skip
    for address in addresses:
        page.goto(home + address)
        assert sound(page) == [], address
    page.goto(home + "notes/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("今日の業務へ")
    page.keyboard.press("Escape")
    page.keyboard.press("0")
    page.wait_for_url(home)
