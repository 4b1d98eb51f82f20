"""What pages and letters need besides Python is collected once, whole, and by a lock without addresses."""

import gettext
import json
import os
from pathlib import Path

from fontTools.ttLib import TTFont

from todoku.ground import assets
from todoku.ground.places import ROOT


def test_everything_is_collected_once_and_again_when_a_file_is_lost(var_folder: Path) -> None:
    assert len(assets.missing()) == len(assets.COLLECTED)
    assert assets.collect() is True
    assert assets.missing() == []
    assert assets.collect() is False
    (var_folder / "assets" / "tokens.css").write_text("")
    assert assets.collect() is True
    assert "--color-primitive-blue-900" in (var_folder / "assets" / "tokens.css").read_text()


def test_the_font_draws_the_names_of_people(var_folder: Path) -> None:
    assets.collect()
    for weight in ("Regular", "Bold"):
        drawn = TTFont(var_folder / "assets" / "fonts" / f"BIZUDGothic-{weight}.ttf").getBestCmap()
        assert {character for character in "髙﨑德濵邉ヴー①" if ord(character) not in drawn} == set()
        assert ord("𠮷") not in drawn  # a letter must say so instead of printing an empty box


def test_the_lock_names_versions_and_digests_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    locked = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in locked.values())
    assert "://" not in text
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_a_translation_is_compiled_when_it_is_newer_than_its_compiled_form(var_folder: Path) -> None:
    source = var_folder / "source" / "en" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
    source.write_text(
        header + 'msgid "申請を受け付けました。"\nmsgstr "We have received your application."\n'
    )
    assert assets.compile_catalogues(var_folder / "source") == 1
    compiled = gettext.translation("django", var_folder / "locale", ["en"])
    assert compiled.gettext("申請を受け付けました。") == "We have received your application."
    assert assets.compile_catalogues(var_folder / "source") == 0
    later = source.stat().st_mtime + 60
    os.utime(source, (later, later))
    assert assets.compile_catalogues(var_folder / "source") == 1
