"""Every shared piece, drawn for each door: no inline style or script, labels wired to their fields, one h1."""

import re
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import translation
from lxml import html

from tests.web import gallery
from todoku.ground.assets import COLLECTED
from todoku.ground.places import var

SHARED = Path(__file__).resolve().parents[2] / "todoku" / "web" / "shared"
TEMPLATES = sorted((SHARED / "templates" / "shared").glob("*.html"))
CSP_BREAKERS = re.compile(
    r"\sstyle=|\son[a-z]+=|<style|javascript:|hx-on|hx-vals='js:|<script(?![^>]*\ssrc=)"
)


@pytest.fixture(scope="module", params=gallery.DOORS)
def page(request: pytest.FixtureRequest) -> html.HtmlElement:
    with override_settings(ROOT_URLCONF="tests.web.gallery"), translation.override("ja"):
        return html.document_fromstring(gallery.render(request.param))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_no_template_carries_inline_style_or_script(template: Path) -> None:
    assert not CSP_BREAKERS.findall(template.read_text(encoding="utf-8"))


def test_a_page_says_where_one_is_and_has_one_heading_of_the_first_rank(page: html.HtmlElement) -> None:
    title = page.findtext("head/title") or ""
    assert "見本市" in title and " – " in title
    assert len(page.findall(".//h1")) == 1
    assert page.get("lang") == "ja"


def test_ids_are_unique_and_every_reference_finds_one(page: html.HtmlElement) -> None:
    ids = page.xpath("//@id")
    wanted = {
        name
        for attribute in ("aria-labelledby", "aria-describedby", "for")
        for value in page.xpath(f"//@{attribute}")
        for name in value.split()
    }
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


def test_every_form_control_has_a_name_that_can_be_read_aloud(page: html.HtmlElement) -> None:
    labelled = set(page.xpath("//label/@for"))
    controls = page.xpath("//input[not(@type='hidden')] | //select | //textarea")
    nameless = [
        c.get("name")
        for c in controls
        if not (c.get("id") in labelled or c.get("aria-label") or c.xpath("ancestor::label"))
    ]
    assert controls and nameless == []


def test_an_error_is_said_on_top_and_at_its_field_in_the_same_words() -> None:
    with override_settings(ROOT_URLCONF="tests.web.gallery"), translation.override("ja"):
        page = html.document_fromstring(gallery.render("resident"))
    links = {a.get("href"): a.text for a in page.xpath("//div[@id='error-summary']//a")}
    sentence = "口座番号は7桁です。ゆうちょの場合は記号と番号を入れてください。"
    box = page.get_element_by_id("id_number")
    assert links["#id_number"] == sentence
    assert box.get("aria-invalid") == "true"
    described = " ".join(
        page.get_element_by_id(i).text_content() for i in box.get("aria-describedby").split()
    )
    assert sentence in described and "先頭に0" in described
    assert (page.findtext("head/title") or "").startswith("エラー")


def test_a_strip_that_does_not_balance_is_a_link_that_says_the_difference() -> None:
    with override_settings(ROOT_URLCONF="tests.web.gallery"):
        page = html.document_fromstring(gallery.render("desk"))
    strips = page.find_class("strip")
    assert [s.tag for s in strips] == ["div", "a"]
    assert "差引 6 件 不一致" in strips[1].text_content() and strips[1].get("href") == "#difference"
    assert "一致" in strips[0].text_content() and "不一致" not in strips[0].text_content()


def test_only_living_work_asks_for_news() -> None:
    with override_settings(ROOT_URLCONF="tests.web.gallery"):
        page = html.document_fromstring(gallery.render("desk"))
    asked = {card.get("id"): card.get("hx-get") for card in page.find_class("work")}
    assert asked == {"work-roll": "work.html", "work-print": None, "work-screen": None}


def test_sort_and_page_keep_the_filters_of_the_address() -> None:
    with override_settings(ROOT_URLCONF="tests.web.gallery"):
        page = html.document_fromstring(gallery.render("desk"))
    (age,) = page.xpath("//th[@aria-sort='descending']/a/@href")
    assert "channel=paper" in age and "sort=age" in age and "page=" not in age
    (fourth,) = page.xpath("//nav[@class='pager']//a[@aria-label='4ページ']/@href")
    assert "channel=paper" in fourth and "sort=-age" in fourth and "page=4" in fourth


def test_every_file_that_the_style_asks_for_is_collected_at_set_up() -> None:
    style = (SHARED / "static" / "shared" / "base.css").read_text(encoding="utf-8")
    asked = re.findall(r'url\("\.\./assets/([^"]+)"\)', style)
    assert asked and set(asked) <= set(COLLECTED.values())
    assert "tokens.css" in COLLECTED.values()


def test_style_uses_only_tokens_that_exist() -> None:
    tokens = var("assets", "tokens.css").read_text(encoding="utf-8")
    styles = "".join(p.read_text(encoding="utf-8") for p in (SHARED / "static" / "shared").glob("*.css"))
    defined = set(re.findall(r"(--[\w-]+)\s*:", tokens + styles))
    used = set(re.findall(r"var\((--[\w-]+)", styles))
    assert used <= defined
