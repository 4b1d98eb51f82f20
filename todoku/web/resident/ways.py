"""The ways of receiving (受取方法) in a resident's words: what each is before it is chosen, and what comes after sending.

Takes the programme's terms; says nothing that they do not offer.
"""

from django.utils.translation import gettext

from todoku.web.resident.opened import Opened


def way_hints(here: Opened) -> dict[str, str]:
    """One sentence under each choice."""
    payment = here.entrance.terms.payment
    hints = {
        "bank": gettext("ご本人の名義の口座を、次のページで入力します。"),
        "gift": gettext(
            "口座は要りません。お店で使えるデジタルギフトの2次元コードを、手紙でお送りします。メールやSMSでリンクをお送りすることはありません。"
        ),
        "registered_mail": gettext("口座は要りません。住民票の住所に、現金書留でお送りします。"),
    }
    if payment.gift and payment.gift.delivery != ("letter",):
        hints["gift"] = gettext(
            "口座は要りません。お店で使えるデジタルギフトを、手紙か、この給付金で定めた方法でお送りします。"
        )
    if payment.cash:
        hints["cash"] = gettext("口座は要りません。場所: %(place)s（%(hours)s）") % {
            "place": payment.cash.place,
            "hours": payment.cash.hours,
        }
    return hints


def arrives(way: str) -> str:
    """What comes after the review, for a way other than a transfer."""
    return {
        "gift": gettext("不備がなければ、デジタルギフトの2次元コードを手紙でお送りします。"),
        "cash": gettext("不備がなければ、現金をお渡しする日と場所を手紙でお知らせします。"),
        "registered_mail": gettext("不備がなければ、現金書留でお送りします。"),
    }[way]
