"""A Version that offers every rail: a shipped one with the lines that a municipality would add."""

RAILS = """
rails = ["bank", "gift", "cash", "registered_mail"]
"""
TABLES = """
[payment.gift]
issuer = "見本ギフト株式会社"
values_yen = [5000, 10000, 50000]

[payment.cash]
place = "市役所 本庁舎 1階 給付金窓口"
hours = "平日 9時から16時まで"

[letters.gift]
title = "{short_name} デジタルギフトのお届け"
lead = "{short_name}をデジタルギフトでお届けします。スマートフォンで次のページの2次元コードを読み取ると、お使いいただけます。"
"""


def offering(text: str) -> str:
    """The text of a Version with gift, cash and registered mail beside the bank."""
    assert "[payment]\n" in text
    return text.replace("[payment]\n", "[payment]\n" + RAILS, 1).replace(
        "\n[contact]", f"\n{TABLES}\n[contact]", 1
    )
