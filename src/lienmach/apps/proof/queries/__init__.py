"""Every read of this app."""

from lienmach.apps.proof.queries.examine import LARGEST_FILE, Examined, Seen, file_examine
from lienmach.apps.proof.queries.log import (
    FOR_PARTNERS,
    GROUPS,
    Health,
    LeafRecord,
    Subject,
    SubjectLeaf,
    health,
    leaf,
    leaf_of_anybody,
    leaves,
    proof_file,
    subject,
)

__all__ = [
    "FOR_PARTNERS",
    "GROUPS",
    "LARGEST_FILE",
    "Examined",
    "Health",
    "LeafRecord",
    "Seen",
    "Subject",
    "SubjectLeaf",
    "file_examine",
    "health",
    "leaf",
    "leaf_of_anybody",
    "leaves",
    "proof_file",
    "subject",
]
