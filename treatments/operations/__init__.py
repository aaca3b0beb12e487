from treatments.operations.drafts import DraftExists, go_back, save_draft
from treatments.operations.load import load_knowledge
from treatments.operations.publish import (
    ApprovalMissing,
    DoesNotFit,
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
from treatments.operations.rows import StillRead, remove_row, save_row

__all__ = [
    "ApprovalMissing",
    "DoesNotFit",
    "DraftChanged",
    "DraftExists",
    "NotPublished",
    "NothingChanged",
    "NothingPublished",
    "Published",
    "StillRead",
    "WhyMissing",
    "approve",
    "discard",
    "draft_of",
    "go_back",
    "load_knowledge",
    "publish",
    "remove_row",
    "save_draft",
    "save_row",
]
