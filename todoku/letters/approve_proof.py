"""The municipality's word on a proof (校了・校正戻し): takes a run that was made and the digest its officer looked at.

Leaves a ProofApproval on that digest; the last word on it counts. Releases nothing: that is another person's.
"""

from datetime import datetime

from django.db import connection, transaction

from todoku.ground.step import Refusal, Report
from todoku.letters.tables import PrintRun, ProofApproval
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.people.tables import AuditEvent

COMMENT_MAX = 1000
DIGITS = 16  # of the file's digest, in the record of a look at its sheets


class CannotApprove(Refusal):
    """This proof cannot be approved or sent back now, or not by this person."""


def approve_proof(
    run: PrintRun, *, sha256: str, approved: bool, comment: str = "", actor: Actor, at: datetime
) -> Report:
    """Records the officer's word on the proof. `sha256`: the digest of the run's file as it was shown.

    Safe to call twice. Raises CannotApprove for who is not the municipality's officer, for another digest, for a run that
    is released already, for a proof sent back without a word on what is wrong, for one approved with such a word, and for
    one whose sheets this officer has not opened (look_at_proof); of people under 支援措置 there are none to open.
    """
    if actor.organisation != "municipality" or not may(actor.roles, "proof.approve") or actor.id is None:
        raise CannotApprove("校了できるのは、自治体の担当課職員です。担当課に確認を依頼してください。")
    if not approved and not comment.strip():
        raise CannotApprove("どこを直すのかを書いてください。事務局は、その文章のとおりに直します。")
    if approved and comment.strip():
        raise CannotApprove(
            "「直すところ」に文章があります。このまま校了するときは消し、直してもらうときは「校正を戻す」を押してください。"
        )
    with transaction.atomic():
        run = (
            PrintRun.objects.select_for_update(of=("self",)).select_related("pdf", "programme").get(pk=run.pk)
        )
        if run.state != "made" or run.pdf is None:
            raise CannotApprove(
                "校了を待っている印刷ロットではありません。一覧に戻って、状態を確認してください。"
            )
        if run.pdf.sha256 != sha256:
            raise CannotApprove(
                "表示のあとに印刷データが作り直されています。新しい校正刷りを確認してください。"
            )
        if approved and not run.protected and not has_looked(run, actor):
            raise CannotApprove(
                "この印刷ロットの校正刷り（PDF）を、まだ開いていません。開いて宛名・金額・文面を確かめてから、校了してください。"
            )
        last = ProofApproval.objects.filter(run=run, sha256=sha256).order_by("-pk").first()
        if last and last.approved == approved and last.comment == comment.strip():
            return Report(note="すでに記録されています。")
        ProofApproval.objects.create(
            run=run, sha256=sha256, approved=approved, comment=comment.strip()[:COMMENT_MAX], at=at,
            actor_id=actor.id, actor_name=actor.name,
        )  # fmt: skip
        record_look(
            actor=actor, action="proof.approve", subject_kind="print_run", subject_id=run.pk, at=at,
            programme_slug=run.programme.slug, reason="校了" if approved else "校正戻し",
        )  # fmt: skip
    return Report(done=1, note="校了しました。" if approved else "校正を戻しました。")


def look_at_proof(run: PrintRun, *, pieces: int, actor: Actor, at: datetime) -> None:
    """Records that somebody opened the sheets of this run as its file lies now: they show people."""
    assert run.pdf is not None, "a run without its file has no proof"
    record_look(
        actor=actor, action="proof.approve", subject_kind="print_run", subject_id=run.pk, at=at,
        programme_slug=run.programme.slug, reason=f"校正刷り {pieces}通 {run.pdf.sha256[:DIGITS]}",
    )  # fmt: skip


def has_looked(run: PrintRun, actor: Actor) -> bool:
    """Whether this person opened the sheets of the run as its file lies now."""
    assert run.pdf is not None, "a run without its file has no proof"
    looks = AuditEvent.objects.filter(
        actor_id=actor.id, action="proof.approve", subject_kind="print_run", subject_id=run.pk, refused=False
    )
    return looks.filter(reason__startswith="校正刷り", reason__endswith=run.pdf.sha256[:DIGITS]).exists()


def is_covered(run: PrintRun) -> bool:
    """Whether the last word that counts for this run is an approval; the same rule as the database's guard."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST_WORD, {"run": run.pk})
        row = cursor.fetchone()
    return bool(row and row[0])


def needs_own_proof(run: PrintRun) -> bool:
    """First letters are approved run by run; what is made daily or again, by kind and wording."""
    return (
        run.kind in ("form", "push_notice")
        and not run.protected
        and run.letters.filter(occasion=1, copy=1).exists()
    )


def waiting_proofs(programme_id: int) -> list[PrintRun]:
    """Runs that wait for the municipality's word, oldest first; one a kind and wording is enough, and shown."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING_PROOFS, {"p": programme_id})
        wanted = [pk for (pk,) in cursor.fetchall()]
    return list(PrintRun.objects.filter(pk__in=wanted).select_related("pdf", "programme").order_by("pk"))


_OWN = """
(r.kind in ('form', 'push_notice') and not r.protected
 and exists (select 1 from todoku_letter l where l.run_id = r.id and l.occasion = 1 and l.copy = 1))
"""
_APPROVED = f"""
(select p.approved from todoku_proofapproval p join todoku_printrun o on o.id = p.run_id
  where o.id = r.id and p.sha256 = f.sha256
     or not {_OWN} and o.programme_id = r.programme_id and o.kind = r.kind and r.wording_sha256 <> ''
        and o.wording_sha256 = r.wording_sha256
  order by p.id desc limit 1)
"""
_LAST_WORD = f"""
select {_APPROVED} from todoku_printrun r join todoku_parcel f on f.id = r.pdf_id where r.id = %(run)s
"""
# A run sent back waits for the office, not for the municipality; the next one of its kind is looked at anew.
WAITING_PROOFS = f"""
select r.id from todoku_printrun r join todoku_parcel f on f.id = r.pdf_id
 where r.programme_id = %(p)s and r.state = 'made' and r.kind <> 'gift' and {_APPROVED} is not true
   and not exists (select 1 from todoku_proofapproval p where p.run_id = r.id and p.sha256 = f.sha256)
"""
