"""Pure. What a Version's facts and figures are called by its readers (事実の名称).

The criteria sheet and the difference between two Versions tell them by these words.
"""

from todoku.formats.wareki import format_wareki
from todoku.programme.amounts import Member

# Of an application (申請の事実).
APPLICATION_FACTS = {
    "channel": "申請の方法",
    "arrived_on": "届いた日",
    "postmark_on": "消印の日",
    "applied_on": "申請日",
    "applicant_is_recipient": "申請者は受給者本人",
    "by_proxy": "代理人の欄あり",
    "has_proxy_evidence": "関係の書類あり",
    "signed": "署名あり",
    "phone": "電話番号",
    "rail": "受取方法",
    "rail_marked": "受取方法の印",
    "account": "口座",
    "copy_account": "写しの口座",
    "yucho_symbol": "ゆうちょの記号",
    "yucho_number": "ゆうちょの番号",
    "holder_kana": "口座名義",
    "recipient_kana": "名簿のカナ",
    "recipient_aliases": "旧氏・通称など",
    "household_kanas": "ほかの世帯員",
    "guarded_kanas": "成年後見人等が管理する口座の名義",
    "account_households": "同じ口座のほかの世帯",
    "account_approved": "代理受領口座の承認",
    "account_of_others": "ほかの施設・後見人等の代理受領口座",
    "has_identity": "本人確認書類あり",
    "identity_expired": "有効期限切れ",
    "identity_clear": "本人確認書類が読める",
    "identity_side_missing": "本人確認書類の必要な面がない",
    "papers": "本人確認書類の種類と日",
    "identity_differs": "名簿と違う項目",
    "keyless": "申請書の番号・確認キーなし",
    "has_account_proof": "口座確認書類あり",
    "proof_quality": "口座の写しの状態",
    "earlier_valid": "先に有効な申請あり",
    "earlier_same_account": "先の申請と同じ口座",
    "same_person_cases": "同じ氏名・生年月日の案件",
    "same_person_decided": "そのうち決定・支給済みの案件",
    "recipient_left_reason": "基準日後の異動",
    "declines": "辞退の欄の印",
    "declined_on": "先に辞退を確認した日",
    "declines_all": "全額の辞退",
    "members_corrected": "対象者欄の訂正",
}
# Of a recipient (対象者の事実).
RECIPIENT_FACTS = {
    "resident_members": "基準日に記録のある人",
    "members_taxed": "均等割が課税されている人",
    "members_tax_unknown": "課税の分からない人",
    "members_dependent_of_taxed": "課税者に扶養されている人",
    "members_levy_only": "均等割だけ課税の人",
    "total_income": "合計所得（円）",
    "income_tax": "所得税（円）",
    "income_levy": "住民税所得割（円）",
    "paid_elsewhere": "ほかの自治体で受給",
    "earlier_programme": "前の給付金の対象",
    "earlier_programme_paid": "前の給付金を受給",
    "account_known": "口座が分かっている",
    "account_from": "口座の出どころ",
    "head_left": "世帯主が死亡・転出",
    "resident_on": "記録のある基準日",
    "sudden_income_drop": "家計が急変",
    "public_assistance": "生活保護を受けている",
    "child_allowance": "児童手当",
    "single_parent_allowance": "児童扶養手当",
    "public_pension": "公的年金",
    "disabled_child": "障害のある児童",
    "birth_date": "生年月日",
    "family_employee": "事業専従者",
    "in_facility": "施設に入所",
    "guardian_known": "保護者が分かっている",
    "late_entry": "後から加わった事情",
    "persons": "本人と扶養親族などの人数",
    "paid_before_yen": "先に支給した額（円）",
    "abroad_on_new_year": "1月1日に国外",
}
# Of an amount rule (支給額の定め).
PARAMETERS = {
    "yen": "額", "yen_per_person": "1人あたり", "base_yen": "世帯の額", "child_yen": "子ども1人あたり",
    "yen_abroad": "国外にいた方の額", "child_born_on_or_after": "子どもの生年月日（この日以後）",
    "newborn_until": "新生児（この日まで）", "tax_cut_yen": "所得税の減税額", "levy_cut_yen": "住民税の減税額",
    "rounding_unit_yen": "端数の単位", "rounding": "端数の扱い",
}  # fmt: skip


def member_in_words(member: Member) -> str:
    """A member of an example household: born when, and what sets this one apart."""
    born = f"{format_wareki(member.birth_date)}生まれ" if member.birth_date else "生年月日不詳"
    registered = "" if member.on_base_date else "、基準日に記録なし"
    return f"世帯員：{born}{registered}{'、辞退' if member.declines else ''}"
