"""A double click on "Save and go on" really arrives twice at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from django.db import connection

from clinic.accounts.models import User
from patients.models import Patient
from patients.operations import register
from tests import build
from treatments.acting import Actor

DETAILS = {"given_name": "Pat", "family_name": "Example", "birth_date": date(1990, 5, 17), "phone": "020 7946 0000"}


@pytest.mark.race
def test_ten_clicks_at_once_make_one_record(cloned, django_db_blocker):
    start = Barrier(10)

    def click(user: User) -> str:
        try:
            start.wait()
            return str(register(actor=Actor(user=user), user=user, details=DETAILS, now=build.NOW).pk)
        finally:
            connection.close()

    with django_db_blocker.unblock():
        user = build.user()
        with ThreadPoolExecutor(10) as threads:
            found = set(threads.map(click, [user] * 10))
        assert found == {str(pk) for pk in Patient.objects.values_list("pk", flat=True)}
        assert len(found) == 1
