"""Where, who and what can be claimed, and when: locations, resources, hours, closures, offers."""

import uuid
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from patients.encryption import EncryptedTextField
from treatments.models import Treatment


def validate_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is no time zone; write one such as Europe/London."), params={"name": name})


def whole_range(field: str) -> Q:
    """A range that the exclusion constraints can compare: not empty, finite, start included, end not."""
    facts = {"isempty": False, "lower_inc": True, "upper_inc": False, "lower_inf": False, "upper_inf": False}
    return Q(**{f"{field}__{name}": value for name, value in facts.items()})


class Location(models.Model):
    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=60, validators=[validate_zone])
    address = models.TextField(_("address"))
    telephone = models.CharField(_("telephone"), max_length=40)
    emergency_line = models.CharField(_("what to do in an emergency"), max_length=200)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=10, help_text=_("ISO code such as GB-SCT or US"))
    active = models.BooleanField(_("open for visits"), default=True)

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        permissions = [
            ("manage_places", "Keep locations, people, rooms, devices, hours and limits"),
            ("close_time", "Close time of a place, a person, a room or a device"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class Resource(models.Model):
    """Whoever or whatever a visit occupies: a practitioner, a room, a device. 32-bit ids: advisory locks take two of them.

    A practitioner has no location (the hours say where and when); rooms and devices have one. `treatments` are what a
    practitioner is skilled in, or what a room suits. A device that is `fixed_in` a room can only be used there.
    """

    class Kind(models.TextChoices):
        PRACTITIONER = "practitioner", _("practitioner")
        ROOM = "room", _("room")
        DEVICE = "device", _("device")

    id = models.AutoField(primary_key=True)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(_("name"), max_length=80)
    location = models.ForeignKey(Location, models.PROTECT, null=True, blank=True, related_name="resources")
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="resource")
    device_kind = models.SlugField(_("kind of device"), blank=True)
    fixed_in = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="fixtures")
    treatments = models.ManyToManyField(Treatment, blank=True, related_name="+")
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ["name"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="practitioner", location=None) | (~Q(kind="practitioner") & Q(location__isnull=False)),
                name="resource_place_by_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="device") ^ Q(device_kind=""),
                name="resource_device_kind",
            ),
            models.CheckConstraint(condition=Q(fixed_in=None) | Q(kind="device"), name="resource_only_devices_fixed"),
            models.CheckConstraint(condition=Q(user=None) | Q(kind="practitioner"), name="resource_user_practises"),
        ]

    def __str__(self) -> str:
        return self.name


class Hours(models.Model):
    """Weekly wall-clock hours of a resource at a location, `opens` before `closes` of the same day; breaks are gaps."""

    class Weekday(models.IntegerChoices):
        MONDAY = 1, _("Monday")
        TUESDAY = 2, _("Tuesday")
        WEDNESDAY = 3, _("Wednesday")
        THURSDAY = 4, _("Thursday")
        FRIDAY = 5, _("Friday")
        SATURDAY = 6, _("Saturday")
        SUNDAY = 7, _("Sunday")

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="hours")
    location = models.ForeignKey(Location, models.PROTECT, related_name="+")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()
    valid = DateRangeField(help_text=_("local dates; open ends mean always"))

    class Meta:
        ordering = ["weekday", "opens"]
        default_permissions = ()
        verbose_name_plural = _("hours")
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="hours_open_before_they_close"),
            models.CheckConstraint(condition=Q(weekday__gte=1, weekday__lte=7), name="hours_iso_weekday"),
            models.CheckConstraint(condition=Q(valid__isempty=False), name="hours_valid_some_time"),
        ]
        indexes = [models.Index(fields=["resource", "location", "weekday"], name="hours_of_resource")]


class Closure(models.Model):
    """Time in which a location, or one resource, is not to be had. Not a claim: visits in it are listed to be moved."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        HOLIDAY = "holiday", _("public holiday")
        TIME_OFF = "time_off", _("time off")
        MAINTENANCE = "maintenance", _("maintenance")

    location = models.ForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="closures")
    resource = models.ForeignKey(Resource, models.CASCADE, null=True, blank=True, related_name="closures")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CLOSED)
    during = DateTimeRangeField()
    seal = models.UUIDField(default=uuid.uuid4, editable=False, help_text=_("what the note is bound to"))
    reason = EncryptedTextField(_("note"), place="scheduling_closure.reason", row="seal", blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(location__isnull=False) ^ Q(resource__isnull=False), name="closure_of_place_or_resource"
            ),
            models.CheckConstraint(condition=whole_range("during"), name="closure_during_whole"),
        ]


class Offer(models.Model):
    """What is offered where for how much, in minor units (pence, cents); the newest that has begun counts."""

    location = models.ForeignKey(Location, models.PROTECT, related_name="offers")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    price_minor = models.PositiveIntegerField(_("price in pence or cents"))
    currency = models.CharField(_("currency"), max_length=3)
    valid_from = models.DateTimeField(_("from"))
    limits: list[dict[str, Any]]  # what `queries.offered` adds: the rows of limits that apply
    version_in_force: int | None  # and the id of the treatment's live version

    class Meta:
        default_permissions = ()
        permissions = [("set_prices", "Set prices")]
        constraints = [
            models.UniqueConstraint(fields=["location", "treatment", "valid_from"], name="offer_once_a_moment"),
            models.CheckConstraint(condition=Q(currency__regex="^[A-Z]{3}$"), name="offer_currency_iso"),
        ]


class BookingPolicy(models.Model):
    """Limits for patients, in hours and days; they never bind staff. The most specific row counts, value by value.

    None leaves a value to the next row: treatment at location, then treatment, then location, then the clinic, then
    `DEFAULTS`.
    """

    DEFAULTS: ClassVar[dict[str, int]] = {
        "notice_to_book_hours": 2,
        "notice_to_change_hours": 24,
        "notice_to_cancel_hours": 24,
        "horizon_days": 90,
        "changes_per_visit": 3,
        "open_visits": 4,
        "grid_minutes": 15,
    }

    location = models.ForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="+")
    treatment = models.ForeignKey(Treatment, models.CASCADE, null=True, blank=True, related_name="+")
    notice_to_book_hours = models.PositiveSmallIntegerField(_("notice to book, in hours"), null=True, blank=True)
    notice_to_change_hours = models.PositiveSmallIntegerField(_("notice to change, in hours"), null=True, blank=True)
    notice_to_cancel_hours = models.PositiveSmallIntegerField(_("notice to cancel, in hours"), null=True, blank=True)
    horizon_days = models.PositiveSmallIntegerField(_("how far ahead, in days"), null=True, blank=True)
    changes_per_visit = models.PositiveSmallIntegerField(_("changes of time per visit"), null=True, blank=True)
    open_visits = models.PositiveSmallIntegerField(_("planned visits per patient"), null=True, blank=True)
    grid_minutes = models.PositiveSmallIntegerField(_("times on offer, every … minutes"), null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(grid_minutes__in=[5, 10, 15, 20, 30, 60]), name="policy_grid_known"),
            models.CheckConstraint(condition=Q(horizon_days__gte=1, horizon_days__lte=365), name="policy_horizon_in_range"),
            models.UniqueConstraint(fields=["location", "treatment"], nulls_distinct=False, name="policy_once"),
        ]
