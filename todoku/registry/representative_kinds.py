"""Pure. Who may act by law for an adult (法定代理人の種類), and in what names the accounts stand that they keep for him.

Takes kana; gives kana as an account's holder may be written. Whether somebody is a representative is said elsewhere.
"""

from typing import NamedTuple


class RepresentativeKind(NamedTuple):
    """Its name, and how a bank writes it in an account's name."""

    title: str
    kana: str


# 保佐人 and 補助人 act only where the court gave them that power (代理権付与): the certificate says so.
KINDS: dict[str, RepresentativeKind] = {
    "adult_guardian": RepresentativeKind("成年後見人", "セイネンコウケンニン"),
    "curator": RepresentativeKind("保佐人", "ホサニン"),
    "assistant": RepresentativeKind("補助人", "ホジョニン"),
}
# A bank may leave the 成年 out.
_SHORT = {"adult_guardian": "コウケンニン"}
CERTIFICATE_MONTHS = (
    3  # a certificate of registration counts for three months from its issue (審査基準の標準)
)


def holder_names(ward_kana: str, kind: str, guardian_kana: str) -> tuple[str, ...]:
    """The names of an account kept for the ward: 本人名 成年後見人 後見人名. Never the representative's own name alone."""
    if not ward_kana.strip() or not guardian_kana.strip():
        return ()
    titles = [KINDS[kind].kana, *([_SHORT[kind]] if kind in _SHORT else [])]
    return tuple(f"{ward_kana}　{title}　{guardian_kana}" for title in titles)


def addressee(ward: str, kind: str, guardian: str) -> str:
    """To whom a letter for the ward is addressed."""
    return f"{ward}　{KINDS[kind].title}　{guardian}"
