"""From `clinic.yaml` to a plan that can be written without surprises: everything is checked before anything is stored."""

from clinic.scheduling.opening.plan import ClinicPlan
from clinic.scheduling.opening.reading import WrongFile, read_plan

__all__ = ["ClinicPlan", "WrongFile", "read_plan"]
