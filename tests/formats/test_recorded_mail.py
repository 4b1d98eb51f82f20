"""The number of a recorded letter: eleven digits, the last the remainder of the first ten by seven."""

import pytest

from todoku.formats.recorded_mail import RecordedMailRefused, printed_recorded_mail, recorded_mail_number


@pytest.mark.parametrize(
    "typed", ["131-12-38385-2", "13112383852", "１３１－１２－３８３８５－２", "131 12 38385 2"]
)
def test_the_number_of_a_slip_is_read_however_it_is_typed(typed):
    assert recorded_mail_number(typed) == "13112383852"
    assert printed_recorded_mail("13112383852") == "131-12-38385-2"


@pytest.mark.parametrize(
    "typed", ["131-12-38385-3", "131-12-38358-2", "131-12-3838-2", "", "abc", "131-12-38385-22"]
)
def test_a_wrong_digit_two_that_changed_places_and_another_length_are_refused(typed):
    with pytest.raises(RecordedMailRefused) as refused:
        recorded_mail_number(typed)
    assert "引受番号" in refused.value.sentence
