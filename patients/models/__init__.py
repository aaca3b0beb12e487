from patients.models.consent import Consent, ConsentConfirmation, ConsentReading, ConsentWithdrawal, PurposeConsent
from patients.models.facts import Answer, Evaluation, Phototype, ScarAssessment, ScarFinding
from patients.models.people import CareTeam, Patient
from patients.models.trail import TrailEntry

__all__ = [
    "Answer",
    "CareTeam",
    "Consent",
    "ConsentConfirmation",
    "ConsentReading",
    "ConsentWithdrawal",
    "Evaluation",
    "Patient",
    "Phototype",
    "PurposeConsent",
    "ScarAssessment",
    "ScarFinding",
    "TrailEntry",
]
