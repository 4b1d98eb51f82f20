"""受取方法 on a paper form: marked once it is kept, missing or doubled it is a deficiency; with one way nothing is asked."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import DatabaseError, transaction

from tests.payment.conftest import rails, rails_database  # noqa: F401
from tests.payment.rails_ground import OtherRails
from todoku.intake.forms import SEVERAL, PaperForm
from todoku.intake.keyed_values import ACCOUNT_FORM, Dates, form_of
from todoku.intake.receive_paper import marked_way, receive_paper
from todoku.intake.tables import Submission
from todoku.people.actor import SYSTEM
from todoku.review.screen import screen
from todoku.review.tables import Finding
from todoku.web.office.paper_form import PaperEntry

ALL = ("bank", "gift", "cash", "registered_mail")


def received(rails: OtherRails, **marked: str) -> tuple[Submission, list[tuple[str, str, str]]]:  # noqa: F811
    """A form with these marks, kept and screened: its findings as code, severity and reason."""
    (form,) = rails.forms_over("gift" if marked.pop("account", "") == "" else "bank", 1)
    kept = receive_paper(replace(form, **marked), programme=rails.programme, actor=SYSTEM, at=rails.at)  # type: ignore[arg-type]
    screen(programme=rails.programme, actor=SYSTEM, at=rails.at)
    found = Finding.objects.filter(submission=kept).values_list("code", "severity", "evidence__why")
    return kept, list(found)


@pytest.mark.parametrize(
    ("rail", "account", "marked", "expected"),
    [
        ("gift", "", "one", []),
        ("", "", "none", [("D07", "return", "none")]),
        (SEVERAL, "", "several", [("D07", "return", "several")]),
        (SEVERAL, "written", "several", [("D07", "return", "several")]),
        ("", "written", "none", [("D07", "look", "none")]),  # the account says it, and a person sees it
        ("bank", "written", "one", []),
    ],
)
def test_what_is_marked_is_kept_and_what_is_not_plain_is_found(
    rails: OtherRails, rail: str, account: str, marked: str, expected: list[tuple[str, str, str]]  # noqa: F811
) -> None:  # fmt: skip
    kept, found = received(rails, rail=rail, account=account)
    assert (kept.rail, kept.rail_marked) == (rail if marked == "one" else "bank", marked)
    assert [one for one in found if one[0] in ("D07", "D10", "D30")] == expected


def test_where_the_terms_offer_one_way_nothing_is_asked_and_nothing_is_missing() -> None:
    assert [marked_way(rail, ("bank",), settled=False) for rail in ("", SEVERAL, "bank")] == ["one"] * 3
    assert "rail" not in PaperEntry(today=date(2026, 12, 1)).fields


@pytest.mark.parametrize(("keyed", "rail"), [("cash", "cash"), ("none", ""), (SEVERAL, SEVERAL)])
def test_the_operator_keys_what_stands_there_and_nothing_is_chosen_beforehand(keyed: str, rail: str) -> None:
    entry = PaperEntry(today=date(2026, 12, 1), rails=ALL)
    assert entry["rail"].initial is None
    names = list(entry.fields)
    # In the order of the paper: members, the way, the account, who applies, what is enclosed.
    order = ["members_corrected", "rail", "bank", "holder_kana", "applied_on", "signed", "phone"]
    assert [name for name in names if name in order] == order and names[-1] == "account_evidence"
    filled = PaperEntry(
        {
            "arrived_on": "20261201", "signed": "1", "applicant_is_recipient": "1", "declines": "0", "rail": keyed,
            "members_corrected": "0", "kind": "1", "identity_evidence": "clear", "account_evidence": "none",
        },
        today=date(2026, 12, 1), rails=ALL,
    )  # fmt: skip
    assert filled.is_valid(), filled.errors
    form: PaperForm = filled.paper("1", None)
    assert form.rail == rail


def test_a_correction_says_the_way_and_the_deficiency_is_gone(rails: OtherRails) -> None:  # noqa: F811
    kept, _ = received(rails, rail="")
    rails.judge_all("return", ["D07"])
    (number,) = Submission.objects.filter(pk=kept.pk).values_list("case__number", flat=True)
    # As it is keyed from 受取方法と口座の届出書, which came with the letter.
    again = form_of({"rail": "gift"}, number, Dates(rails.at.date()), sheets={ACCOUNT_FORM}, key="scan-1")
    new = receive_paper(again, programme=rails.programme, actor=SYSTEM, at=rails.at)
    assert (new.rail, new.rail_marked) == ("gift", "one")
    screen(programme=rails.programme, actor=SYSTEM, at=rails.at)
    assert not Finding.objects.filter(submission=new, code="D07").exists()


def test_the_database_keeps_no_way_that_was_not_marked_plainly(rails: OtherRails) -> None:  # noqa: F811
    kept, _ = received(rails, rail="gift")
    with pytest.raises(DatabaseError, match="a_way_of_receiving_is_marked_plainly"), transaction.atomic():
        Submission.objects.filter(pk=kept.pk).update(rail_marked="several")
