"""Whose log holds what the platform says of itself: sealed segments and everybody's checkpoints."""

from uuid import UUID

PLATFORM = UUID("6c69656e-6d61-8368-8070-6c6174666f72")
"""Stands in every installation for the platform itself (in bytes: "lien", "ma", "h", "platfor")."""
CODE = "platform"
"""What people call it on the command line."""
