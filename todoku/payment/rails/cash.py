"""Pure. Cash at the counter (窓口での現金支給): paid by the municipality's officers against a receipt."""

from todoku.payment.rails import pay_list
from todoku.payment.rails.rail import Rail

RAIL = Rail("cash", "窓口で現金", False, False, True, pay_list.named("cash"), pay_list.write)
