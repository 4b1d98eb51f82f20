"""Pure. Every word a Version may use where it must choose among words, each with its name in Japanese.

The reader of terms refuses any other word; pages and the reference of the Version format print these names.
"""

LEGAL_BASES = {"gift": "贈与", "disposition": "行政処分"}
UNITS = {"household": "世帯", "person": "個人", "taxpayer": "納税義務者", "child": "児童"}
PAYEES = {
    "head": "世帯主",
    "self": "本人",
    "guardian": "保護者",
    "taxpayer": "納税義務者",
    "facility": "施設の設置者・里親等",
}
# The child allowance of the month that counts: paid here, paid at the reduced rate, or paid by a public employer.
CHILD_ALLOWANCES = {
    "regular": "児童手当",
    "reduced": "児童手当の特例給付",
    "employer": "公務員の児童手当（所属庁から支給）",
}
# Where the payee's account is known from (口座の情報源); a Version's cohort lists them in the order in which they are used.
ACCOUNT_SOURCES = {
    "earlier_payment": "前の給付金の振込口座",
    "public_account": "公金受取口座",
    "child_allowance": "児童手当の受給口座",
    "single_parent_allowance": "児童扶養手当の受給口座",
    "public_assistance": "生活保護費の受給口座",
    "applicant": "申請者が届け出る口座",
}
# Who comes in after the list was drawn (遅れて対象になる方), and what shows it.
LATE_KINDS = {
    "newborn": "新生児",
    "moved_in": "転入した方",
    "dv": "配偶者からの暴力等により避難している方",
    "corrected_tax": "税の申告・修正をした方",
    "living_apart": "別居の児童",
    "registered_late": "住民登録が遅れた方",
}
LATE_EVIDENCE = {
    "birth_record": "出生の届出（住民票の記録）",
    "move_record": "転入の記録（住民票）",
    "protection_proof": "申出書と、確認書・証明書・保護命令決定書の写しのどれか",
    "tax_certificate": "課税（非課税）証明書の写し",
    "income_estimate": "収入（所得）見込額の申立書と、収入の分かる書類の写し",
    "custody_proof": "監護の状況を示す書類（別居監護申立書など）",
    "employer_certificate": "所属庁による児童手当受給の証明",
    "paid_elsewhere_answer": "他の自治体への照会の回答",
}

# How a cohort is invited: a notice that pays unless refused, a pre-filled confirmation, or an application.
MODES = {"push": "支給のお知らせ", "confirm": "確認書", "apply": "申請書"}

CHANNELS = {"paper": "郵送", "web": "ウェブ"}
DEADLINES = {"postmark": "消印", "arrival": "到着"}
# What counts against the deadline where the postmark should and none can be read.
NO_POSTMARK = {"look": "人が確認", "arrival": "到着した日", "day_before_arrival": "到着した日の前日"}
COUNTS = {"first_valid": "先に届いた有効な申請"}
# Where copies of papers are glued: on the form's own front, or on a sheet that follows it (貼付台紙).
ATTACHMENTS = {"front": "申請書の表面", "sheet": "別の貼付台紙"}
EVIDENCE = {"identity": "本人確認書類", "account_proof": "口座確認書類", "signature": "署名"}

# Persons who must look at an application in which nothing is found.
PASSES = {"two_persons": 2, "one_person": 1, "straight": 0}
PASS_NAMES = {"two_persons": "二人で審査", "one_person": "一人で審査", "straight": "人の審査を要しない"}
SEVERITIES = {"return": "返戻", "look": "人が確認", "note": "記録のみ", "off": "確認しない"}

# The codes of `review/codes.py`; a test holds both lists to each other, since this room cannot look
# downstream.
CHECK_CODES = frozenset(
    (
        "D01 D02 D03 D04 D05 D06 D07 D10 D11 D12 D13 D14 D15 D20 D21 D22 D23 D24 D25 D26 D27 D30 D31"
        " D40 D41 D42 D43 D44 D50 D51"
    ).split()
)

LETTERS = {
    "notice": "支給のお知らせ",
    "confirmation": "確認書",
    "application": "申請書",
    "acknowledgement": "受付のお知らせ",
    "deficiency": "不備のお知らせ",
    "decision": "支給決定通知書",
    "refusal": "不支給決定通知書",
    "transfer_failed": "振込不能のお知らせ",
    "reminder": "再勧奨はがき",
    "return_reminder": "不備のお知らせの再度のお願い",
    "decline_form": "辞退届（受給拒否の届出書）",
    "account_form": "支給口座登録等の届出書",
    "proxy_form": "代理手続申立書",
    "gift": "デジタルギフトのお届け",
}
LETTER_OF_MODE = {"push": "notice", "confirm": "confirmation", "apply": "application"}
# A programme cannot be run without telling people these three things.
LETTERS_NEEDED = ("deficiency", "refusal", "transfer_failed")

# How the money can be wanted (支給手段), and the ways in which a gift code may reach its payee.
RAILS = {
    "bank": "口座振込",
    "gift": "デジタルギフト",
    "cash": "窓口で現金",
    "registered_mail": "現金書留",
}
GIFT_DELIVERIES = {"letter": "手紙の2次元コード", "sms": "SMS", "line": "LINE"}

# What becomes of an application that was returned and never answered: it ends by the rule agreed here, or the
# municipality is asked case by case.
CLOSINGS = {"ask_municipality": "自治体の指示を待つ", "lapse": "期限切れとする"}

DECLINE_UNTIL = {"paid": "支給の前まで（再振込の期限まで）", "deadline": "申請期限まで"}
DECLINE_UNITS = {"person": "一人ずつ", "recipient": "世帯または本人の全額"}

# Sentences that pages and letters quote. Those in WORDING_NEEDED must be there.
WORDING = {
    "purpose": "事業の趣旨",
    "who": "対象となる方",
    "amount": "支給額の説明",
    "how_to_apply": "申請の方法",
    "documents": "必要な書類",
    "deemed_declined": "期限までに申請がないときの扱い",
    "caution": "詐欺への注意",
    "privacy": "個人情報の扱い",
    "change_account": "口座を変えるとき",
    "repayment": "支給後に対象外とわかったときの返還",
    "protection": "差押え等の禁止と課税の扱い",
    "appeal": "不服申立ての教示",
}
WORDING_NEEDED = ("purpose", "who", "amount", "how_to_apply", "documents", "deemed_declined", "caution")

# What a sentence may quote between braces; everything else in the sentence is printed as written.
QUOTABLE = {
    "municipality": "自治体の名称",
    "programme": "給付金の名称",
    "short_name": "給付金の略称",
    "base_date": "基準日",
    "opens": "受付開始日",
    "deadline": "申請期限",
    "opt_out": "お知らせの申出期限",
    "passbook_name": "通帳に印字される名義",
    "contact": "問い合わせ先の名称",
    "phone": "電話番号",
    "hours": "受付時間",
    "url": "案内ページ",
    "repay_deadline": "再振込の期限",
}

CHANGE_EVENTS = {
    "died": "死亡",
    "moved_out": "転出",
    "household_changed": "世帯の変更",
    "custody_changed": "養育する方の変更",
}
# Who it happened to. The recipient of a unit person or taxpayer is a sole member.
CHANGE_WHO = {
    "sole_member": "単身世帯の世帯主、または本人",
    "head": "ほかに世帯員がいる世帯主",
    "member": "世帯主以外の世帯員",
    "guardian": "児童を養育する方",
    "child": "児童",
}
# Of a push there is no application: what happens before its opt-out date counts as before the application.
CHANGE_PHASES = {
    "before_application": "申請（お知らせは申出期限）より前",
    "after_application": "申請の後、決定より前",
    "after_opt_out": "お知らせの申出期限の後、決定より前",
    "after_decision": "支給決定の後",
}
CHANGE_OUTCOMES = {
    "pay": "そのまま支給",
    "lapse": "支給しない",
    "new_head": "新しい世帯主が申請",
    "new_guardian": "新たに養育する方が申請",
    "estate": "相続人に支給",
    "ask": "自治体に照会",
}
