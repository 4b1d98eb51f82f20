"""The shared pieces in a real browser under the strict content security policy: axe, keys, choosing rows, a photo."""

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import translation
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.web import gallery
from todoku.ground.places import var

SHARED = Path(__file__).resolve().parents[2] / "todoku" / "web" / "shared"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
POLICY = "; ".join(
    f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"].items()
)


class Served(SimpleHTTPRequestHandler):
    """Files with the policy that the doors send."""

    def end_headers(self) -> None:
        """Adds the policy."""
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery of each door and its static files, served."""
    root = tmp_path_factory.mktemp("gallery")
    shutil.copytree(SHARED / "static", root / "static")
    shutil.copytree(var("assets"), root / "static" / "assets")
    shutil.copytree(str(files("django_htmx") / "static" / "django_htmx"), root / "static" / "django_htmx")
    with override_settings(ROOT_URLCONF="tests.web.gallery"), translation.override("ja"):
        for door in gallery.DOORS:
            (root / f"{door}.html").write_text(gallery.render(door), encoding="utf-8")
        (root / "work.html").write_text(gallery.render_finished_work(), encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=root)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page on a phone; a complaint of the browser (the policy's above all) fails the test."""
    context = browser.new_context(viewport={"width": 375, "height": 800}, locale="ja-JP")
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    complaints: list[str] = []
    opened.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    opened.on("pageerror", lambda e: complaints.append(str(e)))
    yield opened
    context.close()
    assert complaints == []


@pytest.mark.parametrize("door", gallery.DOORS)
@pytest.mark.parametrize("width", [375, 1366])
def test_axe_finds_nothing_and_the_page_never_scrolls_sideways(
    site: str, page: Page, door: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/{door}.html")
    page.evaluate(var("assets", "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules}).then(r => r.violations)", AXE_RULES)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_targets_of_a_resident_are_48_pixels_high(site: str, page: Page) -> None:
    page.goto(f"{site}/resident.html")
    low = page.evaluate(
        """[...document.querySelectorAll('.button, .card-choice, .contact-telephone a, .language summary, .r-back a,'
        + ' input:not([type=hidden], [type=checkbox], [type=radio])')].filter(e => e.getClientRects().length
        && e.getBoundingClientRect().height < 48).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert low == []


def test_the_language_is_changed_without_a_script(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    page = context.new_page()
    page.goto(f"{site}/resident.html")
    page.locator(".language summary").click()
    names = page.locator(".language button").all_inner_texts()
    context.close()
    assert names == ["日本語", "English", "中文", "한국어", "Tiếng Việt", "Español"]


def test_the_errors_have_the_focus_and_lead_to_the_field(site: str, page: Page) -> None:
    page.goto(f"{site}/resident.html")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    page.get_by_role("link", name="口座番号は7桁です").click()
    assert page.evaluate("document.activeElement.id") == "id_number"


def test_keys_act_are_listed_and_stay_quiet_while_typing(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{site}/desk.html")
    assert page.locator("[data-key=a] kbd").inner_text() == "a"
    page.keyboard.press("/")
    page.keyboard.type("n?1")
    assert page.locator("#search").input_value() == "n?1"
    assert page.url.endswith("desk.html")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    listed = page.locator("#keys-list").inner_text()
    assert "承認する" in listed and "審査へ" in listed and "探す" in listed
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert page.url.endswith("#dispatch")


def test_single_keys_can_be_turned_off(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{site}/desk.html")
    page.keyboard.press("?")
    page.get_by_label("1文字のキーを使う").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    assert page.url.endswith("desk.html")


def test_rows_are_chosen_one_by_one_in_a_range_and_all_that_match(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{site}/desk.html")
    boxes = page.locator("input[name=chosen]")
    assign = page.get_by_role("button", name="担当に割り当てる")
    assert assign.is_disabled()
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    assert page.locator("[data-chosen]").inner_text() == "4 件を選択中"
    assert assign.is_enabled() and page.locator("[data-choose-all]").is_hidden()
    page.locator("[data-select-page]").click()
    page.get_by_label("条件に合う全 1,204 件").check()
    assert page.locator("input[name=chosen]:checked").count() == 9
    boxes.nth(0).click()
    assert page.locator("input[name=all]").is_checked() is False


def test_rows_are_walked_and_ticked_by_keys(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{site}/desk.html")
    for key in ("j", "j", "x"):
        page.keyboard.press(key)
    assert page.locator("input[name=chosen]:checked").get_attribute("value") == "1"


def test_an_undo_can_be_pressed_by_its_key_or_closed(site: str, page: Page) -> None:
    page.set_viewport_size({"width": 1366, "height": 800})
    page.goto(f"{site}/desk.html")
    assert page.locator(".toast-undo[data-running]").count() == 1
    page.locator("[data-toast-close]").click()
    assert page.locator(".toast-undo").count() == 0


def test_the_card_of_long_work_renews_itself_until_the_work_is_done(site: str, page: Page) -> None:
    page.goto(f"{site}/desk.html")
    card = page.locator("#work-roll")
    assert "128,400" in card.inner_text()
    page.locator("#work-roll.work-done").wait_for()
    assert "182,000 / 182,000" in card.inner_text() and "完了" in card.inner_text()
    assert card.get_attribute("hx-get") is None


def _photo(path: Path, grey: int, size: tuple[int, int]) -> Path:
    """A plain grey picture: nothing sharp stands in it."""
    Image.new("L", size, grey).save(path, "JPEG")
    return path


@pytest.mark.parametrize(
    ("grey", "size", "advice"),
    [
        (20, (1600, 1200), "暗くて"),
        (250, (1600, 1200), "反射"),
        (140, (1600, 1200), "ぼやけて"),
        (140, (400, 300), "小さすぎて"),
    ],
)
def test_advice_on_a_photo_comes_at_once(
    site: str, page: Page, tmp_path: Path, grey: int, size: tuple[int, int], advice: str
) -> None:
    page.goto(f"{site}/resident.html")
    page.set_input_files("#id_photo", _photo(tmp_path / "photo.jpg", grey, size))
    page.locator("[data-photo-preview]").wait_for(state="visible")
    assert advice in page.locator("[data-photo-advice]").inner_text()
    assert page.get_by_role("button", name="この写真を使う").is_visible()
    with page.expect_file_chooser():
        page.get_by_role("button", name="撮り直す").click()
    assert page.locator("[data-photo-preview]").is_hidden()


def test_a_sharp_photo_is_praised_and_a_heavy_one_is_not_taken(site: str, page: Page, tmp_path: Path) -> None:
    picture = Image.effect_noise((1600, 1200), 120)
    picture.save(tmp_path / "sharp.jpg", "JPEG")
    page.goto(f"{site}/resident.html")
    page.set_input_files("#id_photo", tmp_path / "sharp.jpg")
    page.locator("[data-photo-preview]").wait_for(state="visible")
    assert "はっきり" in page.locator("[data-photo-advice]").inner_text()
    heavy = tmp_path / "heavy.jpg"
    heavy.write_bytes((tmp_path / "sharp.jpg").read_bytes() + b"\0" * 10_485_760)
    page.set_input_files("#id_photo", heavy)
    page.get_by_text("写真が大きすぎます").wait_for()
    assert page.locator("#id_photo").input_value() == ""


def test_paper_has_no_chrome_and_shows_the_tables_behind_charts(site: str, page: Page) -> None:
    page.goto(f"{site}/desk.html")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".rail").is_hidden() and page.locator(".d-search").is_hidden()
    assert page.locator(".chart details table").first.is_visible()
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".chart details[open]").count() == 0
