"""Pure. Why somebody is not due: each reason with its name for desks, its sentence for the letter, and whether it is open.

Open means that more evidence could change it (a tax return, a birth date); what is not open, nothing the recipient sends
can change. Judged in eligibility.py.
"""

from typing import NamedTuple

from todoku.programme.message import N_


class Reason(NamedTuple):
    """Why not: the name for desks, the sentence for the letter, and whether more evidence could change it."""

    label: str
    sentence: str
    is_open: bool


REASONS: dict[str, Reason] = {
    "not_resident": Reason(
        "基準日に住民でない", N_("基準日に、この自治体の住民基本台帳に記録されていませんでした。"), False
    ),
    # Tax, of a household.
    "taxed": Reason(
        "課税者がいる", N_("世帯の中に、住民税均等割が課税されている方がいらっしゃいます。"), False
    ),
    "income_levied": Reason(
        "所得割の課税者がいる", N_("世帯の中に、住民税所得割が課税されている方がいらっしゃいます。"), False
    ),
    "all_untaxed": Reason("全員が非課税", N_("世帯の全員が、住民税均等割を課税されていません。"), False),
    "tax_unknown": Reason(
        "課税状況が不明",
        N_("世帯の中に、住民税の課税状況を確認できない方がいらっしゃいます。税の申告などをお願いします。"),
        True,
    ),
    "only_dependants": Reason(
        "被扶養者だけの世帯",
        N_("住民税が課税されている方の扶養親族などだけで構成される世帯は、対象になりません。"),
        False,
    ),
    "no_income_drop": Reason(
        "家計急変に当たらない", N_("収入が急に減った世帯として認められる条件に当たりませんでした。"), False
    ),
    # Tax, of one person.
    "self_taxed": Reason("本人が課税されている", N_("ご本人に、住民税均等割が課税されています。"), False),
    "self_tax_unknown": Reason(
        "本人の課税状況が不明",
        N_("ご本人の住民税の課税状況を確認できません。税の申告などをお願いします。"),
        True,
    ),
    "dependent_of_taxed": Reason(
        "課税者の被扶養者",
        N_("住民税が課税されている方の扶養親族などに当たる方は、対象になりません。"),
        False,
    ),
    "income_over_limit": Reason(
        "所得の上限を超える", N_("合計所得金額が、対象となる上限を超えています。"), False
    ),
    "no_tax": Reason(
        "減税の対象となる税がない", N_("所得税と住民税所得割がどちらも0円のため、対象になりません。"), False
    ),
    "has_tax": Reason(
        "減税の対象となる税がある",
        N_("所得税か住民税所得割が課税されているため、この区分の対象になりません。"),
        False,
    ),
    "could_be_dependant": Reason(
        "扶養親族として減税の対象になり得る",
        N_("税の制度上、扶養親族などとして定額減税の対象になり得るため、この区分の対象になりません。"),
        False,
    ),
    # Children.
    "no_child_allowance": Reason(
        "児童手当の対象でない", N_("対象の月の児童手当の支給を、確認できませんでした。"), True
    ),
    "allowance_reduced": Reason(
        "特例給付の対象", N_("児童手当の特例給付を受けている方は、対象になりません。"), False
    ),
    "no_single_parent_allowance": Reason(
        "児童扶養手当の対象でない", N_("対象の月の児童扶養手当を受けていらっしゃいません。"), False
    ),
    "no_public_pension": Reason(
        "公的年金等の受給者でない",
        N_("公的年金などを受けていることにより児童扶養手当を受けていない方に当たりません。"),
        False,
    ),
    "born_outside": Reason("対象の年齢でない", N_("生年月日が、対象となる期間の中にありません。"), False),
    "birth_unknown": Reason(
        "生年月日が不明", N_("生年月日を確認できません。確認できる書類をお送りください。"), True
    ),
    # Other programmes.
    "not_paid_before": Reason(
        "前の給付金を受けていない", N_("前回の給付金を受けた方に当たりません。"), False
    ),
    "paid_elsewhere": Reason(
        "他の自治体で受給", N_("同じ趣旨の給付金を、他の自治体から受けていらっしゃいます。"), False
    ),
    "earlier_programme": Reason(
        "前の給付金の対象", N_("前回の給付金の対象となった世帯は、今回は対象になりません。"), False
    ),
    "paid_before": Reason(
        "前の給付金を受給", N_("前回の給付金をすでに受けていらっしゃるため、今回は対象になりません。"), False
    ),
    "public_assistance": Reason(
        "生活保護を受給", N_("基準日に生活保護を受けている方は、対象になりません。"), False
    ),
}
