"""What this app tells: answers that firms give themselves."""

from lienmach.kernel.evidence import EventBody, event_type, private


@event_type("maturity.answer_declared", version=1)
class AnswerDeclared(EventBody):
    """A firm answered a criterion of an instrument itself."""

    instrument: str = private(description="Identity of the instrument.")
    instrument_version: int = private(description="Its version.")
    criterion: str = private(description="Number of the criterion.")
    points: int | None = private(default=None, description="Points on the criterion's scale.")
    numerator: int | None = private(default=None, description="Of a ratio: the part.")
    denominator: int | None = private(default=None, description="Of a ratio: the whole.")
