"""Why a treatment cannot be earlier, on staff pages."""

from django import template

from clinic.scheduling.policies.intervals import Barred
from clinic.workspace.words import span_words

register = template.Library()


@register.filter
def rest_in_words(span: Barred) -> str:
    """“28 days after the visit on Monday 30 November 2026”."""
    return span_words(span)
