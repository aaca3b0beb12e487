"""Queries that each connection plans once."""

import pytest
from django.db import connection, transaction

from treatments.sql import Prepared

pytestmark = pytest.mark.django_db
TWICE = "select number * 2, %(word)s from unnest(%(numbers)s) as number"


def prepared_here() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_prepared_statements where statement like '%unnest($1)%'")
        return int(cursor.fetchone()[0])


def test_a_prepared_query_answers_like_a_plain_one_and_is_planned_once_a_connection() -> None:
    twice = Prepared(TWICE, numbers="int[]", word="text")
    assert twice.rows({"numbers": [1, 2], "word": "it's 100 %"}) == [(2, "it's 100 %"), (4, "it's 100 %")]
    assert twice.rows({"numbers": [], "word": ""}) == []
    assert prepared_here() == 1


@pytest.mark.django_db(transaction=True)
def test_it_outlives_the_transaction_that_failed_and_comes_back_on_a_new_connection() -> None:
    twice = Prepared(TWICE, numbers="int[]", word="text")
    with transaction.atomic():
        twice.rows({"numbers": [1], "word": "x"})
        transaction.set_rollback(True)
    assert twice.rows({"numbers": [1], "word": "x"}) == [(2, "x")]
    connection.close()
    assert twice.rows({"numbers": [3], "word": "x"}) == [(6, "x")]


def test_a_parameter_without_a_type_is_a_defect_that_shows_at_once() -> None:
    with pytest.raises(KeyError):
        Prepared(TWICE, numbers="int[]")
