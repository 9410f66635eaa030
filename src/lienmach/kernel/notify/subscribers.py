"""What notify does when an event arrives: it queues a call for each program that listens to its type."""

from collections.abc import Iterator, Mapping, Sequence

from lienmach.kernel.evidence import Event, subscriber
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


@subscriber("notify.webhooks", reads=EveryType())
def call_webhooks(event: Event) -> None:
    """Queue the calls in the transaction of the cursor: none is lost, each is made at least once."""
    listening = Webhook.objects.filter(
        organisation_id=event.organisation, removed_at=None, created_at__lte=event.recorded_at
    )
    for webhook in listening:
        if event.type in webhook.types:
            job_enqueue(
                SystemScope(),
                task="notify.webhook_call",
                arguments={"webhook": str(webhook.id), "event": str(event.event_id)},
                at=event.recorded_at,
                organisation=event.organisation,
            )
