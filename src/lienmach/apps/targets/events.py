"""What this app tells: the goals that agencies set."""

from lienmach.kernel.evidence import EventBody, event_type, public


@event_type("targets.target_set", version=1)
class TargetSet(EventBody):
    """An agency set a goal for an indicator, a unit and a year."""

    indicator: str = public(description="Identity of the indicator.")
    unit: str = public(description="Administrative unit the goal is for.")
    year: int = public(description="Calendar year.")
    value_bp: int = public(description="Goal in hundredths of a percent.")
    act: str = public(description="The decision that sets it.")
