from clinic.scheduling.models.appointments import Appointment, AppointmentEvent, Claim, IdempotencyKey, Status
from clinic.scheduling.models.calls import CallBack
from clinic.scheduling.models.courses import Course, CourseItem
from clinic.scheduling.models.places import BookingPolicy, Closure, Hours, Location, Offer, Resource
from clinic.scheduling.models.reviewing import AnswerRequest, Cover
from clinic.scheduling.models.waiting import WaitlistEntry, WaitlistOffer

__all__ = [
    "AnswerRequest",
    "Appointment",
    "AppointmentEvent",
    "BookingPolicy",
    "CallBack",
    "Claim",
    "Closure",
    "Course",
    "CourseItem",
    "Cover",
    "Hours",
    "IdempotencyKey",
    "Location",
    "Offer",
    "Resource",
    "Status",
    "WaitlistEntry",
    "WaitlistOffer",
]
