"""A difference shows what was taken out and put in, and nothing else; nothing of either side is lost."""

from hypothesis import given
from hypothesis import strategies as st

from treatments.editing.differences import Piece, differences

words = st.lists(st.sampled_from(["red", "green", "a", "\n"]), min_size=1).map(" ".join)


def pieces(before: list[str], after: list[str]) -> list[Piece]:
    (difference,) = differences({"Rows": before}, {"Rows": after})
    return difference.pieces


def test_equal_texts_have_no_difference() -> None:
    assert differences({"Cost": ["Ask us."], "Text": [""]}, {"Cost": ["Ask us."], "Text": [""]}) == []


def test_a_changed_word_is_taken_out_and_put_in() -> None:
    expected = [Piece("same", "It costs"), Piece("del", " less"), Piece("ins", " more"), Piece("same", " here.")]
    assert pieces(["It costs less here."], ["It costs more here."]) == expected


def test_an_empty_field_that_was_not_there_before_is_no_difference() -> None:
    assert differences({}, {"Cost": [""], "Text": ["New."]})[0].label == "Text"


def test_rows_that_stay_are_only_named() -> None:
    before, after = (
        ["Cleansing\nText: long", "Soothing\nText: long"],
        ["Cleansing\nText: long", "Tea", "Soothing\nText: long"],
    )
    gap = Piece("same", "\n\n")
    assert pieces(before, after) == [
        Piece("same", "Cleansing …"),
        gap,
        Piece("ins", "Tea"),
        gap,
        Piece("same", "Soothing …"),
    ]


def test_many_rows_that_stay_are_counted() -> None:
    same = [f"Step {number}" for number in range(5)]
    gap = Piece("same", "\n\n")
    assert pieces([*same, "Tea"], [*same, "Soup"]) == [
        Piece("same", "… 5 as they were …"), gap, Piece("del", "Tea"), Piece("ins", "Soup"),
    ]  # fmt: skip


def test_a_row_that_goes_is_taken_out_whole() -> None:
    assert pieces(["Cleansing", "Tea"], ["Cleansing"]) == [
        Piece("same", "Cleansing …"), Piece("same", "\n\n"), Piece("del", "Tea"),
    ]  # fmt: skip


@given(before=words, after=words)
def test_both_sides_can_be_read_back(before: str, after: str) -> None:
    found = differences({"Text": [before]}, {"Text": [after]})
    shown = found[0].pieces if found else [Piece("same", before)]
    for side, text in (("del", before), ("ins", after)):
        read = "".join(piece.text for piece in shown if piece.kind in {"same", side})
        assert read.split() == text.split()
