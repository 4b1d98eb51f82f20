"""Pure. What the resident is told of a deficiency (不備) once its cause is known, and why a benefit is refused (不支給).

A code of codes.py and the evidence of its finding in, one whole sentence out. Sentences go into letters and onto pages as they
stand, through the catalogue.
"""

from collections.abc import Mapping

from todoku.programme.message import N_, Message
from todoku.review.codes import CODES

# What a code says more exactly when the check knows why; `why` stands in the finding's evidence.
_EXACTLY: dict[tuple[str, str], str] = {
    ("D50", "after_decline"): N_(
        "辞退を確認した後に、申請が届きました。給付金を受け取られるかどうかを、お電話または手紙で確認させてください。"
    ),
    ("D04", "applied_on"): N_("申請日をお書きください。"),
    ("D04", "phone"): N_("日中に連絡のつく電話番号をお書きください。"),
    ("D10", "missing"): N_(
        "振込先の口座が書かれていません。金融機関・支店・種類・口座番号をお書きください。"
    ),
    ("D10", "bank"): N_("金融機関コードは4桁の数字です。金融機関を選び直してください。"),
    ("D10", "branch"): N_("支店コードは3桁の数字です。支店を選び直してください。"),
    ("D10", "kind"): N_("口座の種類は、普通・当座・貯蓄から選んでください。"),
    ("D10", "number"): N_(
        "口座番号は7桁です。7桁に満たないときは、頭に0を付けてください。ゆうちょ銀行は記号と番号を入れてください。"
    ),
    ("D10", "holder_missing"): N_("口座名義（カナ）を、通帳やカードに書かれたとおりにお書きください。"),
    ("D10", "holder_kana"): N_(
        "口座名義の%(position)s文字目「%(character)s」は、銀行が扱えない文字です。通帳やカードのカナ名義をお書きください。"
    ),
    ("D11", "bank"): N_(
        "この金融機関は見つかりません。統廃合で変わっていないか、金融機関でお確かめください。"
    ),
    ("D11", "branch"): N_(
        "この支店は見つかりません。統廃合で変わっていないか、通帳や金融機関でお確かめください。"
    ),
    ("D11", "branch_closed"): N_(
        "「%(name)s」は統廃合でなくなっています。通帳や金融機関で、いまの支店と口座番号をお確かめください。"
    ),
    ("D11", "bank_merged"): N_(
        "「%(name)s」は統廃合で「%(to)s」に変わりました。通帳や金融機関で、いまの支店と口座番号をお確かめください。"
    ),
    ("D11", "branch_moved"): N_(
        "「%(name)s」は統廃合で「%(to)s」に変わりました。口座番号が変わっていないか、通帳や金融機関でお確かめください。"
    ),
    ("D14", "format"): N_(
        "ゆうちょ銀行の記号（0か1で始まり0で終わる5桁）と番号（8桁まで）を、通帳の1ページ目のとおりにお書きください。"
    ),
    ("D14", "check_digit"): N_(
        "ゆうちょ銀行の記号と番号の組み合わせを、通帳の1ページ目でもう一度お確かめください。"
    ),
    ("D21", "expired"): N_(
        "本人確認書類の有効期限（%(day)s）が過ぎています。有効期限内の本人確認書類を選び直してください。"
    ),
    ("D21", "too_old"): N_(
        "本人確認書類の発行の日（%(day)s）から日がたっています。新しく発行された書類を選び直してください。"
    ),
    ("D23", "identity_side"): N_(
        "本人確認書類の必要な面が写っていません。氏名・住所・有効期限のある面を写して、もう一度お送りください。"
    ),
    ("D26", "ended"): N_(
        "この種類の書類は、%(day)sまでしか本人確認書類として使えません。ほかの本人確認書類を選び直してください。"
    ),
    ("D23", "identity"): N_(
        "本人確認書類がはっきり読めません。書類の全体が読めるように写して、もう一度お送りください。"
    ),
    ("D23", "account_proof"): N_(
        "通帳やカードの写しがはっきり読めません。全体が読めるように写して、もう一度お送りください。"
    ),
    ("D40", "other_account"): N_(
        "すでに別の口座で申請を受け付けています。どちらの口座に振り込むか、確認させてください。"
    ),
}

# Why a benefit is refused (不支給の理由), as the decision letter and the status page say it: whole, and past asking for more.
REFUSALS: dict[str, str] = {
    "D05": N_(
        "申請された方が、この給付金を受け取る方（世帯主）やその代理人であることを確認できませんでした。"
    ),
    "D41": N_("ほかの自治体で同じ給付金を受けているか、支給の対象に当たらないことを確認しました。"),
    "D42": N_("申請の期限までに申請がありませんでした。"),
    "D43": N_("基準日の後の死亡・転出・世帯の変更により、支給の対象に当たらないことを確認しました。"),
}


def explain(code: str, evidence: Mapping[str, object]) -> Message:
    """What the resident is told about a finding: the exact sentence where the check knows why, else the
    code's own."""
    exactly = _EXACTLY.get((code, str(evidence.get("why", ""))))
    return Message(exactly, evidence) if exactly else Message(CODES[code].sentence)
