from clinic.scheduling.models.appointments import Appointment, AppointmentEvent, Claim, IdempotencyKey, Status
from clinic.scheduling.models.places import BookingPolicy, Closure, Hours, Location, Offer, Resource

__all__ = [
    "Appointment",
    "AppointmentEvent",
    "BookingPolicy",
    "Claim",
    "Closure",
    "Hours",
    "IdempotencyKey",
    "Location",
    "Offer",
    "Resource",
    "Status",
]
