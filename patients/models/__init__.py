from patients.models.emergency import EmergencyAccess
from patients.models.facts import Answer, Evaluation, Phototype, ScarAssessment, ScarFinding
from patients.models.people import CareTeam, Patient
from patients.models.trail import TrailEntry

__all__ = [
    "Answer",
    "CareTeam",
    "EmergencyAccess",
    "Evaluation",
    "Patient",
    "Phototype",
    "ScarAssessment",
    "ScarFinding",
    "TrailEntry",
]
