from collections import Counter

import pytest

from patients import instruments
from patients.policies.phototype import type_of
from treatments.operations.load import read

BANDS = instruments.variant()["bands"]


@pytest.mark.parametrize("band", BANDS, ids=lambda band: band["type"])
def test_both_ends_of_each_band_belong_to_its_type(band):
    assert [type_of(band["min"], BANDS), type_of(band["max"], BANDS)] == [band["type"]] * 2


def test_every_score_that_the_ten_items_can_reach_has_exactly_one_type():
    most = sum(max(int(option.code) for option in item.options) for item in instruments.items(instruments.skin_type()))
    assert most == 40
    assert Counter(type_of(score, BANDS) for score in range(most + 1)) == {
        "I": 7, "II": 7, "III": 7, "IV": 7, "V": 7, "VI": 6,
    }  # fmt: skip


@pytest.mark.parametrize("score", [-1, 41])
def test_a_score_outside_the_bands_is_an_error(score):
    with pytest.raises(ValueError, match=str(score)):
        type_of(score, BANDS)


def test_the_pages_ask_all_ten_items_two_to_four_at_a_time():
    sheets = instruments.skin_type()
    codes = [item.code.removeprefix(instruments.SKIN) for item in instruments.items(sheets)]
    assert codes == next(variant["items"] for variant in read("phototype")["variants"] if variant["id"] == "ten_item")
    assert [len(sheet.items) for sheet in sheets] == [4, 4, 2]
