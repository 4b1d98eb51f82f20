"""What is measured, in the order of the work: each step with its three ways and the sentence that says what is compared."""

from collections.abc import Callable
from typing import NamedTuple

from benches import by_object, typst_way, verbs, verifying
from benches.limits import Leaves
from benches.measure import Work
from benches.sample import Setting

OF_PROGRAMME = "x.programme_id = p.id"
OF_CASE = "x.case_id in (select c.id from todoku_case c where c.programme_id = p.id)"
OF_SUBMISSION = "x.submission_id in (select s.id from todoku_submission s where s.programme_id = p.id)"
OF_RECIPIENT = "x.recipient_id in (select r.id from todoku_recipient r where r.programme_id = p.id)"
BANK_FILES = """
select f.path from todoku_batch b join todoku_batchfile x on x.batch_id = b.id
  join todoku_parcel f on f.id = x.parcel_id
  join todoku_programme p on p.id = b.programme_id where p.slug = %s
"""

PAPERS = f"""
{BANK_FILES} union
select f.path from todoku_batch b join todoku_parcel f on f.id in (b.manifest_id, b.lines_id)
  join todoku_programme p on p.id = b.programme_id where p.slug = %s union
select f.path from todoku_decisionlist l join todoku_parcel f on f.id = l.file_id
  join todoku_programme p on p.id = l.programme_id where p.slug = %s
"""


def moved_to(*wanted: str) -> str:
    return OF_CASE + f" and x.to_stage in ({', '.join(repr(stage) for stage in wanted)})"


def parcels(kind: str) -> str:
    return f"select path from todoku_parcel where kind = '{kind}' and scope = %s"


class Step(NamedTuple):
    """One row of the table. `after`: what other people do before the next step."""

    name: str
    rows: str
    ours: Work
    by_object: Work
    leaves: Leaves
    compared: str
    after: Callable[[Setting], None] | None = None


STEPS = (
    Step(
        "roll import", "persons", verbs.import_roll, by_object.import_roll,
        Leaves(
            (("todoku_person", OF_PROGRAMME), ("todoku_recipient", OF_PROGRAMME), ("todoku_member", OF_PROGRAMME)),
            parcels("roll"),
        ),
        "a CP932 roll of 42 columns kept, read, checked, staged, compared and taken; by object: full_clean() and"
        " save() for each person, household and member; limit: COPY of persons, households, members, and the file.",
    ),
    Step(
        "opening cases", "cases", verbs.open_all, by_object.open_cases,
        Leaves(
            (
                ("todoku_case", OF_PROGRAMME), ("todoku_casestage", OF_CASE), ("todoku_caseevent", moved_to("listed")),
                ("todoku_entitlement", OF_PROGRAMME), ("todoku_doorkey", OF_CASE), ("todoku_fixedmembers", OF_RECIPIENT),
            )
        ),
        "eligibility and amount judged, number and door keys drawn, six rows written for a case; by object: one"
        " service call for each recipient; limit: COPY of the six tables.",
    ),
    Step(
        "forms", "forms", verbs.print_forms, typst_way.print_forms,
        Leaves(
            (("todoku_letter", OF_CASE + " and x.kind = 'form'"),),
            "select path from todoku_parcel where kind in ('print', 'manifest') and scope = %s",
        ),
        "forms of two pages and more as one PDF with QR and customer barcode, and a manifest; by object: typst sets"
        " one document for each form, its fixed words alone; limit: COPY of the letters, plain write of the files.",
        verbs.between_print_and_post,
    ),
    Step(
        "paper received", "forms", verbs.receive_paper, by_object.receive_forms,
        Leaves(
            (
                ("todoku_submission", OF_PROGRAMME), ("todoku_accountversion", OF_SUBMISSION),
                ("todoku_entry", OF_SUBMISSION), ("todoku_casestage", OF_CASE), ("todoku_caseevent", moved_to("received")),
            )
        ),
        "keyed forms matched to cases, accounts formed, first-to-arrive settled, stages moved; by object: the office's"
        " own verb for one form, called for each; limit: COPY of the five tables.",
    ),
    Step(
        "screening", "submissions", verbs.screen_all, by_object.screen,
        Leaves(
            (
                ("todoku_screening", OF_SUBMISSION), ("todoku_finding", OF_SUBMISSION), ("todoku_task", OF_SUBMISSION),
                ("todoku_proposal", OF_CASE), ("todoku_submission", OF_PROGRAMME), ("todoku_casestage", OF_CASE),
                ("todoku_caseevent", moved_to("passed", "in_review")),
            )
        ),
        "every check of the terms with its evidence; results, tasks, proposals and stages written; by object: each"
        " submission loaded, checked by the same checks and saved; limit: COPY of the seven tables.",
        verbs.between_screening_and_payment,
    ),
    Step(
        "payment to file", "transfers", verbs.pay, by_object.pay,
        Leaves((("todoku_transfer", OF_PROGRAMME),), BANK_FILES),
        "transfers made, claimed for a batch, questioned, written as a 120-byte file, read back and sealed; by object:"
        " full_clean() and three save() for each transfer, f-string lines; limit: COPY of the transfers and the file.",
        verbs.between_seal_and_result,
    ),
    Step(
        "verify", "transfers", verifying.verify, verifying.verify_by_object, Leaves((), reads=PAPERS),
        "the sealed bank files and their papers read and proven, each record against its decision, by the stand-alone"
        " verifier; by object: each line cut, its transfer, decision and account loaded and compared; limit: the same"
        " files read once and nothing done.",
    ),
    Step(
        "bank result", "transfers", verbs.read_results, by_object.read_results,
        Leaves(
            (
                ("todoku_transfer", OF_PROGRAMME), ("todoku_casestage", OF_CASE),
                ("todoku_caseevent", moved_to("paid", "failed")),
                ("todoku_result", "x.transfer_id in (select t.id from todoku_transfer t where t.programme_id = p.id)"),
            )
        ),
        "the bank's report matched, transfers settled or returned, cases moved; by object: each transfer saved and its"
        " case moved by a call of its own; limit: COPY of the four tables.",
    ),
)  # fmt: skip
