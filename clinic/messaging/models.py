"""An outbox of envelopes: a kind and an id, written in the transaction of the fact. Nothing rendered is stored."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Envelope(models.Model):
    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("no longer true when its turn came")
        DEAD = "dead", _("given up")

    kind = models.SlugField()
    subject = models.UUIDField(help_text=_("what it is about; only the composer knows"))
    dedupe = models.CharField(max_length=120, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    created_at = models.DateTimeField(auto_now_add=True)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True, help_text=_("class of the error, never its text"))
    done_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        permissions = [("view_outbox", "See letters that could not be sent")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting", done_at=None) | (~Q(state="waiting") & Q(done_at__isnull=False)),
                name="envelope_done_when_not_waiting",
            ),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="waiting"), name="envelope_due")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
