"""Gathers the rooms' tables into the one Django app; holds nothing of its own."""

from todoku.bank.tables import *  # noqa: F403
from todoku.case.late_tables import *  # noqa: F403
from todoku.case.tables import *  # noqa: F403
from todoku.custody.tables import *  # noqa: F403
from todoku.delivery.tables import *  # noqa: F403
from todoku.ground.tables import *  # noqa: F403
from todoku.handback.tables import *  # noqa: F403
from todoku.incident.tables import *  # noqa: F403
from todoku.intake.tables import *  # noqa: F403
from todoku.ledger.tables import *  # noqa: F403
from todoku.letters.tables import *  # noqa: F403
from todoku.mailroom.tables import *  # noqa: F403
from todoku.payment.side_tables import *  # noqa: F403
from todoku.payment.tables import *  # noqa: F403
from todoku.people.tables import *  # noqa: F403
from todoku.programme.tables import *  # noqa: F403
from todoku.progress.tables import *  # noqa: F403
from todoku.recovery.tables import *  # noqa: F403
from todoku.registry.list_tables import *  # noqa: F403
from todoku.registry.tables import *  # noqa: F403
from todoku.review.desk_tables import *  # noqa: F403
from todoku.review.quality_tables import *  # noqa: F403
from todoku.review.rescreen_tables import *  # noqa: F403
from todoku.review.ruling_tables import *  # noqa: F403
from todoku.review.tables import *  # noqa: F403
from todoku.scan.tables import *  # noqa: F403
