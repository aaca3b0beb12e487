"""The wishes of those who wait, in templates."""

from django import template

from clinic.scheduling.waiting_words import wishes_words

register = template.Library()
register.filter("wished", wishes_words)
