"""今日: what needs the municipality today, then the state of the programme in figures and charts. Counts alone, no person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from todoku.case import stages
from todoku.case.name_payee import ACTION
from todoku.ledger.settle_back import waiting_back
from todoku.people.access import may
from todoku.programme.tables import Programme
from todoku.progress.figures import stages_now
from todoku.web.municipality.frame import COUNTED, frame
from todoku.web.municipality.unanswered import unanswered_needs
from todoku.web.municipality.waiting_splits import waiting_needs
from todoku.web.office.after_page import city_needs
from todoku.web.office.change_page import TO_CONFIRM
from todoku.web.office.claim_page import REVERSAL
from todoku.web.office.payee_page import NEED
from todoku.web.office.people import nobody_needs
from todoku.web.office.progress import charts_of
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Empty, Need

# What waits → place, action that its work asks for, title, sentence, words of the button.
NEEDS = {
    "unknown": (
        "approvals", "batch.inquire", "結果が分からない振込ファイル",
        "金融機関が受け付けたか分かっていません。受付番号を記録するか、指紋で照会してください。", "確認する",
    ),
    "proofs": (
        "proofs", "proof.approve", "校正刷りの確認",
        "印刷物が校了を待っています。校了まで発送できません。", "確認する",
    ),
    "addresses": (
        "addresses", "address.answer", "送付先の変更", "送付先変更届が承認を待っています。", "確認する",
    ),
    "register": (
        "register", "register.answer", "住基照会", "届かずに戻った郵便の照会があります。回答まで手紙は止まります。", "回答する",
    ),
    "questions": (
        "questions", "question.answer", "疑義照会", "事務局が判断を求めています。回答まで案件は止まります。", "回答する",
    ),
    "changes": (
        "changes", "change.decide", "基準日の後の異動",
        "制度の定めだけで扱いが決まらない死亡・転出などがあります。判断まで、支給の決定に進みません。", "判断する",
    ),
    "payees": ("changes", ACTION, *NEED),
    "late": (
        "changes/late", "change.decide", "後からの案件作成の確認",
        "決裁による案件の作成が入力されました。入力した人とは別の人が、書類を見て確認します。", "確認する",
    ),
    "decisions": ("decisions", "decision.decide", "支給の決定", "審査の終わった案件の一覧が、決定を待っています。", "一覧を見る"),
    "approvals": (
        "approvals", "batch.approve_city", "振込の承認・依頼",
        "振込データが、承認か金融機関への依頼を待っています。", "振込データを見る",
    ),
    "watch": (
        "watch", "hold.close", "保留・停止", "担当課の判断を待つ保留か、期限を過ぎた保留、支払の停止があります。", "確かめる",
    ),
    "incidents": (
        "incidents", "incident.acknowledge", "事故の第一報",
        "事務局から第一報が届いています。読んで、受領してください。", "第一報を読む",
    ),
    "paper": (
        "paper", "mail.receive", "紙の受取り",
        "事務局が渡した箱が、受け取る人の名前を待っています。中を数えてください。", "受け取る",
    ),
    "criteria": (
        "criteria", "criteria.sign", "審査基準書の署名",
        "次の版の審査基準書が、署名を待っています。署名まで、その版は開始できません。", "読む",
    ),
    "objections": (
        "objections", "objection.answer", "不服・訂正の申出",
        "決定についての申出が、回答を待っています。担当を決め、確かめて回答します。", "回答する",
    ),
    "handback": (
        "handback", "handback.accept", "納品の検収",
        "事務局から納品が届いています。数と指紋を確かめて、検収してください。", "確かめる",
    ),
    "cash": (
        "cash", "cash.pay", "現金の支給", "現金の受取りを待つ支払があります。二人で渡し、領収書を受け取ります。", "支給する",
    ),
    "gifts": (
        "gifts", "gift.settle", "ギフトの残額",
        "期限を過ぎたギフトに、使われなかった額があります。扱いを記録してください。", "整理する",
    ),
    "claims": (
        "claims", "claim.notice", "返還", "請求書の送付か、督促・催告を待っている返還があります。", "返還を見る",
    ),
    "reversals": (
        "claims", "claim.confirm_correction", "納付・還付の記帳の取消し",
        "起案された取消しがあります。起案した人とは別の職員が確認します。", "確認する",
    ),
    "ledger": (
        "ledger", "ledger.correct", "仕訳の訂正", "起案された訂正があります。起案した人とは別の職員が確認します。", "確認する",
    ),
}  # fmt: skip
# What of a list waits, where the list holds more.
CHOSEN = {"reversals": f"?state={REVERSAL[0]}", "payees": f"?state={TO_CONFIRM[0]}"}
# Counted by the frame and told of with its clocks by city_needs.
WITH_CLOCKS = {"after"}
assert NEEDS.keys() | WITH_CLOCKS == COUNTED.keys() | {"gifts"}, "whatever the frame counts is told here"


@require_GET
@asks("city.enter")
def today(request: HttpRequest, slug: str) -> HttpResponse:
    """The municipality's first page."""
    programme, context = frame(request, slug, "today", "今日")
    roles, standing = actor_of(request).roles, stages_now(programme)
    total = sum(standing.values())
    context |= {
        "needs": [
            *counted_needs(context["counts"], slug, roles),
            *city_needs(programme, slug, roles, localdate()),
            *waiting_needs(programme, slug, roles, localdate()),
            *money_back_needs(programme, slug, roles),
            *unanswered_needs(programme, slug, roles, localdate()),
            *nobody_needs(programme, slug, roles, "municipality"),
        ],
        "needs_empty": Empty(
            "今日、対応をお願いすることはありません。", "照会・決定・承認が必要になると、ここに出ます。"
        ),
        "figures": state_of(standing, total),
        "charts": charts_of(programme, total, timezone.now()),
    }
    return render(request, "municipality/today.html", context)


def counted_needs(counts: dict[str, int], slug: str, roles: frozenset[str]) -> list[Need]:
    """What the frame counts, each with the way there; whoever may not act sees it all the same."""
    return [
        Need(
            count, title, text, f"/p/{slug}/{place}/{CHOSEN.get(key, '')}",
            button if may(roles, action) else "内容を見る",
        )
        for key, (place, action, title, text, button) in NEEDS.items()
        if (count := counts.get(key, 0))
    ]  # fmt: skip


def money_back_needs(programme: Programme, slug: str, roles: frozenset[str]) -> list[Need]:
    """Money that came back and stands at 返納金 until the treasurer books where it belongs."""
    cases, yen = waiting_back(programme)
    if not cases:
        return []
    text = f"戻ってきた{yen:,}円が整理を待っています。戻入命令か調定の番号で整理してください。"
    button = "整理する" if may(roles, "ledger.appropriate") else "内容を見る"
    return [Need(cases, "返納金（整理待ち）", text, f"/p/{slug}/ledger/", button)]


def state_of(standing: dict[str, int], total: int) -> list[dict[str, object]]:
    """Paid, decided, in review, returned, waiting: the state in five numbers whose sum is all cases."""
    groups = (
        ("支給済", (stages.PAID,)),
        ("決定・振込中", (stages.DECIDED, stages.PAYING)),
        ("審査中", (stages.RECEIVED, stages.IN_REVIEW, stages.WITH_MUNICIPALITY, stages.PASSED)),
        ("不備・振込不能", (stages.RETURNED, stages.FAILED)),
        ("申請待ち", (stages.LISTED, stages.INVITED)),
        ("不支給・辞退・期限切れ", (stages.REFUSED, stages.DECLINED, stages.LAPSED)),
    )
    shown = [(name, sum(standing[code] for code in codes)) for name, codes in groups]
    assert sum(count for _, count in shown) == total, "every stage belongs to one group"
    return [
        {"label": name, "value": count, "unit": "件", "note": f"{count * 100 / total:.0f}%" if total else ""}
        for name, count in shown
    ]


urlpatterns = [path("", today, name="today")]
