"""How a run is enclosed, from what is noted about its programme: envelopes, and their artwork with the approval that holds.

Reads the programme's terms and the approvals of 料金受取人払; leaves an Enclosing for hand_to_printer. Changes nothing.
"""

from datetime import date

from todoku.ground.places import var
from todoku.letters.hand_to_printer import CannotHandOver, Enclosing
from todoku.letters.reply_permit import last_reply
from todoku.letters.tables import PrintRun, ReplyPermit
from todoku.sheets.envelopes import OUTER, REPLY_FOR
from todoku.sheets.insert_plan import setup_for
from todoku.sheets.mailing_run import FOLDS
from todoku.sheets.reply_envelope import Mark, Permit, Sender, outer_artwork, reply_artwork


def enclosing_for(
    run: PrintRun, *, outer: str, reply: bool, on: date, post_office: str = "", address: str = ""
) -> Enclosing:
    """The enclosing of a run in the outer envelope of that code (kaku2, naga3), with the reply envelope beside it.

    `post_office`: where the run is posted; without it there is no artwork of the outer envelope, whose mark names it.
    `address`: the office's own, for the back address and where replies do not go to a box. Raises InsertRefused for an
    unknown envelope, CannotHandOver where no approval holds until the last day.
    """
    setup, terms = setup_for(outer, reply=reply), run.programme.terms
    quoted = terms.quoted(run.programme.municipality.name)
    sender = Sender(
        (address,) if address else (), (run.programme.municipality.name, quoted["contact"]), quoted["phone"],
        f"{terms.programme.short_name}のお知らせです",
    )  # fmt: skip
    fonts, envelope = var("assets", "fonts"), OUTER[outer]
    artwork: dict[str, bytes] = {}
    if post_office:
        artwork[f"outer-{outer}.pdf"] = outer_artwork(envelope, sender, Mark(post_office), fonts_dir=fonts)
    if reply:
        back = REPLY_FOR[outer]
        permit = _permit(run, on, max(on, last_reply(run)))
        if not permit.box_number and not address:
            raise CannotHandOver(
                "返信先が私書箱ではありません。返信用封筒に刷る事務局の住所を指定してください。"
            )
        artwork[f"reply-{back.code}.pdf"] = reply_artwork(
            permit, sender, back, fonts_dir=fonts, fold=FOLDS[back.layers]
        )
    return Enclosing(setup, artwork=artwork)


def _permit(run: PrintRun, on: date, until: date) -> Permit:
    row = (
        ReplyPermit.objects.filter(programme=run.programme, valid_from__lte=on, valid_until__gte=until)
        .order_by("-valid_until")
        .first()
    )
    if row is None:
        raise CannotHandOver(
            f"{on}から{until}まで使える料金受取人払の承認が、記録されていません。承認を記録するか、返信用封筒なしで入稿してください。"
        )
    return Permit(
        row.approval_no,
        row.post_office,
        row.valid_from,
        row.valid_until,
        row.postal_code,
        row.box_number,
        row.deferred,
    )
