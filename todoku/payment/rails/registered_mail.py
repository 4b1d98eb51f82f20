"""Pure. Cash by registered mail (現金書留): sent by the municipality's officers under a mail number."""

from todoku.payment.rails import pay_list
from todoku.payment.rails.rail import Rail

RAIL = Rail("registered_mail", "現金書留", False, False, True, pay_list.named("kakitome"), pay_list.write)
