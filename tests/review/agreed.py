"""A further Version of a programme in which the tables that measure the review say otherwise, opened at once."""

from tests.next_version import next_version
from tests.office_day import OfficeDay


def agree(office: OfficeDay, tables: str) -> OfficeDay:
    """The first Version's terms with these TOML tables added; the office works under them from here on."""
    text = f"{office.programme.versions.get(number=1).text}\n{tables}\n"
    next_version(office.programme, text, at=office.at)
    return office
