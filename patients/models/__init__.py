from patients.models.consent import Consent, ConsentConfirmation, ConsentReading, ConsentWithdrawal, PurposeConsent
from patients.models.emergency import EmergencyAccess
from patients.models.facts import Answer, Evaluation, Phototype, ScarAssessment, ScarFinding
from patients.models.grades import ScarGrade, SunExposure
from patients.models.people import CareTeam, Patient
from patients.models.photos import Gone, Photo, PhotoRemoval, View
from patients.models.trail import TrailEntry

__all__ = [
    "Answer",
    "CareTeam",
    "Consent",
    "ConsentConfirmation",
    "ConsentReading",
    "ConsentWithdrawal",
    "EmergencyAccess",
    "Evaluation",
    "Gone",
    "Patient",
    "Photo",
    "PhotoRemoval",
    "Phototype",
    "PurposeConsent",
    "ScarAssessment",
    "ScarFinding",
    "ScarGrade",
    "SunExposure",
    "TrailEntry",
    "View",
]
