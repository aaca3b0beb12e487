"""The arithmetic of the scar scales, against the table as it is written down."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from patients.policies.goodman_baron import Weight, highest, multiplier, terms, total, worst
from treatments.operations.load import read

TABLE = read("scars")["goodman_baron_quantitative"]
WEIGHTS = [Weight(w["code"], w["name"], w["points"], TABLE["bands"][w["unit"]]) for w in TABLE["weights"]]
counts = some.dictionaries(some.sampled_from([weight.code for weight in WEIGHTS]), some.integers(0, 999))


@pytest.mark.parametrize(("number", "times"), [(0, 0), (1, 1), (10, 1), (11, 2), (20, 2), (21, 3), (999, 3)])
def test_a_number_multiplies_by_its_band(number: int, times: int) -> None:
    assert multiplier(number, TABLE["bands"]["count"]) == times


@pytest.mark.parametrize(("area", "times"), [(0, 0), (4, 1), (5, 2), (20, 2), (21, 3)])
def test_a_keloid_multiplies_by_its_area(area: int, times: int) -> None:
    assert multiplier(area, TABLE["bands"]["area"]) == times


def test_an_example_reckoned_by_hand() -> None:
    found = terms({"macular": 12, "broad_deep": 3, "keloid": 6, "linear": 0}, WEIGHTS)
    assert [(t.name, t.points, t.times, t.product) for t in found] == [
        ("Flat, red or darker", 1, 2, 2),
        ("Broad deep dented area", 3, 1, 3),
        ("Keloid, by its area", 6, 2, 12),
    ]
    assert total(found) == 17


@given(counts)
def test_a_total_lies_between_nothing_and_the_published_maximum(said: dict[str, int]) -> None:
    found = total(terms(said, WEIGHTS))
    assert 0 <= found <= highest(WEIGHTS) == 84
    assert (found == 0) == (not any(said.values()))


@given(counts, some.sampled_from([weight.code for weight in WEIGHTS]))
def test_one_scar_more_never_lowers_the_total(said: dict[str, int], code: str) -> None:
    more = said | {code: said.get(code, 0) + 1}
    assert total(terms(more, WEIGHTS)) >= total(terms(said, WEIGHTS))


def test_the_whole_takes_the_worst_zone() -> None:
    assert worst([2, 4, 1]) == 4
    with pytest.raises(ValueError, match="empty"):
        worst([])
