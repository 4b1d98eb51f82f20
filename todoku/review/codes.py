"""Pure. The master of deficiencies (不備): what each code means, what the resident is told, and what
usually follows.

Codes are agreed with the municipality before the first envelope. A reviewer may set any of them by hand;
`checks.py` finds most of them by itself. Sentences go into letters and onto the web form as they stand,
through the catalogue; what is said once the cause is known stands in `code_sentences.py`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from todoku.programme.message import N_

# What the office usually does about it.
HANDLINGS = {"return": "手紙で返戻", "phone": "電話で確認", "refer": "自治体へ照会", "fix": "審査で補正"}

# What the resident is asked to send along.
ENCLOSURES = {
    "form": N_("申請書"),
    "identity": N_("本人確認書類の写し"),
    "account_proof": N_("通帳またはキャッシュカードの写し"),
    "proxy_evidence": N_("代理人の本人確認書類の写しと、関係が分かる書類の写し"),
    "address_proof": N_("住所や氏名の変更が分かる書類の写し"),
}


class Code(NamedTuple):
    """One kind of deficiency (不備コード).

    `sentence` is whole and says the remedy. `on_form`: what the web form does before sending: "stop",
    "warn" or "silent". `clock_stops`: the days until payment are not counted while the resident's answer is awaited.
    """

    code: str
    name: str
    sentence: str
    handling: str
    enclose: tuple[str, ...]
    clock_stops: bool
    on_form: str


CODES: dict[str, Code] = {
    code.code: code
    for code in (
        Code(
            "D01",
            "申請書なし・別事業の書類",
            N_(
                "申請書が入っていないか、ほかの手続きの書類でした。同封の用紙にご記入のうえ、お送りください。"
            ),
            "return",
            ("form",),
            True,
            "silent",
        ),
        Code(
            "D02",
            "署名・氏名の漏れ",
            N_("申請書にご署名がありません。同封の「署名の用紙」に、ご本人の氏名をお書きください。"),
            "return",
            ("form",),
            True,
            "silent",
        ),
        Code(
            "D03",
            "押印の漏れ",
            N_(
                "申請書に押印がありません。押印に代えて、同封の「署名の用紙」に、ご本人の氏名をお書きください。"
            ),
            "return",
            ("form",),
            True,
            "silent",
        ),
        Code(
            "D04",
            "申請日・電話番号の漏れ",
            N_("申請日と、日中に連絡のつく電話番号をお書きください。"),
            "phone",
            (),
            True,
            "stop",
        ),
        Code(
            "D05",
            "申請者が受給者でない",
            N_(
                "この給付金は、印刷されたお名前の方が申請してください。ほかの方が申請するときは、同封の「代理手続申立書」にお書きください。"
            ),
            "return",
            ("form",),
            True,
            "stop",
        ),
        Code(
            "D06",
            "代理の関係書類なし",
            N_(
                "代理で申請されるときは、代理人の本人確認書類と、ご本人との関係が分かる書類の写しをお送りください。"
            ),
            "return",
            ("proxy_evidence",),
            True,
            "stop",
        ),
        Code(
            "D07",
            "受取方法の漏れ・重複",
            N_(
                "受取方法が一つに決まっていません。ご希望の方法を一つだけお知らせください。口座振込のときは、口座もお書きください。"
            ),
            "phone",
            ("form",),
            True,
            "silent",
        ),
        Code(
            "D10",
            "口座欄の漏れ・判読不能",
            N_(
                "振込先の口座を確認できません。金融機関・支店・種類・口座番号・口座名義（カナ）をすべてお書きください。"
            ),
            "return",
            ("form", "account_proof"),
            True,
            "stop",
        ),
        Code(
            "D11",
            "金融機関・支店が存在しない",
            N_(
                "お書きになった金融機関か支店が見つかりません。統廃合で変わっていないか、通帳や金融機関でお確かめください。"
            ),
            "fix",
            ("account_proof",),
            False,
            "stop",
        ),
        Code(
            "D12",
            "口座名義の不一致",
            N_("口座の名義が、受給者のお名前と確認できません。受給者ご本人の名義の口座をお書きください。"),
            "refer",
            ("form", "account_proof"),
            False,
            "warn",
        ),
        Code(
            "D13",
            "記入した口座と写しの口座が違う",
            N_(
                "お書きになった口座と、写しの口座が違います。振り込む口座を一つに決め、その口座の写しをお送りください。"
            ),
            "return",
            ("form", "account_proof"),
            True,
            "stop",
        ),
        Code(
            "D14",
            "ゆうちょの記号・番号の誤り",
            N_(
                "ゆうちょ銀行の記号・番号に誤りがあるようです。通帳の1ページ目をご覧になり、そのとおりにお書きください。"
            ),
            "fix",
            ("account_proof",),
            False,
            "warn",
        ),
        Code(
            "D15",
            "ほかの世帯と同じ口座",
            N_(
                "お書きになった口座を確認しています。受給者ご本人の名義の口座かどうか、通帳でもう一度お確かめください。"
            ),
            "refer",
            ("form", "account_proof"),
            False,
            "silent",
        ),
        Code(
            "D20",
            "本人確認書類なし",
            N_(
                "本人確認書類の写しがありません。運転免許証やマイナンバーカードの表面など、1点の写しをお送りください。"
            ),
            "return",
            ("identity",),
            True,
            "stop",
        ),
        Code(
            "D21",
            "本人確認書類の期限切れ",
            N_(
                "本人確認書類の有効期限が過ぎているか、発行から日がたっています。有効な本人確認書類の写しをお送りください。"
            ),
            "return",
            ("identity",),
            True,
            "stop",
        ),
        Code(
            "D22",
            "氏名・住所・生年月日の相違",
            N_(
                "本人確認書類の氏名・住所・生年月日が申請の内容と違います。変更が分かる書類の写しをお送りください。"
            ),
            "return",
            ("identity", "address_proof"),
            True,
            "warn",
        ),
        Code(
            "D23",
            "写しが不鮮明・見切れ",
            N_(
                "写しがはっきり読めないか、端が切れています。書類の全体が読めるように写して、もう一度お送りください。"
            ),
            "return",
            ("identity", "account_proof"),
            True,
            "warn",
        ),
        Code(
            "D24",
            "番号のマスキングが必要",
            N_(
                "写しにマイナンバーなどの番号が写っています。こちらで塗りつぶしますので、お手続きは必要ありません。"
            ),
            "fix",
            (),
            False,
            "silent",
        ),
        Code(
            "D25",
            "申請書（番号・確認キー）なしの申請",
            N_(
                "申請書の番号と確認キーのない申請のため、本人確認書類でご本人を確かめています。お手続きは必要ありません。"
            ),
            "fix",
            (),
            False,
            "silent",
        ),
        Code(
            "D26",
            "本人確認書類に数えない書類",
            N_(
                "お送りいただいた書類は、本人確認書類として使えません。運転免許証やマイナンバーカードの表面など、ほかの書類の写しをお送りください。"
            ),
            "return",
            ("identity",),
            True,
            "stop",
        ),
        Code(
            "D27",
            "本人確認書類が1点だけ",
            N_(
                "お送りいただいた種類の本人確認書類は、2点が必要です。種類の違う書類の写しを、2点ともお送りください。"
            ),
            "return",
            ("identity",),
            True,
            "stop",
        ),
        Code(
            "D30",
            "口座確認書類なし",
            N_(
                "振込先の口座が分かる書類の写しがありません。通帳またはキャッシュカードの写しをお送りください。"
            ),
            "return",
            ("account_proof",),
            True,
            "stop",
        ),
        Code(
            "D31",
            "口座確認書類の必要な面なし",
            N_(
                "写しに口座名義（カナ）や支店が写っていません。通帳の表紙をめくった最初のページの写しをお送りください。"
            ),
            "return",
            ("account_proof",),
            True,
            "warn",
        ),
        Code(
            "D40",
            "二重申請",
            N_(
                "すでに申請を受け付けています。先に届いた申請で手続きを進めますので、あらためての申請は必要ありません。"
            ),
            "fix",
            (),
            False,
            "warn",
        ),
        Code(
            "D41",
            "他の自治体で受給・対象外",
            N_(
                "ほかの自治体で同じ給付金を受けていないかを確認しています。受けていないときは、その旨をお知らせください。"
            ),
            "refer",
            (),
            False,
            "silent",
        ),
        Code(
            "D42",
            "期限後の申請",
            N_(
                "申請の期限を過ぎてから提出されています。やむを得ない事情があるときは、コールセンターへお電話ください。"
            ),
            "refer",
            (),
            False,
            "warn",
        ),
        Code(
            "D43",
            "基準日後の死亡・転出・世帯変更",
            N_(
                "基準日の後に届け出られた変更を確認しています。必要なお手続きがあるときは、あらためてご連絡します。"
            ),
            "refer",
            (),
            False,
            "silent",
        ),
        Code(
            "D44",
            "ほかの案件の方と同じ氏名・生年月日",
            N_(
                "お名前と生年月日が同じ方の申請がほかにもあるため、同じ方の申請でないかを確認しています。お手続きは必要ありません。"
            ),
            "refer",
            (),
            False,
            "silent",
        ),
        Code(
            "D50",
            "辞退届",
            N_(
                "受給を希望されないとの印があります。お間違いがないか、お電話または手紙で確認させてください。"
            ),
            "phone",
            (),
            True,
            "warn",
        ),
        Code(
            "D51",
            "対象者欄の訂正",
            N_(
                "印刷された対象者の欄に訂正があります。届出の内容と照らし合わせますので、しばらくお待ちください。"
            ),
            "fix",
            (),
            False,
            "silent",
        ),
    )
}


def code_words(codes: Iterable[str]) -> str:
    """Codes with their names in one line, as a page lists them."""
    return "、".join(f"{code} {CODES[code].name}" if code in CODES else code for code in codes)
