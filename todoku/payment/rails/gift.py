"""Pure. Digital gift codes (デジタルギフト): released as a list, delivered as a code in a letter."""

from todoku.payment.rails import pay_list
from todoku.payment.rails.rail import Rail

RAIL = Rail("gift", "デジタルギフト", False, False, True, pay_list.named("gift"), pay_list.write)
