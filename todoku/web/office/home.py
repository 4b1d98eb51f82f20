"""The office's first page: the state of the day. What passed from hand to hand, what waits for this person, long work.

Takes a programme; shows counts alone, no person. Six queries of its own, whatever the size of the town; a few more where
letters on claims wait.
"""

from datetime import date

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_GET

from todoku.case.stages import ENDS, PAID
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.progress.figures import stages_now
from todoku.progress.hand_overs import HandOver, hand_overs
from todoku.review.accept_silence import held_cohorts
from todoku.web.office.after_page import office_needs
from todoku.web.office.case_letters import told_needs
from todoku.web.office.cells import one_row
from todoku.web.office.declines import WORDS_WAITING, word_needs
from todoku.web.office.frame import COUNTED, PLACES, frame
from todoku.web.office.payee_page import NAMED_BY_OTHERS, payee_needs
from todoku.web.office.people import nobody_needs
from todoku.web.office.printing_page import letters_to_make
from todoku.web.office.representative import waiting_needs
from todoku.web.office.review_contacts import tonight
from todoku.web.office.works import latest
from todoku.web.shared.doors import actor_of, asks
from todoku.web.shared.pieces import Action, Desk, Empty, Need, Strip

# Desk → (action that its work asks for, sentence, words of the button).
NEEDS = {
    "名簿": (
        "roll.import",
        "受け取った名簿・一覧か後からの案件の確認、異動の判断を待っています。",
        "名簿を見る",
    ),
    "発送": ("print.dispatch", "確認または差出しを待つ印刷ロットがあります。", "発送を進める"),
    "郵便室": ("mail.work", "開けていない袋、照合を待つ書類、説明を待つ差異などがあります。", "郵便室を見る"),
    "受付": ("intake.screen", "届いた申請が、点検か名簿との照合を待っています。", "受付を見る"),
    "読取": ("scan.view", "番号の読めないページなど、人の確認を待つスキャンがあります。", "読取を見る"),
    "打鍵": ("paper.key", "読み取った申請書が入力を待っています。", "打鍵を始める"),
    "審査": ("review.judge", "審査を待つ申請があります。", "審査を始める"),
    "照会": ("question.forward", "審査担当からの照会が、業務責任者の確認を待っています。", "照会を確認する"),
    "支給": ("batch.view", "途中の振込データがあります。", "支給を見る"),
    "保留": ("hold.view", "支払を止めている保留か停止があります。", "保留を見る"),
    "返還": ("claim.notice", "請求書の送付か、督促・催告を待っている返還があります。", "返還を見る"),
    "窓口": ("note.add", "約束した折り返しがあります。", "折り返しを見る"),
}
BESIDE_QUEUES = f"""
select {WORDS_WAITING},
       (select count(*) from todoku_contact where programme_id = %(p)s and state = 'open' and next_at <= %(tonight)s),
       (select count(*) from todoku_task where programme_id = %(p)s and state = 'open' and for_manager),
       (select count(*) from todoku_version v where v.programme_id = %(p)s and v.opened_at is null and exists (
          select 1 from todoku_criteriasignature s where s.version_id = v.id and s.text_sha256 = v.sha256)),
       ({NAMED_BY_OTHERS})
"""
# Where what holds a cohort is cleared → the action that it asks for, words of the button.
HOLDS = {"mail": ("mail.work", "郵便室を見る"), "scan": ("scan.view", "読取を見る")}
assert NEEDS.keys() == {place.name for place in PLACES if place.key in COUNTED}, (
    "every counted desk has its line here"
)


@require_GET
@asks("office.enter")
def home(request: HttpRequest, slug: str) -> HttpResponse:
    """The day on one screen."""
    programme, context = frame(request, slug, "home", "今日の業務")
    actor = actor_of(request)
    roles = actor.roles
    lines = hand_overs(programme)
    strips = [
        Strip(line.came_in, line.done, line.waiting, line.set_aside, line.name, f"/p/{slug}/progress/", line.words, line.unit)
        for line in lines
    ]  # fmt: skip
    context |= {
        "whole": whole(programme, slug),
        "strips": strips,
        "needs": [
            *office_needs(programme, slug, roles, localdate()),
            *needs_of(context["desks"], lines, roles),
            *letter_needs(programme, slug, roles),
            *review_needs(programme, slug, actor),
            *held_needs(programme, slug, roles, localdate()),
            *told_needs(programme, slug, roles),
            *waiting_needs(programme, slug, roles),
            *nobody_needs(programme, slug, roles, "office"),
        ],
        "needs_empty": Empty("今日お願いすることはありません。", "新しく届いたものがあれば、ここに出ます。"),
        "works": latest(programme),
        "first_roll": Action("名簿を受け取る", href=f"/p/{slug}/roll/", main=True)
        if not strips[0].came_in and may(roles, "roll.import")
        else None,
    }  # fmt: skip
    return render(request, "office/home.html", context)


def whole(programme: Programme, slug: str) -> Strip:
    """All cases in one sum: paid, under way, ended without payment."""
    stages = stages_now(programme)
    ended = sum(stages[stage] for stage in ENDS if stage != PAID)
    return Strip(
        came_in=sum(stages.values()), done=stages[PAID],
        waiting=sum(count for stage, count in stages.items() if stage not in ENDS), set_aside=ended,
        title="事業全体", href=f"/p/{slug}/progress/", labels=("案件", "支給済", "手続き中", "不支給・辞退・期限切れ"),
    )  # fmt: skip


def needs_of(desks: list[Desk], lines: list[HandOver], roles: frozenset[str]) -> list[Need]:
    """What this person may act on: the desks where something waits, and what has not come to a desk yet."""
    needs = [need(desk) for desk in desks if desk.waiting and may(roles, NEEDS[desk.name][0])]
    by_key = {line.key: line for line in lines}
    urls = {desk.name: desk.url for desk in desks}
    waiting = {desk.name: desk.waiting for desk in desks}
    if by_key["opened"].waiting and not waiting["名簿"] and may(roles, "case.open"):
        text = "名簿に取り込んだ世帯に、まだ案件がありません。"
        needs.insert(
            0, Need(by_key["opened"].waiting, "案件の作成", text, urls["名簿"], "案件を作る", unit="世帯")
        )
    if by_key["dispatched"].waiting and not waiting["発送"] and may(roles, "print.make"):
        text = "申請書・お知らせをまだ印刷していない案件か、通常の印刷から除いた案件です。"
        needs.append(Need(by_key["dispatched"].waiting, "発送前の案件", text, urls["発送"], "発送を見る"))
    return needs


def letter_needs(programme: Programme, slug: str, roles: frozenset[str]) -> list[Need]:
    """Letters that nobody has made yet: they are printed when somebody asks for it, and not before."""
    if not may(roles, "print.make"):
        return []
    letters = letters_to_make(programme)
    kinds = [*letters["kinds"], ("支援措置の方の手紙", letters["protected"])]
    kinds = [(name, count) for name, count in kinds if count]
    if not kinds:
        return []
    text = "、".join(f"{name}{count:,}通" for name, count in kinds) + "。「手紙を作る」で印刷します。"
    total = sum(count for _, count in kinds)
    return [Need(total, "作成を待つ手紙", text, f"/p/{slug}/print/", "発送を見る", unit="通")]


def review_needs(programme: Programme, slug: str, actor: Actor) -> list[Need]:
    """Beside the queues: whom to call today (確認連絡), words that wait for a person, whom somebody else named to receive, a
    signed Version. One query."""
    roles = actor.roles
    with connection.cursor() as cursor:
        cursor.execute(BESIDE_QUEUES, {"p": programme.pk, "tonight": tonight(), "me": actor.id or 0})
        declines, backs, calls, managers, signed, payees = one_row(cursor)
    needs = word_needs(declines, backs, slug, roles)
    needs += payee_needs(payees, slug, roles, "roll/changes")
    if calls and may(roles, "contact.make"):
        text = "今日までに、申請者へ確認の電話をするものです。"
        needs.append(Need(calls, "確認連絡", text, f"/p/{slug}/review/contacts/", "電話する"))
    if managers and may(roles, "review.lead"):
        text = "審査基準で業務責任者が決めることになっている申請です。「次の一件」で最初に出ます。"
        needs.append(Need(managers, "業務責任者の判定", text, f"/p/{slug}/review/", "審査を始める"))
    if signed and may(roles, "programme.open"):
        text = "自治体が次の版の審査基準書に署名しました。試行の結果を確かめて、開始してください。"
        needs.append(Need(signed, "版の開始", text, f"/p/{slug}/versions/", "版の改正を見る"))
    return needs


def held_needs(programme: Programme, slug: str, roles: frozenset[str], today: date) -> list[Need]:
    """Cohorts in which nobody's silence counts, for who can clear what holds them (申出期限の経過)."""
    needs = []
    for held in held_cohorts(programme, today):
        desk = next((one for one in held.desks if may(roles, HOLDS[one][0])), None)
        if desk:
            _, words = HOLDS[desk]
            needs.append(
                Need(held.cases, "承諾とみなせないお知らせ", held.sentence, f"/p/{slug}/{desk}/", words)
            )
    return needs


def need(desk: Desk) -> Need:
    """A desk with something waiting, as a line of the day."""
    _, text, words = NEEDS[desk.name]
    oldest = f"最も古いものは{desk.oldest}前からです。" if desk.oldest and desk.oldest != "今日" else ""
    unit = "件以上" if desk.or_more else "件"
    return Need(desk.waiting, desk.name, text + oldest, desk.url, words, unit=unit)


urlpatterns = [path("", home, name="home")]
