"""結果不明: a file was handed over and nobody knows whether the bank has it. The bank is asked by digest; its word decides.

Shows what to read out and what was asked before; records the bank's answer. Nothing here resends: the same bytes go
again only after the bank denied them, a second person agreed on their own session, and the treasurer says so. In the same
way one file among others is given up, so that the rest of the batch goes on.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET, require_POST

from todoku.ground.step import Refusal
from todoku.payment.agree_again import ACTION, GIVE_UP, agree_again, agreed_by
from todoku.payment.bank_file import header_of
from todoku.payment.confirm import RECEIPT_MAX
from todoku.payment.file_standing import CONFIRMED, GIVEN_UP, KEPT, FileStanding, all_denied, standings
from todoku.payment.give_up_file import REASON_MAX, give_up_file
from todoku.payment.inquire import hand_over_again, inquire
from todoku.payment.tables import BankInquiry, Batch
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.web.municipality.bank_files import batch_at, file_of
from todoku.web.municipality.frame import frame
from todoku.web.office.batch_files import STANDS, inquiry_moments
from todoku.web.office.batches import batch_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Digest

ANSWERS = [
    ("received", "受け付けている（受付番号を聞いて記録します）"),
    ("not_received", "受け付けていない"),
    ("unknown", "まだ分からない・確認して折り返す"),
]
PERSON_MAX = 60


class NotDenied(Refusal):
    """The bank's newest word is not the denial that the page showed."""


class NotAgreed(Refusal):
    """No second person has agreed."""


class BankAnswer(forms.Form):
    """What the bank said about this digest."""

    answer = forms.ChoiceField(
        label="金融機関の回答", choices=ANSWERS, widget=forms.RadioSelect,
        error_messages={"required": "金融機関の回答を選んでください。"},
    )  # fmt: skip
    bank_person = forms.CharField(
        label="回答した担当者（部署と名前）", max_length=PERSON_MAX,
        error_messages={"required": "回答した担当者の部署と名前を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    reference = forms.CharField(
        label="受付番号、または回答の番号", max_length=RECEIPT_MAX, required=False,
        help_text="「受け付けている」のときは必ず入力します。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


class GiveUp(forms.Form):
    """Why a file is given up, and that its payments are void with it."""

    reason = forms.CharField(
        label="取りやめる理由", max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "取りやめる理由を書いてください。"},
    )  # fmt: skip
    sure = forms.BooleanField(
        label="このファイルの全件が取消しになることを確かめました",
        error_messages={"required": "このファイルの全件が取消しになることを確かめ、印を付けてください。"},
    )


@require_GET
@asks("batch.view")
def show(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """One file whose outcome is not known, or was not."""
    return _show(request, slug, pk, number)


def _show(
    request: HttpRequest, slug: str, pk: int, number: int, *, form: BankAnswer | None = None,
    giving_up: GiveUp | None = None, errors: list[dict[str, str]] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    programme, context = frame(request, slug, "approvals", "結果が分からないとき")
    batch = batch_of(programme, pk)
    one = file_of(batch, number)
    if one.state == KEPT:
        messages.info(request, "このファイルはまだ金融機関へ渡されていません。")
        return redirect("approval", slug=slug, pk=pk)
    _look(request, batch, one)
    context |= file_context(batch, one) | _may(batch, one, actor_of(request))
    context |= {"form": form or BankAnswer(), "giving_up": giving_up or GiveUp(), "errors": errors or []}
    return render(request, "municipality/unknown.html", context, status=status)


def file_context(batch: Batch, one: FileStanding) -> dict[str, Any]:
    """What is read out to the bank about a file, and what happened to it."""
    header = header_of(batch.programme, batch.value_date)
    covers = [
        ("ファイル名", one.file.name), ("依頼人", f"{header.client_name.strip()}（委託者コード {header.client_code}）"),
        ("振込指定日", f"{batch.value_date:%Y年%m月%d日}"), ("件数", f"{one.file.count:,}件"),
        ("合計額", f"{one.file.total_yen:,}円"),
    ]  # fmt: skip
    return {
        "batch": batch,
        "file": one.file,
        "one": one,
        "badge": STANDS[one.state],
        "digest": Digest(one.file.sha256, covers),
        "moments": inquiry_moments(one),
        "since": one.taken.at if one.taken else None,
        "confirmed": one.state == CONFIRMED,
        "given_up": one.state == GIVEN_UP,
    }


def _may(batch: Batch, one: FileStanding, actor: Actor) -> dict[str, Any]:
    """What this person may do with the file as it stands; the verbs behind ask again."""
    open_still = batch.state == "sending" and one.state not in (CONFIRMED, GIVEN_UP)
    denial = one.denial if open_still else None
    overdue, whole = batch.value_date < localdate(), all_denied(standings(batch)) if denial else False
    second, gives_up = (agreed_by(denial), agreed_by(denial, to=GIVE_UP)) if denial else (None, None)
    asked_self = denial is not None and actor.id == denial.asked_by_id
    agrees = denial and not asked_self and may(actor.roles, "batch.agree_again")
    takes = denial and may(actor.roles, "batch.take_file")
    return {
        "may_ask": open_still and may(actor.roles, "batch.inquire"),
        "denial": denial,
        "overdue": overdue,
        "agreed": None if overdue else second,
        "may_agree": agrees and second is None and not overdue,
        "may_again": takes and second is not None and second.pk != actor.id and not overdue,
        # Where every file was denied, the whole batch is void instead.
        "one_of_several": denial and not whole,
        "agreed_give_up": gives_up,
        "may_agree_give_up": agrees and gives_up is None and not whole,
        "may_give_up": takes and gives_up is not None and gives_up.pk != actor.id and not whole,
        "may_void": denial and may(actor.roles, "batch.approve_city") and whole,
    }


def _look(request: HttpRequest, batch: Batch, one: FileStanding) -> None:
    record_look(
        actor=actor_of(request), action="batch.view", subject_kind="batch", subject_id=batch.pk, at=timezone.now(),
        programme_slug=batch.programme.slug, reason=f"結果不明の確認 {one.file.name}",
    )  # fmt: skip


@require_GET
@asks("batch.view")
def sheet(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """The inquiry on paper, for the bank to fill in."""
    programme, context = frame(request, slug, "approvals", "振込ファイルの受付の照会")
    batch = batch_of(programme, pk)
    one = file_of(batch, number)
    _look(request, batch, one)
    context |= file_context(batch, one) | {"answers": [words for _, words in BankInquiry.ANSWERS]}
    return render(request, "municipality/unknown_sheet.html", context)


@require_POST
@asks("batch.inquire")
def answer(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """Records what the bank said about the digest that the page showed."""
    one = file_of(batch_at(request, slug, pk), number)
    form = BankAnswer(request.POST)
    if not form.is_valid():
        return _show(request, slug, pk, number, form=form, status=422)
    said = form.cleaned_data
    try:
        made = inquire(
            one.file, sha256=request.POST.get("sha256", ""), answer=said["answer"], bank_person=said["bank_person"],
            reference=said["reference"], actor=actor_of(request), at=timezone.now(),
        )  # fmt: skip
    except Refusal as refusal:
        form.add_error("reference" if said["answer"] == "received" else "answer", refusal.sentence)
        return _show(request, slug, pk, number, form=form, status=422)
    if made.answer == "received":
        messages.success(
            request, f"受付番号 {made.reference} を記録しました。{one.file.name} は受け付けられています。"
        )
        return redirect("approval", slug=slug, pk=pk)
    messages.success(request, f"回答「{made.get_answer_display()}」を記録しました。")
    return redirect("approval-unknown", slug=slug, pk=pk, number=number)


@require_POST
@asks("batch.agree_again")
def agree(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """The second person's consent to hand the same file over again or to give it up, on their own session."""
    one = file_of(batch_at(request, slug, pk), number)
    to = GIVE_UP if request.POST.get("to") == "give_up" else ACTION
    try:
        agree_again(_denial(request, one), to=to, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, slug, pk, number, "agree" if to == ACTION else "agree-give-up", refusal)
    if to == ACTION:
        words = "再持込に同意しました。出納が、同じファイルをもう一度だけ金融機関へ渡せます。"
    else:
        words = "依頼の取りやめに同意しました。出納が、このファイルの依頼を取りやめられます。"
    messages.success(request, words)
    return redirect("approval-unknown", slug=slug, pk=pk, number=number)


@require_POST
@asks("batch.take_file")
def again(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """Records the further hand-over of the same bytes, to which another person agreed."""
    one = file_of(batch_at(request, slug, pk), number)
    try:
        denial = _denial(request, one)
        second = agreed_by(denial)
        if second is None:
            raise NotAgreed(
                "もう一人の同意がまだありません。別の出納か担当課の職員が、自分の画面で同意すると渡せます。"
            )
        hand_over_again(denial, second=second, actor=actor_of(request), at=timezone.now())
    except Refusal as refusal:
        return _refused(request, slug, pk, number, "again", refusal)
    messages.success(
        request,
        f"再持込を記録しました。{one.file.name} を保存して渡し、受付番号が分かったら記録してください。",
    )
    return redirect("approval", slug=slug, pk=pk)


@require_POST
@asks("batch.take_file")
def give_up(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """Gives up a file that the bank never had, to which another person agreed; the other files go on."""
    batch = batch_at(request, slug, pk)
    one, form = file_of(batch, number), GiveUp(request.POST)
    if not form.is_valid():
        return _show(request, slug, pk, number, giving_up=form, status=422)
    try:
        denial = _denial(request, one)
        second = agreed_by(denial, to=GIVE_UP)
        if second is None:
            raise NotAgreed(
                "もう一人の同意がまだありません。別の出納か担当課の職員が、自分の画面で同意すると取りやめられます。"
            )
        give_up_file(
            denial,
            second=second,
            reason=form.cleaned_data["reason"],
            actor=actor_of(request),
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _refused(request, slug, pk, number, "give-up", refusal)
    messages.success(
        request,
        f"{one.file.name} の依頼を取りやめました。{one.file.count:,}件は、事務局が新しい番号で作り直します。",
    )
    return redirect("approval", slug=slug, pk=pk)


def _denial(request: HttpRequest, one: FileStanding) -> BankInquiry:
    """The bank's denial that the page showed; raises NotDenied where it is not, or no longer, its newest word."""
    if one.denial is None or str(one.denial.pk) != request.POST.get("inquiry", ""):
        raise NotDenied(
            "金融機関の「受け付けていない」という最新の回答があるときだけ、同じファイルを再び渡せます。画面を開き直してください。"
        )
    return one.denial


def _refused(
    request: HttpRequest, slug: str, pk: int, number: int, target: str, refusal: Refusal
) -> HttpResponse:
    errors = [{"target": target, "sentence": refusal.sentence}]
    return _show(request, slug, pk, number, errors=errors, status=422)


urlpatterns = [
    path("<int:pk>/file/<int:number>/unknown/", show, name="approval-unknown"),
    path("<int:pk>/file/<int:number>/unknown/sheet/", sheet, name="approval-sheet"),
    path("<int:pk>/file/<int:number>/unknown/answer/", answer, name="approval-answer"),
    path("<int:pk>/file/<int:number>/unknown/agree/", agree, name="approval-agree"),
    path("<int:pk>/file/<int:number>/unknown/again/", again, name="approval-again"),
    path("<int:pk>/file/<int:number>/unknown/give-up/", give_up, name="approval-give-up"),
]
