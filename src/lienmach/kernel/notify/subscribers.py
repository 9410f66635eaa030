"""What notify does when an event arrives: it queues a call for each program that listens to its type."""

from collections.abc import Iterator, Mapping, Sequence

from lienmach.kernel.evidence import Event, batch_subscriber
from lienmach.kernel.evidence.types import all_types
from lienmach.kernel.jobs.services import job_enqueue
from lienmach.kernel.notify.models import Webhook
from lienmach.kernel.scope import SystemScope


class EveryType(Mapping[str, Sequence[str]]):
    """All declared event types, those of apps that load later too; no field is read."""

    def __getitem__(self, name: str) -> Sequence[str]:
        return ()

    def __iter__(self) -> Iterator[str]:
        return iter([declared.name for declared in all_types()])

    def __len__(self) -> int:
        return len(all_types())


@batch_subscriber("notify.webhooks", reads=EveryType())
def call_webhooks(events: Sequence[Event]) -> None:
    """Queue the calls in the transaction of the cursor: none is lost, each is made at least once."""
    concerned = {event.organisation for event in events}
    listening = list(Webhook.objects.filter(organisation_id__in=concerned, removed_at=None))
    for event in events:
        for webhook in listening:
            if (
                webhook.organisation_id == event.organisation
                and webhook.created_at <= event.recorded_at
                and event.type in webhook.types
            ):
                _enqueue(webhook, event)


def _enqueue(webhook: Webhook, event: Event) -> None:
    job_enqueue(
        SystemScope(),
        task="notify.webhook_call",
        arguments={"webhook": str(webhook.id), "event": str(event.event_id)},
        at=event.recorded_at,
        organisation=event.organisation,
    )
