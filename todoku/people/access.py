"""Pure. The one access table: who (role) may do what (action). Every page asks it; nothing else decides.

Roles follow the separation that the incidents taught: the maker of a batch never approves it, the office never
decides, only the municipality hands money out. Source of the split: 審査 → 振込起案 → 出納の振込承認.
"""

from typing import NamedTuple


class Role(NamedTuple):
    """A role (役割): its Japanese name and the kind of organisation whose people may hold it."""

    name: str
    organisation: str


ROLES: dict[str, Role] = {
    "clerk": Role("受付・入力担当", "office"),
    "print_operator": Role("印刷・発送担当", "office"),
    "reviewer": Role("審査担当", "office"),
    "manager": Role("業務責任者", "office"),
    "call_agent": Role("電話窓口", "office"),
    "payment_maker": Role("振込データ作成担当", "office"),
    "payment_approver": Role("振込データ承認者", "office"),
    # Beside another role: whoever deals with the papers of households under 支援措置, and no others.
    "protected_desk": Role("支援措置担当", "office"),
    "city_viewer": Role("閲覧のみ（自治体）", "municipality"),
    "city_officer": Role("担当課職員", "municipality"),
    "city_treasurer": Role("出納（会計管理者）", "municipality"),
    "system": Role("自動処理", "system"),
}

_OFFICE = frozenset(code for code, role in ROLES.items() if role.organisation == "office")
_CITY = frozenset(code for code, role in ROLES.items() if role.organisation == "municipality")

# action → roles. The first word of an action is the room.
ACTIONS: dict[str, frozenset[str]] = {
    "office.enter": _OFFICE,
    "city.enter": _CITY,
    "case.find": _OFFICE | _CITY,
    "case.view": _OFFICE | _CITY,
    "case.view_account": frozenset({"reviewer", "manager", "clerk"}),
    # Addresses under 支援措置: named staff only, and the department that keeps the register's mark.
    "case.view_protected": frozenset({"manager", "protected_desk", "city_officer"}),
    "note.add": _OFFICE | {"city_officer"},
    # A sheet that a caller asked for: 辞退届, 代理手続申立書, 口座の届出書.
    "letter.request": frozenset({"clerk", "call_agent", "manager"}),
    # A word about declining, and its second confirmation another way than it came.
    "decline.tell": frozenset({"clerk", "call_agent", "manager"}),
    "decline.confirm": frozenset({"call_agent", "reviewer", "manager"}),
    # 不服・訂正の申出: registered at either door, looked into and answered by the municipality.
    "objection.view": frozenset({"manager", "call_agent"}) | _CITY,
    "objection.take": frozenset({"manager", "city_officer"}),
    "objection.answer": frozenset({"city_officer"}),
    # A returned application that nobody answered: it ends by the terms' rule, or by the municipality's order.
    "return.close": frozenset({"city_officer"}),
    "roll.view": _OFFICE | _CITY,
    "roll.import": frozenset({"manager"}),
    "case.open": frozenset({"manager"}),
    # A change after the base date that the terms leave open: entered with the number of the municipality's order.
    "change.decide": frozenset({"manager", "city_officer"}),
    # Who acts by law for a payee: entered from the certificate by one person, confirmed by another.
    "representative.name": frozenset({"clerk", "reviewer", "manager"}),
    "representative.confirm": frozenset({"manager"}),
    "print.view": _OFFICE | _CITY,
    "print.make": frozenset({"print_operator", "manager"}),
    "print.dispatch": frozenset({"print_operator", "manager"}),
    # 入稿: the encrypted parcel, its receipt, its end; the printer's key is vouched for by a responsible person.
    "print.hand": frozenset({"print_operator", "manager"}),
    "printer.confirm": frozenset({"manager"}),
    "print.undelivered": frozenset({"print_operator", "clerk", "manager"}),
    # 校了: the municipality's officer alone; the office shows and waits.
    "proof.approve": frozenset({"city_officer"}),
    "stock.keep": frozenset({"print_operator", "manager"}),
    "register.ask": frozenset({"print_operator", "clerk", "manager"}),
    "register.answer": frozenset({"city_officer"}),
    "form.reissue": frozenset({"clerk", "call_agent", "manager"}),
    "address.ask": frozenset({"clerk", "call_agent", "manager"}),
    "address.answer": frozenset({"city_officer"}),
    "mail.view": frozenset({"clerk", "print_operator", "reviewer", "manager"}),
    "mail.work": frozenset({"clerk", "manager"}),
    # A difference has an owner, who explains it; whoever counted differently does not.
    "mail.settle": frozenset({"manager"}),
    # What the office gives to the municipality is counted and taken by an officer of it.
    "mail.receive": frozenset({"city_officer"}),
    "incident.view": _OFFICE | _CITY,
    "incident.open": _OFFICE,
    "incident.manage": frozenset({"manager"}),
    "incident.acknowledge": frozenset({"city_officer"}),
    "paper.key": frozenset({"clerk", "manager"}),
    # Whose an application without number and key is: a person of the intake says so.
    "match.work": frozenset({"clerk", "manager"}),
    "scan.view": frozenset({"clerk", "manager"}),
    "scan.take": frozenset({"clerk", "manager"}),
    # Two keyings that differ: a third person chooses, never one of the two.
    "key.settle": frozenset({"clerk", "manager"}),
    # Whole accounts leave the house in a file.
    "key.export": frozenset({"manager"}),
    "intake.view": _OFFICE | _CITY,
    "intake.screen": frozenset({"clerk", "reviewer", "manager"}),
    "review.view": frozenset({"reviewer", "manager"}) | _CITY,
    "review.judge": frozenset({"reviewer", "manager"}),
    # Who leads the desk sees who works on what, moves work, and withdraws a verdict that is not his own.
    "review.lead": frozenset({"manager"}),
    "contact.make": frozenset({"reviewer", "manager"}),
    # How well the review judges: counts alone, with names only for the lead.
    "quality.view": frozenset({"manager"}) | _CITY,
    "quality.manage": frozenset({"manager"}),
    "training.take": frozenset({"reviewer", "manager"}),
    "question.view": frozenset({"manager", "reviewer"}) | _CITY,
    # 業務責任者: the only way from a reviewer to the municipality, and back (no 偽装請負).
    "question.forward": frozenset({"manager"}),
    "question.answer": frozenset({"city_officer"}),
    "ruling.view": frozenset({"manager", "reviewer"}) | _CITY,
    "ruling.apply": frozenset({"manager", "reviewer"}),
    "ruling.end": frozenset({"city_officer"}),
    "ruling.note": frozenset({"manager", "city_officer"}),
    # 代理・引継ぎ: each side for its own people.
    "succession.view": frozenset({"manager"}) | _CITY,
    "succession.make": frozenset({"manager", "city_officer"}),
    "deputy.grant": frozenset({"manager", "city_officer"}),
    "decision.view": _OFFICE | _CITY,
    "decision.propose": frozenset({"manager"}),
    "decision.decide": frozenset({"city_officer"}),
    "batch.view": frozenset({"payment_maker", "payment_approver", "manager"}) | _CITY,
    "batch.make": frozenset({"payment_maker"}),
    "batch.approve_office": frozenset({"payment_approver"}),
    "batch.approve_city": frozenset({"city_treasurer"}),
    "batch.take_file": frozenset({"city_treasurer"}),
    "batch.result": frozenset({"payment_maker", "city_treasurer"}),
    "batch.verify": frozenset({"payment_approver", "manager"}) | _CITY,
    # Outcome unknown: only who handed the file over asks the bank about it.
    "batch.inquire": frozenset({"city_treasurer"}),
    # The second person before a denied file goes to the bank once more; never the one who asked.
    "batch.agree_again": frozenset({"city_officer", "city_treasurer"}),
    "account.inquire": frozenset({"payment_maker"}),
    # The bank's answers hold whole accounts: whoever has the file reads it in here, and sends it to nobody.
    "account.answer": frozenset({"payment_maker", "city_treasurer"}),
    "hold.view": frozenset({"payment_maker", "payment_approver", "manager", "call_agent"}) | _CITY,
    "hold.open": frozenset({"payment_maker", "manager", "city_officer"}),
    "hold.quarantine": frozenset({"payment_maker", "payment_approver", "manager"}),
    "hold.close": frozenset({"manager", "city_officer"}),
    "sweep.run": frozenset({"payment_maker", "manager", "city_officer", "city_treasurer"}),
    "halt.release": frozenset({"manager", "city_officer", "city_treasurer"}),
    "payee.view": frozenset({"payment_maker", "payment_approver", "manager"}) | _CITY,
    "payee.propose": frozenset({"manager"}),
    "payee.approve": frozenset({"city_officer"}),
    "query.open": frozenset({"payment_maker", "city_treasurer"}),
    "query.propose": frozenset({"payment_maker"}),
    "query.answer": frozenset({"city_treasurer"}),
    "recall.ask": frozenset({"payment_maker", "manager", "city_officer"}),
    "recall.send": frozenset({"city_treasurer"}),
    "gift.view": frozenset({"payment_maker", "payment_approver", "manager", "print_operator"}),
    "gift.take": frozenset({"payment_maker"}),
    # A code is money: only who prints it for its payee ever has it in clear.
    "gift.deliver": frozenset({"print_operator"}),
    "gift.revoke": frozenset({"payment_maker", "payment_approver"}),
    # What is left of a gift is the municipality's: it lapses, or the issuer pays it back.
    "gift.settle": frozenset({"city_officer", "city_treasurer"}),
    # 地方自治法243条の2: cash is handed over by the municipality's own officers.
    "cash.pay": frozenset({"city_officer", "city_treasurer"}),
    "entitlement.order": frozenset({"city_officer"}),
    "ledger.view": frozenset({"payment_maker", "payment_approver", "manager"}) | _CITY,
    "ledger.appropriate": frozenset({"city_treasurer"}),
    "ledger.correct": frozenset({"city_officer", "city_treasurer"}),
    "claim.view": frozenset({"manager", "call_agent"}) | _CITY,
    "claim.open": frozenset({"city_officer"}),
    "claim.notice": frozenset({"manager", "city_officer"}),
    "claim.receive": frozenset({"city_treasurer"}),
    # A payment keyed wrongly: whoever sees it proposes to take it back, the municipality confirms by another person.
    "claim.correct": frozenset({"manager", "city_officer", "city_treasurer"}),
    "claim.confirm_correction": frozenset({"city_officer", "city_treasurer"}),
    "claim.give_up": frozenset({"city_officer"}),
    "progress.view": _OFFICE | _CITY,
    "progress.close_day": frozenset({"manager"}),
    # Everything of the programme in one archive: the manager makes it, an officer of the municipality accepts it.
    "handback.view": frozenset({"manager"}) | _CITY,
    "handback.make": frozenset({"manager"}),
    "handback.accept": frozenset({"city_officer"}),
    "audit.view": frozenset({"manager"}) | _CITY,
    "programme.view": _OFFICE | _CITY,
    "programme.draft": frozenset({"manager", "city_officer"}),
    "programme.open": frozenset({"manager"}),
    # 審査基準書: agreed by the municipality before the first envelope, on its digest.
    "criteria.sign": frozenset({"city_officer"}),
    "work.view": _OFFICE,
    "city.feed": _CITY,
}
# Pages that anybody outside may open; a route must say so by one of these words.
OPEN_TO_ALL = frozenset({"public", "signed_in"})


def may(roles: frozenset[str], action: str) -> bool:
    """True if one of the roles allows the action. An action that the table does not know is a bug."""
    assert action in ACTIONS, f"The access table does not know the action {action!r}."
    return bool(roles & ACTIONS[action]) or "system" in roles
