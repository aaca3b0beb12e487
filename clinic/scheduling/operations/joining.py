"""A booked visit takes its place in the patient's course, whoever booked it."""

from django.db.models import Q

from clinic.scheduling.models import Appointment, CourseItem, Status

OVER = (Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR)


def join_course(visit: Appointment) -> None:
    """Fill the first session of this treatment that is still to be planned, if there is one. Under the patient's lock."""
    open_items = CourseItem.objects.filter(
        Q(appointment=None) | Q(appointment__status__in=OVER),
        course__patient=visit.patient_id,
        course__ended_at=None,
        treatment=visit.treatment_id,
    )
    item = open_items.order_by("course__created_at", "position").first()
    if item:
        item.appointment = visit
        item.save(update_fields=["appointment"])
