"""Pure. What a resident is told about a stage: a headline, a time line with dates, what comes next, what we
need.

Takes a stage and the dates that the house knows, gives sentences for the catalogue (`Message`). It knows no
language, shows no code, and says nothing that depends on other people of the household.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from todoku.case import stages as s
from todoku.programme.message import N_, Message


class PublicStep(NamedTuple):
    """One point of the time line: "done", "now" or "next", its day where known, its sentence."""

    state: str
    on: date | None
    text: Message


class PublicStatus(NamedTuple):
    """What the status page shows: headline, time line, what happens next and when, what we need from you."""

    headline: Message
    steps: tuple[PublicStep, ...]
    then: Message | None
    needs: tuple[Message, ...]


# Several ways to say one thing; the first whose dates are all known is said.
Said = tuple[str, ...]


class _Words(NamedTuple):
    """What one stage says. `step` is where on the time line it stands."""

    step: str
    headline: str
    now: Said
    then: Said = ()
    need: Said = ()


_PAYS: Said = (
    N_("お振込みの予定日は、%(pays_on)sです。"),
    N_("お振込みの予定日は、決まりしだいこのページでお知らせします。"),
)

_WORDS: dict[str, _Words] = {
    s.LISTED: _Words(
        "sent",
        N_("申請書の送付を準備しています"),
        (N_("申請書をお送りする準備をしています。"),),
        (N_("申請書が届きましたら、内容を確かめて申請してください。"),),
    ),
    s.INVITED: _Words(
        "arrived",
        N_("申請書の到着待ちです"),
        (N_("申請が届くのをお待ちしています。"),),
        (N_("申請が届くと、届いた日をこのページに表示します。"),),
        (
            N_(
                "%(deadline)sまでに申請してください。お手元に申請書がないときは、コールセンターへお電話ください。"
            ),
            N_("申請書で申請してください。お手元に申請書がないときは、コールセンターへお電話ください。"),
        ),
    ),
    s.RECEIVED: _Words(
        "review", N_("審査待ちです"), (N_("届いた順に審査しています。順番をお待ちください。"),), _PAYS
    ),
    s.IN_REVIEW: _Words("review", N_("審査中です"), (N_("申請の内容を確認しています。"),), _PAYS),
    s.WITH_MUNICIPALITY: _Words(
        "review",
        N_("審査中です"),
        (N_("申請の内容を確認しています。"),),
        (N_("確認に時間をいただいています。終わりしだい、このページでお知らせします。"),),
    ),
    s.RETURNED: _Words(
        "review",
        N_("不備のご連絡中です"),
        (N_("申請に確認が必要なところがあり、手紙をお送りしました。"),),
        (N_("お返事が届きましたら、審査を続けます。"),),
        (
            N_("お送りした手紙をご覧になり、%(deadline)sまでにお返事をお願いします。"),
            N_("お送りした手紙をご覧になり、お返事をお願いします。"),
        ),
    ),
    s.PASSED: _Words(
        "decision", N_("支給を決定する手続き中です"), (N_("審査が終わり、決定の手続きをしています。"),), _PAYS
    ),
    s.DECIDED: _Words("payment", N_("支給が決定しました"), (N_("お振込みの準備をしています。"),), _PAYS),
    s.REFUSED: _Words(
        "decision",
        N_("支給の対象にならないと決定しました"),
        (N_("支給の対象にならないと決定しました。"),),
        (),
        (N_("理由は、お送りする通知書をご覧ください。ご不明な点は、コールセンターへお電話ください。"),),
    ),
    s.PAYING: _Words(
        "payment",
        N_("振込の依頼済です"),
        (N_("金融機関にお振込みを依頼しました。"),),
        (
            N_("%(due_on)sにお振込みの手続きをしました。金融機関からの結果を確かめています。"),
            N_("%(pays_on)sに、ご指定の口座へ振り込む予定です。"),
            N_("ご指定の口座へ振り込む予定です。"),
        ),
    ),
    s.PAID: _Words(
        "payment",
        N_("お振込みが完了しました"),
        (N_("ご指定の口座にお振込みしました。"),),
        (),
        (N_("通帳などで入金をご確認ください。"),),
    ),
    s.FAILED: _Words(
        "payment",
        N_("お振込みができませんでした"),
        (N_("金融機関から、お振込みできないとの連絡がありました。"),),
        (N_("口座の届出が届きましたら、もう一度お振込みします。"),),
        (
            N_("お送りする手紙の方法で、%(repay_deadline)sまでに、口座を確かめて届け出てください。"),
            N_("お送りする手紙の方法で、口座を確かめて届け出てください。"),
        ),
    ),
    s.DECLINED: _Words(
        "end",
        N_("受給を希望されないとのお申し出を受け付けました"),
        (N_("お申し出により、手続きを終えました。"),),
        (),
        (N_("お心当たりがないときや、受給を希望されるときは、コールセンターへお電話ください。"),),
    ),
    s.LAPSED: _Words(
        "end",
        N_("期限が過ぎたため手続きを終えました"),
        (N_("期限までに必要なお手続きが確認できなかったため、手続きを終えました。"),),
        (),
        (N_("すでにお手続きをされた方は、コールセンターへお電話ください。"),),
    ),
}

# Whoever chose another way than a transfer: what is said from the arrival on.
_BY_LETTER: Said = (N_("お受け取りについては、支給が決まりましたら手紙でお知らせします。"),)
_NOT_BY_BANK: dict[str, _Words] = {
    s.RECEIVED: _WORDS[s.RECEIVED]._replace(then=_BY_LETTER),
    s.IN_REVIEW: _WORDS[s.IN_REVIEW]._replace(then=_BY_LETTER),
    s.PASSED: _WORDS[s.PASSED]._replace(then=_BY_LETTER),
    s.DECIDED: _Words("payment", N_("支給が決定しました"), (N_("お届けの準備をしています。"),), _BY_LETTER),
    s.PAYING: _Words(
        "payment",
        N_("お届けの手続き中です"),
        (N_("選ばれた方法でのお届けを進めています。"),),
        (N_("手紙が届きましたら、内容をご確認ください。"),),
    ),
    s.PAID: _Words(
        "payment",
        N_("お届けが完了しました"),
        (N_("選ばれた方法で給付金をお届けしました。"),),
        (),
        (N_("お心当たりがないときは、コールセンターへお電話ください。"),),
    ),
    s.FAILED: _Words(
        "payment",
        N_("お受け取りを確認できませんでした"),
        (N_("期限までにお受け取りを確認できませんでした。"),),
        (N_("口座の届出が届きましたら、お振込みします。"),),
        (
            N_("お送りする手紙の方法で、%(repay_deadline)sまでに口座をお届けください。"),
            N_("お送りする手紙の方法で、口座をお届けください。"),
        ),
    ),
}

# A recipient who was told that payment comes by itself (支給のお知らせ) and has sent nothing.
_PUSHED: dict[str, _Words] = {
    s.LISTED: _Words(
        "sent",
        N_("お知らせの送付を準備しています"),
        (N_("支給のお知らせをお送りする準備をしています。"),),
        (N_("お手続きをしなくても、お知らせの口座に振り込みます。"),),
    ),
    s.INVITED: _Words(
        "decision",
        N_("お手続きは必要ありません"),
        (N_("支給のお知らせをお送りしました。口座の変更や辞退のお申し出を受け付けています。"),),
        _PAYS,
        (
            N_("口座を変えるときや受給を希望されないときだけ、%(opt_out_on)sまでにお申し出ください。"),
            N_("口座を変えるときや受給を希望されないときだけ、お申し出ください。"),
        ),
    ),
    s.PASSED: _Words(
        "decision", N_("支給を決定する手続き中です"), (N_("決定の手続きをしています。"),), _PAYS
    ),
}

# The time line: what is said of each step once it lies behind, and while it lies ahead.
_STEPS: dict[str, tuple[Said, Said]] = {
    "sent": ((N_("申請書をお送りしました。"),), ()),
    "arrived": (
        (N_("申請が届きました（%(registered_on)sに登録）。"), N_("申請が届きました。")),
        (N_("申請が届く"),),
    ),
    "review": ((N_("審査が終わりました。"),), (N_("審査"),)),
    "decision": ((N_("支給が決定しました。"),), (N_("支給の決定"),)),
    "payment": ((), (N_("お振込み（予定日 %(pays_on)s）"), N_("お振込み"))),
}
_NOT_BY_BANK_STEPS = _STEPS | {"payment": ((), (N_("お届け"),))}
_PUSHED_STEPS = {
    "sent": ((N_("支給のお知らせをお送りしました。"),), ()),
    "decision": _STEPS["decision"],
    "payment": _STEPS["payment"],
}


def public_wording(
    stage: str,
    *,
    sent_on: date | None = None,
    arrived_on: date | None = None,
    registered_on: date | None = None,
    returned_on: date | None = None,
    reviewed_on: date | None = None,
    decided_on: date | None = None,
    pays_on: date | None = None,
    due_on: date | None = None,
    paid_on: date | None = None,
    failed_on: date | None = None,
    ended_on: date | None = None,
    deadline: date | None = None,
    repay_deadline: date | None = None,
    opt_out_on: date | None = None,
    pushed: bool = False,
    by_bank: bool = True,
) -> PublicStatus:
    """The resident's view of a case at `stage`, from the dates known (days, Japan).

    `pushed`: the case's cohort is paid unless refused. `by_bank`: a transfer was chosen, not another way
    of receiving. `registered_on` is said only where it differs from
    the day of arrival, which people ask about. `pays_on` comes from the payment calendar or, once sent,
    from the batch. `due_on`: that day has gone by, and what became of it is not known yet.
    """
    known: dict[str, date | None] = {
        "registered_on": None if registered_on == arrived_on else registered_on,
        "pays_on": pays_on,
        "due_on": due_on,
        "deadline": deadline,
        "repay_deadline": repay_deadline,
        "opt_out_on": opt_out_on,
    }
    by_notice = pushed and arrived_on is None and stage not in _NEEDS_AN_APPLICATION
    words = _PUSHED.get(stage, _WORDS[stage]) if by_notice else _WORDS[stage]
    steps = _PUSHED_STEPS if by_notice else _STEPS
    if not by_bank:
        words, steps = _NOT_BY_BANK.get(stage, words), _NOT_BY_BANK_STEPS
    behind = {"sent": sent_on, "arrived": arrived_on, "review": reviewed_on, "decision": decided_on}
    today = {
        s.RETURNED: returned_on,
        s.REFUSED: decided_on,
        s.PAID: paid_on,
        s.FAILED: failed_on,
        s.DECLINED: ended_on,
        s.LAPSED: ended_on,
    }.get(stage)
    now = PublicStep("done" if stage == s.PAID else "now", today, _required(words.now, known))
    need = _say(words.need, known)
    return PublicStatus(
        headline=Message(words.headline),
        steps=tuple(_time_line(stage, words.step, now, steps, behind, known)),
        then=_say(words.then, known),
        needs=(need,) if need else (),
    )


_NEEDS_AN_APPLICATION = frozenset({s.RECEIVED, s.IN_REVIEW, s.WITH_MUNICIPALITY, s.RETURNED})


def _time_line(
    stage: str,
    place: str,
    now: PublicStep,
    steps: Mapping[str, tuple[Said, Said]],
    behind: Mapping[str, date | None],
    known: Mapping[str, date | None],
) -> list[PublicStep]:
    """Steps behind, the present one, steps ahead. An end shows of the past only what has a date, and
    nothing ahead."""
    order = list(steps)
    at = order.index(place) if place in order else len(order)
    ended = stage in s.ENDS
    line = []
    for name in order[:at]:
        text = _say(steps[name][0], known)
        # Nothing was sent to somebody who applied before the letters went out.
        if text and (behind.get(name) is not None or (place != "end" and name != "sent")):
            line.append(PublicStep("done", behind.get(name), text))
    line.append(now)
    for name in [] if ended else order[at + 1 :]:
        text = _say(steps[name][1], known)
        if text:
            line.append(PublicStep("next", None, text))
    return line


def _say(ways: Said, known: Mapping[str, date | None]) -> Message | None:
    """The first way of saying it whose dates are all known, with just those dates."""
    for sentence in ways:
        names = re.findall(r"%\((\w+)\)s", sentence)
        if all(known[name] is not None for name in names):
            return Message(sentence, {name: known[name] for name in names})
    return None


def _required(ways: Said, known: Mapping[str, date | None]) -> Message:
    said = _say(ways, known)
    assert said is not None, "every stage can say what happens now without a date"
    return said
