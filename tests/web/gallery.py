"""Sample values for every shared piece; no person stands in them, only numbers, initials and offices."""

from datetime import date, timedelta

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import include, path

from todoku.web.shared import charts
from todoku.web.shared.pieces import (
    Action,
    Badge,
    Cell,
    Column,
    Desk,
    Digest,
    Empty,
    Filter,
    LongWork,
    Moment,
    Need,
    Row,
    Strip,
    Table,
    Undo,
)

DOORS = ("resident", "desk", "city")
# The language switch asks for this one route; tests name this file as their routes.
urlpatterns = [path("i18n/", include("django.conf.urls.i18n"))]
DAYS = [date(2026, 11, 1) + timedelta(days=n) for n in range(21)]


class SampleForm(forms.Form):
    kind = forms.ChoiceField(
        label="どの口座で受け取りますか",
        choices=[
            ("known", "市に届けてある口座"),
            ("bank", "銀行などの口座"),
            ("yucho", "ゆうちょ銀行の口座"),
        ],
        widget=forms.RadioSelect,
    )
    kana = forms.CharField(
        label="口座の名義（カナ）",
        help_text="通帳の表紙の裏にあるカナをそのまま入れてください。",
        error_messages={"required": "口座の名義をカナで入れてください。"},
    )
    number = forms.CharField(
        label="口座番号",
        help_text="7桁に満たないときは、先頭に0を付けてください。",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": 12, "autocomplete": "off"}),
    )
    note = forms.CharField(label="所見", required=False, widget=forms.Textarea(attrs={"rows": 2}))
    photo = forms.FileField(
        label="通帳またはキャッシュカードの写真",
        widget=forms.FileInput(attrs={"accept": "image/*", "capture": "environment"}),
    )
    sure = forms.BooleanField(label="内容を確かめました。")

    def clean_number(self) -> str:
        """Refuses what is not seven digits, as the real form does."""
        value = str(self.cleaned_data["number"])
        if not (value.isdigit() and len(value) == 7):
            raise forms.ValidationError("口座番号は7桁です。ゆうちょの場合は記号と番号を入れてください。")
        return value


def _table(door: str) -> Table:
    states = [
        Badge("確認待ち", "wait"),
        Badge("不備あり", "warn"),
        Badge("承認", "ok"),
        Badge("照会中", "info"),
    ]
    rows = [
        Row(
            key=f"{n}",
            name=f"受付番号 4018-7730-{55216 + n}",
            cells=[
                Cell(f"4018-7730-{55216 + n}", href=f"#case-{n}"),
                ("Y.T.", "K.S.", "M.A.", "N.L.")[n % 4],
                Cell(badge=states[n % 4], note="口座名義が名簿と違う" if n % 4 == 1 else ""),
                ("郵送", "オンライン")[n % 2],
                (n * 7) % 12 + 1,
                30_000 + 20_000 * (n % 3),
            ],
            marked=n == 2,
        )
        for n in range(9)
    ]
    return Table(
        caption="審査を待つ案件" if door == "desk" else "支給決定の一覧",
        columns=[
            Column("number", "受付番号", sortable=True, fixed=True),
            Column("initials", "頭文字", fixed=True),
            Column("state", "状態"),
            Column("channel", "受付方法", sortable=True, fixed=True),
            Column("age", "経過日数", sortable=True, numeric=True),
            Column("amount", "支給額（円）", sortable=True, numeric=True),
        ],
        rows=rows,
        total=1_204,
        page=3,
        sort="-age",
        filters=[
            Filter("state", "状態", "", [("wait", "確認待ち"), ("defect", "不備あり")]),
            Filter("channel", "受付方法", "paper", [("paper", "郵送"), ("web", "オンライン")]),
            Filter("since", "受付日", kind="date"),
        ],
        actions=[
            Action("担当に割り当てる", "assign", key="t"),
            Action("次の一件を審査する", href="#next", key="n", main=True),
        ]
        if door == "desk"
        else (),
    )


def _works() -> list[LongWork]:
    return [
        LongWork("roll", "名簿の取り込み　令和8年11月21日受領", "running", 128_400, 182_000, 41_200, 2, url="work.html",
                 stop_url="#stop", refused=3, log_url="#log",
                 refusals=[("3行目", "生年月日が平成32年です。元の名簿を確かめてください。"),
                           ("812行目", "郵便番号が見つかりません。")]),
        LongWork("print", "申請書の印刷　第1回", "stopped", 1_150, 3_000, None, None, resume_url="#resume",
                 note="11月21日 14時05分に停止しました。"),
        LongWork("screen", "一次審査　第4回", "done", 2_140, 2_140, 5_300, result_url="#result"),
    ]  # fmt: skip


def _charts() -> dict[str, charts.Markup]:
    arrivals = [
        40,
        160,
        420,
        510,
        480,
        260,
        120,
        390,
        350,
        310,
        280,
        190,
        90,
        40,
        210,
        180,
        160,
        120,
        90,
        60,
        30,
    ]
    total, stages = 0, {"支給済": [], "決定": [], "審査中": [], "返戻": []}  # type: tuple[int, dict[str, list[int]]]
    for count in arrivals:
        total += count
        paid, returned = max(0, total - 1_900) * 2 // 3, total // 20
        decided = max(0, total - paid - 700 - returned) // 2
        for name, value in zip(
            stages, (paid, decided, total - paid - decided - returned, returned), strict=True
        ):
            stages[name].append(value)
    plan = [min(3_000, 150 * (n + 1)) for n in range(28)]
    done = [sum(arrivals[: n + 1]) * 2 // 3 for n in range(21)]
    burn_days = [DAYS[0] + timedelta(days=n) for n in range(28)]
    return {
        "stacked": charts.stacked_columns(
            charts.Stacked("stages", "審査中は11月12日を境に減っています", DAYS,
                           [charts.Series(k, v) for k, v in stages.items()])),
        "burn_up": charts.burn_up(
            charts.BurnUp("burn", "支給は計画にほぼ沿って進んでいます", burn_days, done, plan, 3_000)),
        "histogram": charts.age_histogram(
            charts.Histogram("ages", "14日を超えて待つ案件が23件あります",
                             [charts.Bin("0–2日", 410), charts.Bin("3–6日", 322), charts.Bin("7–9日", 140),
                              charts.Bin("10–13日", 61), charts.Bin("14日以上", 23, late=True)])),
        "bars": charts.horizontal_bars(
            charts.Bars("defects", "不備の半分は口座の名義です",
                        [("口座の名義が違う", 212), ("本人確認書類がない", 98), ("署名がない", 71), ("口座番号の桁", 34)],
                        head="不備")),
        "spark": charts.spark_line(arrivals, "到着は11月4日が最多、その後減っています"),
    }  # fmt: skip


def _story() -> list[Moment]:
    return [
        Moment("申請書を発送", "11月2日 10:12", "郵送、第1回印刷", who="発送担当"),
        Moment("申請を受付", "11月9日 9:40", "郵送、2枚", who="受付担当"),
        Moment("不備を検出", "11月9日 9:41", badge=Badge("D12 口座名義", "warn")),
        Moment("審査（1人目）", "11月10日 15:20", state="now", who="審査担当A"),
        Moment("審査（2人目）", state="next"),
    ]


def _status() -> list[Moment]:
    return [
        Moment("申請書をお送りしました", "11月2日（月）"),
        Moment("申請を受け付けました", "11月9日（月）"),
        Moment(
            "通帳の写真をもう一度送ってください",
            "11月12日（木）",
            "口座番号が写っていませんでした。11月26日（木）までに送ってください。",
            state="need",
            href="#photo",
            link="写真を送る",
        ),
        Moment("内容を確かめます", "写真が届いてから3日ほど", state="next"),
        Moment("お振り込みします", "12月11日（金）の予定", state="next"),
    ]


def _frame(door: str, form: forms.Form, request: HttpRequest) -> dict[str, object]:
    """What the base page of a door asks for."""
    return {
        "request": request,
        "base": f"shared/base_{door}.html",
        "piece_page": f"shared/gallery_{door}.html",
        "page_title": {"resident": "受け取る口座を教えてください", "desk": "審査", "city": "今日"}[door],
        "municipality": {
            "name": "見本市",
            "band": {"resident": "green", "desk": "green", "city": "purple"}[door],
        },
        "programme": {"name": "物価高騰対策給付金"},
        "contact": {"telephone": "0120-000-000", "hours": "平日の9時から17時まで"},
        "home_url": "#home",
        "back_url": "#back" if door == "resident" else "",
        "step": {"number": 3, "total": 6, "name": "口座"} if door == "resident" else None,
        "staff": {"name": "審査担当A", "role": "一次審査", "organisation": "見本市給付金事務局"},
        "search_url": "#search",
        "logout_url": "#logout",
        "switch_url": "#switch",
        "sample": True,
        "desks": [
            Desk("名簿", "#roll"),
            Desk("発送", "#dispatch", 120, "1日"),
            Desk("受付", "#intake", 38, "本日"),
            Desk("入力", "#entry", 212, "2日"),
            Desk("審査", "#review", 1_204, "15日", current=True, late=True),
            Desk("支給", "#payment", 860, "3日"),
            Desk("窓口", "#counter", 4, "本日"),
            Desk("進捗", "#progress"),
        ],
        "places": [
            {"name": "今日", "url": "#today", "current": True, "waiting": 4},
            {"name": "決定", "url": "#decide", "waiting": 2},
            {"name": "承認", "url": "#approve", "waiting": 1},
            {"name": "状況", "url": "#state"},
            {"name": "閲覧記録", "url": "#looks"},
        ],
        "access_log_url": "#looks",
        "undo": Undo("受付番号 4018-7730-55216 を承認しました。", "#undo") if door == "desk" else None,
        "form": form,
    }


def _pieces(door: str) -> dict[str, object]:
    """What the pieces ask for."""
    return {
        "kind_hints": {"known": "銀行名と番号の一部を次のページで確かめられます。"},
        "must_show": ["銀行名・支店名・口座番号・カナの名義が写っていること。", "四隅が枠に入っていること。"],
        "strips": [
            Strip(3_000, 2_140, 850, 10, title="受付 → 審査"),
            Strip(2_140, 1_204, 920, 10, title="審査 → 決定", href="#difference"),
        ],
        "table": _table(door),
        "works": _works(),
        "empty": Empty("画像はありません。", "オンラインの申請で、写真は不要でした。", Action("写真を求める", href="#ask")),
        "facts": [
            {"label": "受取方法", "value": "銀行などの口座", "change_url": "#kind"},
            {"label": "金融機関", "value": "見本銀行 本店", "change_url": "#bank"},
            {"label": "口座の名義", "value": "ﾐﾎﾝ ｲﾁ", "differs": "名簿：ﾐﾎﾝ ｲﾁｺ", "change_url": "#kana"},
            {"label": "支給額", "value": "30,000円", "note": "世帯に対して30,000円"},
        ],
        "story": _story(),
        "status": _status(),
        "badges": [Badge(t, k) for t, k in (("済", "ok"), ("待ち", "wait"), ("期限が近い", "warn"), ("不一致", "stop"),
                                            ("照会中", "info"), ("対象外", "none"))],
        "figures": [
            {"label": "支給済", "value": 1_204, "note": "40.1%", "href": "#paid"},
            {"label": "決定", "value": 860},
            {"label": "審査中", "value": 412},
            {"label": "返戻中", "value": 96},
            {"label": "未到着", "value": 428},
        ],
        "charts": _charts(),
        "needs": [
            Need(2, "支給の決定", "1,204件、36,120,000円。前回より312件多い決定です。", "#decide", "決定へ進む"),
            Need(1, "振込データの承認", "事務局の確認は11月20日に済んでいます。期限は明日17時です。", "#approve",
                 "承認へ進む", late=True),
            Need(5, "疑義照会への回答", "最も古いものは3日前に届きました。", "#questions", "回答する"),
        ],
        "digest": Digest(
            "9f2c41d07be85a3360cf18e2a4b97d5513e60c8f72ab94d1e83f5a6c07d2b94e",
            [("件数", "1,204件"), ("合計額", "36,120,000円"), ("前回の決定との差", "＋312件"), ("不支給", "0件")],
        ),
        "receipt": {
            "number": "4018773055216",
            "received": "令和8年11月9日（月） 9時40分",
            "next": ["3日ほどで内容を確かめます。", "12月11日（金）にお振り込みします。"],
        },
    }  # fmt: skip


def context(door: str, form: forms.Form, request: HttpRequest) -> dict[str, object]:
    """Everything that gallery.html asks for at one door."""
    return {**_frame(door, form, request), **_pieces(door)}


def render(door: str, *, with_errors: bool = True) -> str:
    """The gallery of one door as HTML."""
    request = RequestFactory().get("/gallery", {"channel": "paper", "sort": "-age", "page": "3"})
    data = {"kind": "bank", "kana": "", "number": "123456", "sure": "on"}
    form = SampleForm(data) if with_errors and door == "resident" else SampleForm(initial={"kind": "bank"})
    if form.is_bound:
        form.is_valid()
        form.errors.pop("photo", None)
    return render_to_string("shared/gallery.html", context(door, form, request), request)


def render_finished_work() -> str:
    """What the view behind the living card of the desk's gallery answers: the same card, done."""
    work = LongWork("roll", "名簿の取り込み　令和8年11月21日受領", "done", 182_000, 182_000, 41_200)
    return render_to_string("shared/progress_card.html", {"work": work})
