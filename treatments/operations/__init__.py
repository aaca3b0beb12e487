from treatments.operations.drafts import DraftExists, go_back, save_draft
from treatments.operations.load import load_knowledge
from treatments.operations.publish import (
    ApprovalMissing,
    DraftChanged,
    NothingChanged,
    NothingPublished,
    NotPublished,
    Published,
    WhyMissing,
    approve,
    discard,
    draft_of,
    publish,
)

__all__ = [
    "ApprovalMissing",
    "DraftChanged",
    "DraftExists",
    "NotPublished",
    "NothingChanged",
    "NothingPublished",
    "Published",
    "WhyMissing",
    "approve",
    "discard",
    "draft_of",
    "go_back",
    "load_knowledge",
    "publish",
    "save_draft",
]
