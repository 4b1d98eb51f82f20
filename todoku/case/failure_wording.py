"""Pure. Why a transfer did not arrive (振込不能の理由) and what usually cures it, in a resident's words.

Takes the reason on record, gives sentences for the catalogue (`Message`). The status page and the letter both say these:
nobody reads one thing on paper and another on the screen.
"""

from todoku.formats import bank_report as why
from todoku.programme.message import N_, Message

RECALLED = (
    "RECALLED"  # sent back because we asked: no bank's word, so not among the reasons that a file names
)

REASONS: dict[str, str] = {
    why.NO_ACCOUNT: N_("お届けの支店と口座番号に当たる口座がありませんでした。"),
    why.NAME_MISMATCH: N_("お届けの口座名義が、金融機関に登録された名義と違っていました。"),
    why.CLOSED: N_("お届けの口座は、解約されていました。"),
    why.BLOCKED: N_("お届けの口座は、入金を受け付けていませんでした。"),
    why.BRANCH_ABOLISHED: N_("お届けの支店は、統廃合でなくなっていました。"),
    why.TYPE_MISMATCH: N_("お届けの預金の種類（普通・当座など）が、口座と違っていました。"),
    RECALLED: N_("お振込みの後に取りやめの手続きをしたため、入金されませんでした。"),
    why.OTHER: N_("くわしい理由は、金融機関から知らされていません。"),
}

_LOOK_AT_THE_PASSBOOK = N_("支店・預金の種類・口座番号を、通帳やキャッシュカードで確かめてください。")
_ANOTHER = N_("入金できる別の口座を届け出てください。")
CURES: dict[str, str] = {
    why.NO_ACCOUNT: _LOOK_AT_THE_PASSBOOK,
    why.NAME_MISMATCH: N_("口座名義は、通帳の表紙のとおりのカナで届け出てください。"),
    why.CLOSED: _ANOTHER,
    why.BLOCKED: _ANOTHER,
    why.BRANCH_ABOLISHED: N_("今の支店名と口座番号を、金融機関に確かめてから届け出てください。"),
    why.TYPE_MISMATCH: _LOOK_AT_THE_PASSBOOK,
    why.OTHER: _LOOK_AT_THE_PASSBOOK,
}


def failure_wording(reason: str) -> tuple[Message, ...]:
    """Why, and what cures it where something usually does. A reason that nobody knows is a bug."""
    cure = CURES.get(reason)
    return (Message(REASONS[reason]), *([Message(cure)] if cure else []))
