from clinic.scheduling.models.appointments import Appointment, AppointmentEvent, Claim, IdempotencyKey, Status
from clinic.scheduling.models.courses import Course, CourseItem
from clinic.scheduling.models.places import BookingPolicy, Closure, Hours, Location, Offer, Resource
from clinic.scheduling.models.waiting import WaitlistEntry, WaitlistOffer

__all__ = [
    "Appointment",
    "AppointmentEvent",
    "BookingPolicy",
    "Claim",
    "Closure",
    "Course",
    "CourseItem",
    "Hours",
    "IdempotencyKey",
    "Location",
    "Offer",
    "Resource",
    "Status",
    "WaitlistEntry",
    "WaitlistOffer",
]
