"""Pure. What the facts of an application are called on the criteria sheet (申請の事実の名称)."""

FACT_WORDS = {
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
    "declines_all": "全額の辞退",
    "members_corrected": "対象者欄の訂正",
}
VALUE_WORDS = {
    "died": "死亡",
    "moved_out": "転出",
    "household_changed": "世帯の変更",
    "several": "二つ以上",
    "none": "なし",
    "one": "一つ",
    "missing_side": "必要な面が写っていない",
    "unclear": "不鮮明",
    "cut_off": "見切れ",
    "clear": "鮮明",
    "name": "氏名",
    "address": "住所",
    "birth_date": "生年月日",
    "opens": "受付開始日",
    "closes": "期限の日",
}


def in_words(key: str, value: str) -> str:
    """One fact as a reader sees it."""
    return f"{FACT_WORDS.get(key, key)}：{day_in_words(value)}"


def day_in_words(value: str) -> str:
    """closes+3 as 期限の日の3日後; any other value by its word, where it has one."""
    if value.startswith(("closes+", "closes-", "opens+", "opens-")):
        day, sign, days = value.partition("+") if "+" in value else value.partition("-")
        return f"{VALUE_WORDS[day]}の{days}日{'後' if sign == '+' else '前'}"
    return VALUE_WORDS.get(value, value)
