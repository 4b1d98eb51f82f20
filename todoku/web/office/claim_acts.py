"""What can be done with a claim (返還) on its page: each act with its form, its permission and the verb that it calls.

Takes what was typed; leaves a sentence for the page. The verbs ask again by themselves who may act and in which state.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple

from django import forms

from todoku.people.actor import Actor
from todoku.recovery.ask_for_payment import notice, remind
from todoku.recovery.claim_facts import facts_of
from todoku.recovery.dispute import dispute, resume
from todoku.recovery.give_up import GROUNDS, cancel, waive, write_off
from todoku.recovery.plan import PARTS_MAX, equal_parts, plan
from todoku.recovery.receive_payment import receive_payment, refund
from todoku.recovery.reverse_payment import confirm_reversal, give_up_reversal, propose_reversal
from todoku.recovery.steps import Facts, overdue_yen
from todoku.recovery.tables import Claim, ClaimPayment, PaymentReversal


def _date(label: str, *, hint: str = "") -> forms.DateField:
    words = f"{label}を入力してください。"
    return forms.DateField(
        label=label, help_text=hint, widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": words, "invalid": f"{label}は 2027-01-29 のように入力してください。"},
    )  # fmt: skip


def _words(label: str, *, hint: str = "", most: int = 150) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, help_text=hint, error_messages={"required": f"{label}を入力してください。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip


def _yen(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, min_value=1, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": f"{label}を入力してください。", "invalid": f"{label}は数字だけで入力してください。",
            "min_value": f"{label}は1円以上で入力してください。",
        },
    )  # fmt: skip


class DueOn(forms.Form):
    due_on = _date("納期限", hint="この日までに納めてもらいます。")


class Why(forms.Form):
    why = _words("理由と決裁の番号", hint="経過と帳簿に残ります。氏名や口座番号は書かないでください。")


class Dispute(forms.Form):
    why = _words("申立ての内容", hint="経過に残ります。氏名や口座番号は書かないでください。")


class Resume(forms.Form):
    why = _words("申立ての結論", hint="経過に残ります。")
    due_on = _date("新しい納期限")


class WriteOff(forms.Form):
    ground = forms.ChoiceField(label="根拠", choices=list(GROUNDS.items()))
    why = _words("決裁の番号など")


class Parts(forms.Form):
    count = forms.IntegerField(
        label="回数", min_value=2, max_value=PARTS_MAX, initial=3,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": "回数を入力してください。", "invalid": "回数は数字だけで入力してください。",
            "min_value": "回数は2回以上にしてください。", "max_value": f"回数は{PARTS_MAX}回までにしてください。",
        },
    )  # fmt: skip
    first = _date("1回目の納期限", hint="2回目からは毎月同じ日です。端数は1回目に加えます。")


class Receive(forms.Form):
    amount_yen = _yen("納付された額")
    received_on = _date("納付された日")
    receipt = _words("領収番号", hint="領収済通知書の番号。同じ番号は二度記帳できません。", most=60)


class TooMuch(forms.ModelChoiceField):
    """A choice of payments of which something was too much."""

    def label_from_instance(self, obj: Any) -> str:
        return f"領収 {obj.receipt}（過誤納 {obj.excess_yen:,}円）"


class Refund(forms.Form):
    payment = TooMuch(
        queryset=ClaimPayment.objects.none(), label="どの納付の過誤納金か", empty_label=None,
        error_messages={"required": "納付を選んでください。", "invalid_choice": "納付を選び直してください。"},
    )  # fmt: skip
    paid_on = _date("還付した日")
    receipt = _words("還付の番号", most=60)


class Keyed(forms.ModelChoiceField):
    """A choice of payments and refunds as keyed."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{'還付' if obj.refund_of_id else '納付'} {obj.receipt}（{obj.received_on:%Y/%m/%d}　{obj.amount_yen:,}円）"


class Reverse(forms.Form):
    payment = Keyed(
        queryset=ClaimPayment.objects.none(), label="取り消す記帳", empty_label=None,
        error_messages={"required": "記帳を選んでください。", "invalid_choice": "記帳を選び直してください。"},
    )  # fmt: skip
    reason = _words("誤りの内容", hint="帳簿と経過に残ります。氏名や口座番号は書かないでください。")


class Proposed(forms.ModelChoiceField):
    """A choice of reversals that wait for the second person."""

    def label_from_instance(self, obj: Any) -> str:
        kind = "還付" if obj.payment.refund_of_id else "納付"
        return f"{kind} {obj.payment.receipt}（{obj.payment.amount_yen:,}円）　{obj.proposed_by.name}: {obj.reason}"


class Waiting(forms.Form):
    reversal = Proposed(
        queryset=PaymentReversal.objects.none(), label="起案された取消し", empty_label=None,
        error_messages={"required": "取消しを選んでください。", "invalid_choice": "取消しを選び直してください。"},
    )  # fmt: skip


# Recording is not printing: letters are made by the office, when somebody presses the button.
PRINTED = "事務局の「発送」の「手紙を作る」で印刷します。"
Values = dict[str, Any]
Run = Callable[[Claim, Values, Actor, datetime], str]


class Act(NamedTuple):
    """One act: title and button in the clerk's words, the action it asks for, its form, the states in which it is offered."""

    key: str
    title: str
    permission: str
    form: type[forms.Form]
    states: tuple[str, ...]
    run: Run
    note: str = ""
    danger: bool = False


def _notice(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    notice(claim, due_on=values["due_on"], actor=actor, at=at)
    return f"請求を記録しました。返還請求書と納付書は、{PRINTED}"


def _remind(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    kind = kind_of_reminder(facts_of(claim), at.date())
    remind(claim, kind=kind, due_on=values["due_on"], actor=actor, at=at)
    words = "督促" if kind == "reminder" else "催告"
    return f"{words}を記録しました。{'督促状' if kind == 'reminder' else '催告書'}は、{PRINTED}"


def kind_of_reminder(facts: Facts, today: date) -> str:
    """A reminder first; a call once this claim was reminded of and is still overdue."""
    reminded = any(kind == "reminder" and sent > (facts.due_on or today) for kind, sent, _ in facts.notices)
    return "call" if reminded else "reminder"


def _dispute(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    dispute(claim, why=values["why"], actor=actor, at=at)
    return "申立てを記録しました。結論が出るまで督促は止まります。"


def _resume(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    resume(claim, why=values["why"], due_on=values["due_on"], actor=actor, at=at)
    return "請求を再開しました。"


def _plan(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    parts = equal_parts(facts_of(claim).left_yen, values["count"], values["first"])
    plan(claim, parts, actor=actor, at=at)
    return f"{len(parts)}回の分割納付の計画を作成しました。承認のお知らせと各回の納付書は、{PRINTED}"


def _receive(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    made = receive_payment(claim, actor=actor, at=at, **values)
    extra = f"うち{made.excess_yen:,}円は過誤納金です。還付してください。" if made.excess_yen else ""
    return f"納付 {made.amount_yen:,}円を記帳しました。{extra}"


def _refund(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    made = refund(values["payment"], paid_on=values["paid_on"], receipt=values["receipt"], actor=actor, at=at)
    return f"過誤納金 {made.amount_yen:,}円の還付を記帳しました。"


def _reverse(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    propose_reversal(values["payment"], reason=values["reason"], actor=actor, at=at)
    return "取消しを起案しました。自治体の別の職員が確認すると、この記帳は数えなくなり、番号を使い直せます。"


def _confirm_reversal(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    after = confirm_reversal(values["reversal"], actor=actor, at=at)
    left = facts_of(after).left_yen
    rest = "過誤納としていた納付が残っています。それも取り消して記帳し直すと、返還に充てられます。"
    return f"記帳を取り消しました。残りは{left:,}円です。{rest if left and refundable(after) else ''}"


def _give_up_reversal(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    give_up_reversal(values["reversal"], actor=actor, at=at)
    return "取消しを取りやめました。記帳はそのままです。"


def _waive(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    waive(claim, why=values["why"], actor=actor, at=at)
    return "残りの返還を免除しました。"


def _write_off(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    write_off(claim, ground=values["ground"], why=values["why"], actor=actor, at=at)
    return "不納欠損として記帳しました。"


def _cancel(claim: Claim, values: Values, actor: Actor, at: datetime) -> str:
    cancel(claim, why=values["why"], actor=actor, at=at)
    return "返還請求を取り消しました。"


_AFTER_NOTICE = ("noticed", "disputed", "paid", "cancelled", "waived", "written_off")
ACTS: dict[str, Act] = {
    act.key: act
    for act in (
        Act("notice", "返還請求書と納付書を送る", "claim.notice", DueOn, ("open",), _notice,
            f"手紙は、{PRINTED}"),
        Act("receive", "納付を記帳する", "claim.receive", Receive, _AFTER_NOTICE, _receive),
        Act("remind", "督促・催告する", "claim.notice", DueOn, ("noticed",), _remind,
            "納期限を過ぎたら督促状を、督促の期限も過ぎたら催告書を送ります。"),
        Act("plan", "分割納付の計画を作成する", "claim.open", Parts, ("noticed",), _plan,
            "残りの額を月ごとに分けます。計画への合意は債務の承認として記録され、時効が新しく始まります。"),
        Act("dispute", "申立てを記録して止める", "claim.notice", Dispute, ("noticed",), _dispute,
            "督促と納期限の時計が止まります。"),
        Act("resume", "申立ての結論を記録して再開する", "claim.notice", Resume, ("disputed",), _resume),
        Act("refund", "過誤納金の還付を記帳する", "claim.receive", Refund, _AFTER_NOTICE, _refund),
        Act("reverse", "誤った記帳の取消しを起案する", "claim.correct", Reverse, _AFTER_NOTICE, _reverse,
            "記帳は消さずに残し、反対の仕訳で取り消します。自治体の別の職員の確認が要ります。"),
        Act("confirm_reversal", "記帳の取消しを確認する", "claim.confirm_correction", Waiting, _AFTER_NOTICE,
            _confirm_reversal, "起案した人とは別の人が確認します。残りの額・分割の計画・督促は計算し直されます。"),
        Act("give_up_reversal", "記帳の取消しを取りやめる", "claim.correct", Waiting, _AFTER_NOTICE, _give_up_reversal),
        Act("waive", "残りを免除する", "claim.give_up", Why, ("noticed", "disputed"), _waive, danger=True),
        Act("write_off", "不納欠損にする", "claim.give_up", WriteOff, ("noticed",), _write_off, danger=True),
        Act("cancel", "返還請求を取り消す", "claim.give_up", Why, ("open", "noticed", "disputed"), _cancel,
            "請求そのものが誤りだったときに使います。納付があるときは取り消せません。", danger=True),
    )
}  # fmt: skip


def offered(claim: Claim, facts: Facts, today: date) -> list[Act]:
    """The acts that the claim's state admits, before anybody asks who may do them."""
    return [
        act
        for act in ACTS.values()
        if claim.state in act.states
        and (act.key != "remind" or overdue_yen(facts, today) > 0)
        and (act.key != "refund" or refundable(claim))
        and (act.key != "reverse" or reversible(claim))
        and (act.key not in ("confirm_reversal", "give_up_reversal") or waiting_reversals(claim))
        and (act.key not in ("cancel",) or not facts.paid_yen)
    ]


def refundable(claim: Claim) -> list[ClaimPayment]:
    """Payments of which something was too much and has not gone back."""
    payments = [one for one in claim.payments.all() if one.reversed_at is None]
    back = {one.refund_of_id for one in payments}
    return [one for one in payments if one.excess_yen and one.pk not in back]


def waiting_reversals(claim: Claim) -> list[PaymentReversal]:
    """Proposals to take a payment back that nobody has confirmed or given up."""
    return [
        reversal
        for payment in claim.payments.all()
        for reversal in payment.reversals.all()
        if reversal.confirmed_at is None and reversal.given_up_at is None
    ]


def reversible(claim: Claim) -> list[ClaimPayment]:
    """Payments and refunds that count and that nobody proposed to take back."""
    proposed = {one.payment_id for one in waiting_reversals(claim)}
    return [one for one in claim.payments.all() if one.reversed_at is None and one.pk not in proposed]


def form_of(act: Act, claim: Claim, data: Any = None) -> forms.Form:
    """The act's form with ids of its own, so that several stand on one page."""
    form = act.form(data, auto_id=f"{act.key}_%s")
    if act.key in ("refund", "reverse"):
        chosen = refundable(claim) if act.key == "refund" else reversible(claim)
        _choose(form, "payment", ClaimPayment.objects.filter(pk__in=[one.pk for one in chosen]))
    if act.form is Waiting:
        waiting = PaymentReversal.objects.filter(pk__in=[one.pk for one in waiting_reversals(claim)])
        _choose(form, "reversal", waiting.select_related("payment", "proposed_by"))
    return form


def _choose(form: forms.Form, name: str, rows: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField), "a choice of rows"
    field.queryset = rows.order_by("-pk")
