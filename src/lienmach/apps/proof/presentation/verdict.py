"""The answer about a proof file in plain words: what holds, by whose keys, and never a bare tick."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from lienmach.apps.proof.presentation.words import GROUPS, TIERS, Facts, kind_title
from lienmach.apps.proof.queries import Examined
from lienmach.kernel.evidence import Event, Origin
from lienmach.kernel.web import formatting
from lienmach.kernel.web.events import ORIGINS, event_body
from lienmach.kernel.web.meaning import Meaning

FAULTS = {
    "too-large": gettext_lazy(
        "The file is larger than 1 MB. A proof has a few kilobytes: choose the right file."
    ),
    "file": gettext_lazy(
        "This is not a proof file, or not as it was written: it was changed, cut off or saved anew."
    ),
    "leaf": gettext_lazy("The log entry inside is not one of this format."),
    "own-policy": gettext_lazy("The policy you gave cannot be read. Correct it and try again."),
    "imposter": gettext_lazy(
        "It names a log of this platform, but with a key that is not the log's. A forgery."
    ),
    "unknown-log": gettext_lazy("The policy does not name the log that this proof comes from."),
    "no-log-signature": gettext_lazy("The state of the log inside is not signed by the log."),
    "signature": gettext_lazy("A signature of a witness does not hold."),
    "few-witnesses": gettext_lazy("Fewer witnesses cosigned than the policy asks for."),
    "inclusion": gettext_lazy("The entry does not stand in the log at the place it claims."),
    "opening": gettext_lazy("The content shown is not what was recorded."),
    "province": gettext_lazy("The provincial log does not hold this log's state as the file says."),
    "author": gettext_lazy("The author's signature does not belong to this entry."),
}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer about a proof file, in words; never a bare tick."""

    meaning: Meaning
    title: str
    sentences: tuple[str, ...]
    content: tuple[tuple[Any, Facts], ...] = ()
    facts: tuple[tuple[Any, Any], ...] = ()
    holds: bool = False
    witnessed: bool = False


def verdict_of(examined: Examined) -> Verdict:
    """Return the answer about a file in plain words."""
    if examined.shown is None:
        return Verdict(
            meaning=Meaning.BAD,
            title=_("Not proved: do not rely on this file"),
            sentences=tuple(filter(None, (str(FAULTS[examined.fault]), examined.reason))),
        )
    names = ", ".join(each.name for each in examined.witnesses)
    known = [each for each in examined.witnesses if each.known]
    if not examined.witnesses:
        meaning, title = Meaning.WATCH, _("The log signed it, but it is unwitnessed")
        first = _(
            "Nobody but the log itself vouches that everybody is shown the same history. Until somebody "
            "outside does, this is only a signed database."
        )
    else:
        meaning = Meaning.GOOD if known or examined.trust == "own" else Meaning.INFORMATION
        words = {"names": names, "count": len(examined.witnesses), "asked": examined.asked}
        title = _("Unchanged since it was logged, witnessed by %(names)s") % words
        first = _("%(count)d of the %(asked)d witnesses that the policy names have cosigned.") % words
    return Verdict(
        meaning=meaning,
        title=title,
        sentences=(first, _trust(examined)),
        content=_content(examined),
        facts=tuple(_file_facts(examined)),
        holds=True,
        witnessed=bool(examined.witnesses),
    )


def _trust(examined: Examined) -> str:
    if examined.trust == "own":
        return _("Checked against the policy you gave.")
    if examined.trust == "known" and all(each.known for each in examined.witnesses):
        return _("The keys are those that this platform publishes.")
    if examined.trust == "known":
        return _(
            "The log's key is the one that this platform publishes; it does not know every witness named."
        )
    return _(
        "Checked with the keys inside the file, which its sender chose: compare them with the keys you "
        "received another way."
    )


def _content(examined: Examined) -> tuple[tuple[Any, Facts], ...]:
    shown = examined.shown
    assert shown is not None  # noqa: S101 - the caller asked for what holds
    parts = []
    for group in ("public", "partner", "private"):
        content = examined.groups.get(group)
        if content is None:
            continue
        body = content.get("body") if isinstance(content, dict) else content
        fields = body if isinstance(body, dict) else {}
        facts: Facts = list(event_body(_as_event(shown.leaf.kind, fields)))
        if isinstance(content, dict):
            facts += [
                (_envelope_title(name), _envelope(name, value))
                for name, value in content.items()
                if name != "body"
            ]
        parts.append((GROUPS[group], facts))
    return tuple(parts)


def _as_event(kind: str, body: dict[str, Any]) -> Event:
    """An event with only its type and content: what a file shows of it."""
    long_ago = datetime(1970, 1, 1, tzinfo=UTC)
    return Event(
        event_id=UUID(int=0), type=kind, version=1, time=long_ago, recorded_at=long_ago,
        organisation=UUID(int=0), subject="", actor="",
        origin=Origin.SELF_REPORTED, corrects=None, retract=False, body=body,
    )  # fmt: skip


def _envelope_title(name: str) -> str:
    return {
        "origin": _("On whose word"),
        "recorded_at": _("Recorded"),
        "time": _("Happened"),
        "version": _("Version"),
        "subject": _("About"),
        "actor": _("By"),
        "corrects": _("Corrects"),
        "retract": _("Takes it back"),
    }.get(name, name)


def _envelope(name: str, value: Any) -> Any:
    if name == "origin":
        return next((words for origin, words in ORIGINS.items() if origin.value == value), str(value))
    if name in ("time", "recorded_at") and isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return formatting.moment(moment, zone=timezone.get_current_timezone())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _file_facts(examined: Examined) -> Facts:
    shown, zone = examined.shown, timezone.get_current_timezone()
    assert shown is not None  # noqa: S101 - the caller asked for what holds
    language = formatting.language_of(get_language())
    head = shown.verdict.checkpoint
    facts: Facts = [(_("What happened"), kind_title(shown.leaf.kind))]
    for each in examined.witnesses:
        words = {
            "name": each.name,
            "key": each.key,
            "at": formatting.moment(each.at, zone=zone),
            "known": _("known to this platform") if each.known else _("not known to this platform"),
        }
        facts.append((_("Witness"), _("%(name)s at %(at)s, key %(key)s, %(known)s") % words))
    author = f"{shown.author.name}+{shown.author.id.hex()}" if shown.author else _("not shown")
    whence = "" if examined.tier_known or not examined.tier else _(" (by the form of its signature)")
    if shown.province is not None:
        held = shown.province
        words = {
            "log": held.checkpoint.origin,
            "size": formatting.number(held.checkpoint.size, language=language),
            "names": ", ".join(sorted(held.witnesses)) or _("nobody"),
        }
        facts.append(
            (_("Held in another log too"), _("%(log)s, %(size)s leaves, witnessed by %(names)s") % words)
        )
    facts += [
        (_("Author's key"), author),
        (_("Who holds the key"), f"{TIERS[examined.tier]}{whence}"),
        (_("Not shown"), ", ".join(str(GROUPS[group]) for group in shown.closed) or _("nothing")),
        (_("Log"), head.origin),
        (_("Index"), formatting.number(shown.index, language=language)),
        (_("Leaves in the log then"), formatting.number(head.size, language=language)),
        (_("Event"), shown.leaf.event),
        (_("Leaf hash"), examined.hash),
        (_("Key of the log"), ", ".join(examined.log_keys)),
    ]
    return facts
