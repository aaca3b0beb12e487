"""Groups of fields that are folded away until they are needed, without a script."""

from typing import Any

from crispy_forms.layout import Fieldset
from django.utils.functional import Promise


class Folded(Fieldset):  # type: ignore[misc]  # crispy-forms is not typed
    """Fields behind their heading; `is_open` where something stands or is wrong in them."""

    template = "editing/folded.html"

    def __init__(self, legend: str | Promise, *fields: Any, is_open: bool) -> None:
        super().__init__(str(legend), *fields)
        self.is_open = is_open
