"""The health of a log in words, and what to do next."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.apps.proof.presentation.words import Facts
from lienmach.kernel.evidence.log.health import Advice, LogHealth, WitnessHealth
from lienmach.kernel.web import formatting
from lienmach.kernel.web.meaning import Meaning
from lienmach.kernel.web.tables import Column, Kind, Table

ADVICE = {
    Advice.RESUME: gettext_lazy(
        "The log is held: events are kept, nothing is signed. Whoever runs the platform types "
        "“lienmach evidence resume” and follows what it says."
    ),
    Advice.MEND_POLICY: gettext_lazy(
        "Nobody knows which witnesses to ask, so nothing is signed: the file witnesses.policy, or the log’s "
        "key, cannot be read. Whoever runs the platform types “lienmach logs” and mends what it names."
    ),
    Advice.START_WORKER: gettext_lazy(
        "Something has waited for over a minute, so the worker is not running. Whoever runs the platform "
        "starts it: “lienmach worker” (or “lienmach start”)."
    ),
    Advice.NOT_SIGNED: gettext_lazy(
        "The newest leaves have waited for their signature for over a minute: the worker is not running, or "
        "no witness answers. Whoever runs the platform starts it, or calls the witnesses below that do not "
        "cosign."
    ),
    Advice.WAIT_FOR_WITNESSES: gettext_lazy(
        "The newest state is signed and waits for its witnesses. It is published when enough of them have "
        "answered; if that takes long, call those below that do not cosign or are behind."
    ),
    Advice.CHECK_WITNESSES: gettext_lazy(
        "A witness has not cosigned the newest state. If it stays behind, ask whoever runs it."
    ),
    Advice.ASK_WITNESSES: gettext_lazy(
        "The log is unwitnessed. Ask an association, a buyer or a university to be a witness; until then "
        "this is only a signed database."
    ),
    Advice.NOTHING_YET: gettext_lazy("Nothing is recorded yet. The log begins with the first event."),
    Advice.NOTHING: gettext_lazy("Nothing. Everything recorded is signed and witnessed."),
}
ADVICE_MEANING = {
    Advice.RESUME: Meaning.BAD,
    Advice.MEND_POLICY: Meaning.BAD,
    Advice.START_WORKER: Meaning.BAD,
    Advice.NOT_SIGNED: Meaning.BAD,
    Advice.WAIT_FOR_WITNESSES: Meaning.WATCH,
    Advice.CHECK_WITNESSES: Meaning.WATCH,
    Advice.ASK_WITNESSES: Meaning.WATCH,
    Advice.NOTHING_YET: Meaning.IDLE,
    Advice.NOTHING: Meaning.GOOD,
}


def health_facts(health: LogHealth, at: datetime) -> Facts:
    """Return the figures of a log's health."""
    language, zone = formatting.language_of(get_language()), timezone.get_current_timezone()

    def number(value: int) -> str:
        return formatting.number(value, language=language)

    waiting = number(health.waiting)
    if health.oldest_waiting is not None:
        since = formatting.duration(max(at - health.oldest_waiting, timedelta()), language=language)
        waiting = _("%(count)s, the oldest for %(since)s") % {"count": waiting, "since": since}
    return [
        (_("Log"), health.log or formatting.NOTHING),
        (_("Leaves"), number(health.size)),
        (_("Waiting for their place"), waiting),
        (_("Signed up to"), number(health.signed)),
        (_("Last signed"), formatting.moment(health.signed_at, zone=zone)),
        (_("Witnessed up to"), number(health.witnessed) if health.witnessed else _("unwitnessed")),
        (_("Published up to"), number(health.published)),
        (_("Held"), health.held or _("no")),
    ]


def _state(row: WitnessHealth) -> tuple[Meaning, str]:
    if not row.url:
        return Meaning.IDLE, _("former")
    if row.failing_since is not None:
        return Meaning.BAD, _("does not cosign")
    if row.size is None:
        return Meaning.WATCH, _("has never answered")
    if row.behind:
        return Meaning.WATCH, _("is behind")
    return Meaning.GOOD, _("has cosigned everything")


WITNESSES = Table(
    "witnesses",
    title=gettext_lazy("Witnesses"),
    show_title=True,
    columns=(
        Column("name", gettext_lazy("Witness")),
        Column(
            "state",
            gettext_lazy("State"),
            Kind.BADGE,
            value=lambda row: _state(row),
        ),
        Column("size", gettext_lazy("Cosigned up to"), Kind.NUMBER),
        Column("behind", gettext_lazy("Leaves behind"), Kind.NUMBER),
        Column("at", gettext_lazy("Cosigned last"), Kind.DATETIME),
        Column("url", gettext_lazy("Address"), wide_only=True),
        Column("key", gettext_lazy("Key"), wide_only=True),
    ),
    sort="state",
    exports=False,
    empty_title=gettext_lazy("No witness is asked"),
    empty_text=gettext_lazy(
        "An association, a buyer or a university runs a small program and gives its key to whoever runs this "
        "platform. Witnesses of different owners count."
    ),
)
