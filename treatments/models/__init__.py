from treatments.models.catalogue import (
    Concern,
    ConcernReference,
    ConcernTreatment,
    ConcernVersion,
    Reference,
    SideEffect,
    Step,
    Treatment,
    TreatmentVersion,
)
from treatments.models.consent import ConsentReference, ConsentVersion
from treatments.models.intervals import Interval, IntervalsVersion, Prerequisite
from treatments.models.scars import ScarWeight, ScarWeightsVersion
from treatments.models.screening import Question, QuestionnaireVersion, Rule, RulesVersion, Window

__all__ = [
    "Concern",
    "ConcernReference",
    "ConcernTreatment",
    "ConcernVersion",
    "ConsentReference",
    "ConsentVersion",
    "Interval",
    "IntervalsVersion",
    "Prerequisite",
    "Question",
    "QuestionnaireVersion",
    "Reference",
    "Rule",
    "RulesVersion",
    "ScarWeight",
    "ScarWeightsVersion",
    "SideEffect",
    "Step",
    "Treatment",
    "TreatmentVersion",
    "Window",
]
