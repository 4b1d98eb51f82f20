"""One typst document for each form, as a mail merge by a template would make it.

It sets the form with its fixed words alone (no recipient, no codes), and reads the recipient's rows by the ORM: the
least that this way costs. Counted by the page, since the template carries a list page that few households need.
"""

import json

import typst

from benches.measure import Meter
from benches.sample import Setting, programme_of
from todoku.case.tables import Case
from todoku.ground.places import var
from todoku.sheets.form_layout import compile_layout, named_fonts
from todoku.sheets.programme_wording import wording_of
from todoku.sheets.wording import TEMPLATES, complete

PAGES_OF_A_FORM = 2


def print_forms(meter: Meter, setting: Setting) -> int:
    """As many forms of two pages as the pages set come to."""
    programme, pages = programme_of(setting), 0
    town = programme.municipality
    words = complete(
        "form", wording_of("form", programme.terms, municipality=town.name, mayor=town.mayor_title)
    )
    folder = var("assets", "fonts")
    fonts, base_pages = named_fonts(folder), compile_layout("form", words, folder).pages
    inputs = {"wording": json.dumps(words, ensure_ascii=False)}
    with meter:
        for case in Case.objects.filter(programme=programme).order_by("pk")[: setting.sheets]:
            # What the form would print is loaded, as a merge would load it.
            recipient = case.recipient
            assert recipient.head and list(recipient.members.select_related("person"))
            form = typst.compile(
                str(TEMPLATES / "form.typ"),
                root=str(TEMPLATES),
                font_paths=fonts,
                sys_inputs=inputs,
                pdf_tags=False,
            )
            assert form
            pages += base_pages
    return pages // PAGES_OF_A_FORM
