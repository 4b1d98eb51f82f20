"""Pure. Which day of an envelope counts against the deadline (期限の判定日): the postmark's or the arrival's, by the Version.

Where the postmark should count and none can be read, the Version says what holds: a person looks, the day of arrival, or
the day before it (a letter within the town takes a day).
"""

from datetime import date, timedelta


def counts_on(
    *, deadline_by: str, no_postmark: str, channel: str, postmark_on: date | None, arrived_on: date
) -> date | None:
    """The day that counts; None where only a person can say. Only post has a postmark: all else counts by arrival.

    `no_postmark`: "look", "arrival" or "day_before_arrival".
    """
    if channel != "paper" or deadline_by == "arrival":
        return arrived_on
    if postmark_on is not None:
        return postmark_on
    days_before = {"arrival": 0, "day_before_arrival": 1}.get(no_postmark)
    return None if days_before is None else arrived_on - timedelta(days=days_before)
