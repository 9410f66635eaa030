"""Administrative units in time."""
