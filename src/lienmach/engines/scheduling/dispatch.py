"""Event-driven dispatch: walk through time, and whenever a machine could begin something, begin the best.

At every instant at which a machine becomes free, opens, or gets a new operation in its queue, each idle
machine proposes the operation that a priority rule likes best among those it can begin now; the best
proposal is booked, the machines concerned propose again, until nothing more can begin. What is booked is
never revised, so the walk always ends with a feasible schedule if every operation fits somewhere; that makes
it the fallback for everything and the decoder of a search over priorities. Its work is proportional to the
number of operations, alternatives and interruptions, times the logarithm of the queues.
"""

from __future__ import annotations

import heapq
import math
from typing import NamedTuple

from lienmach.engines.scheduling.ahead import Ahead, Late, Slot
from lienmach.engines.scheduling.calendar import NEVER
from lienmach.engines.scheduling.draft import Draft
from lienmach.engines.scheduling.floor import IMPOSSIBLE, Block, Floor, Placement
from lienmach.engines.scheduling.obstacles import broken_commitments, cannot_wait, never_fits, unreached
from lienmach.engines.scheduling.queues import Candidate, Queue
from lienmach.engines.scheduling.rules import Form, Priorities, Rule
from lienmach.engines.scheduling.setups import finish
from lienmach.engines.scheduling.shop import Shop
from lienmach.engines.scheduling.streams import arrival, end_bound, start_bound, tails

_ARRIVAL, _WAKE = 0, 1

# What the steps of a walk cost, in units of work of about one microsecond on a slow core; looking at a queue
# costs 1. They only have to be in proportion: see `budget`.
_ARRIVAL_WORK, _MODE_WORK, _PLACE_WORK, _CREW_WORK = 10, 3, 4, 12

_PUT_OFF = 3
"""How often a group waits for its moment before it is booked ahead: between trying again whenever something
changes, and deciding everything at the first opportunity."""


class Proposal(NamedTuple):
    """What a machine would like to begin now."""

    score: float
    kind: int
    members: list[int]
    placement: Placement


def dispatch(shop: Shop, rule: Rule, nudges: list[float] | None = None) -> Draft:
    """Schedule a whole shop by one rule.

    Parameters
    ----------
    nudges
        Per operation a number added to its priority, in units that suit the rule; for searching around a
        rule.

    Returns
    -------
    Draft
        Complete, or with every obstacle found. `work` counts the candidates that were looked at.
    """
    return _Walk(shop, rule, nudges).run()


class _Walk:
    def __init__(self, shop: Shop, rule: Rule, nudges: list[float] | None) -> None:
        self.shop = shop
        self.rule = rule
        self.priorities = Priorities(shop, rule, nudges)
        self.floor = Floor(shop)
        self.ahead = Ahead(self.floor)
        self.groups = shop.groups
        self.group_missing = list(shop.groups.missing)
        self.put_off = [0] * len(shop.groups.groups)
        count = len(shop.operations)
        self.taken = bytearray(count)
        self.work = 0
        self.events: list[tuple[int, int, int]] = []
        self.queues = [
            Queue(kind, self.priorities.deadline, self.priorities.patience, self.taken)
            for kind in range(len(shop.kinds))
        ]
        self.queues_at: list[list[Queue]] = [[] for _ in shop.machine_time]
        for queue in self.queues:
            self.queues_at[shop.kinds[queue.kind].machine].append(queue)
        # Per machine: operations that do not fit now, as (ask again at, operation, mode).
        self.set_aside: list[list[tuple[int, int, int]]] = [[] for _ in shop.machine_time]
        # Per machine: operations that wait for it elsewhere, and the time they will keep it.
        self.awaited_by: list[list[int]] = [[] for _ in shop.machine_time]
        self.promised = [0 for _ in shop.machine_time]
        # Per operation: the machine it waits for, and the modes whose queues it left for that.
        self.waits_for = [-1] * count
        self.left_queues: list[list[int]] = [[] for _ in range(count)]
        self.possible = [len(modes) for modes in shop.modes]
        # Per batching kind: (moment, operation) of arrivals that are already certain.
        self.expected: list[list[tuple[int, int]]] = [[] for _ in shop.kinds]
        self.missing = [len(before) for before in shop.before]
        self.ready_at = list(shop.earliest)
        # Per operation whose parts come in transfer batches: when each of its modes may begin.
        self.not_before: dict[int, list[int]] = {}
        self.woken: set[int] = set()
        self.obstacles = list(self.floor.obstacles)

    def run(self) -> Draft:
        if not self.obstacles:
            self._begin()
            self._walk()
            finish(self.floor)
            self.obstacles += broken_commitments(self.shop, self.floor.booked)
            self.obstacles += unreached(self.shop, self.taken, self.missing, self.ready_at, self.obstacles)
        return Draft(self.floor.booked, self.obstacles, self.work + self.ahead.work)

    def _begin(self) -> None:
        shop = self.shop
        committed = [i for i, booking in enumerate(self.floor.booked) if booking is not None]
        for i in committed:
            self.taken[i] = 1
        for i in range(len(shop.operations)):
            if not self.missing[i] and not self.taken[i] and self.groups.number[i] < 0:
                self._announce(i)
        for number, missing in enumerate(self.group_missing):
            if not missing:
                self._announce_group(number)
        for i in committed:
            self._release_followers(i)
        for machine, blocks in enumerate(self.floor.blocks):
            self._wake(machine, self.floor.free[machine])
            for block in blocks:
                self._wake(machine, max(block.end, shop.start))

    def _walk(self) -> None:
        events = self.events
        while events:
            t = events[0][0]
            awake: set[int] = set()
            while events and events[0][0] == t:
                _, what, number = heapq.heappop(events)
                if what == _WAKE:
                    awake.add(number)
                else:
                    self._arrive(number, t, awake)
            self._decide(t, awake)

    # -- operations come and go --------------------------------------------------------------------------

    def _wake(self, machine: int, t: int) -> None:
        if t < NEVER:
            heapq.heappush(self.events, (t, _WAKE, machine))

    def _announce(self, i: int) -> None:
        """All predecessors of an operation are booked: it is known when it can begin."""
        t = self.ready_at[i]
        heapq.heappush(self.events, (t, _ARRIVAL, i))
        if self.rule.batch_patience:
            for _, _, kind in self.shop.modes[i]:
                if self.shop.kinds[kind].recipe is not None:
                    heapq.heappush(self.expected[kind], (t, i))

    def _announce_group(self, number: int) -> None:
        group = self.groups.groups[number]
        if any(
            link.max_wait is not None and self.shop.operations[link.before].committed is not None
            for i in group.members
            for link in self.shop.into[i]
        ):
            # What it follows has ended, or will at a known moment: nobody else may come between.
            self._reserve(number, self.shop.start, at_once=True)
            return
        t = self.groups.lead_time(group, self.ready_at)
        heapq.heappush(self.events, (t, _ARRIVAL, group.leader))

    def _release_followers(self, i: int) -> None:
        booking = self.floor.booked[i]
        for link in self.shop.onward[i]:
            following = link.after
            self.missing[following] -= 1
            ready = NEVER
            if booking is not None and link.transfer is None:
                ready = booking.placement.end + link.min_wait
            elif booking is not None:
                # What a mode asks for beyond this is looked up when the operation arrives.
                kinds = {kind for _, _, kind in self.shop.modes[following]}
                ready = min(arrival(self.shop, link, booking, kind) for kind in kinds)
            if ready > self.ready_at[following]:
                self.ready_at[following] = ready
            number = self.groups.number[following]
            if number >= 0:
                if self.groups.number[i] != number:
                    self.group_missing[number] -= 1
                    if not self.group_missing[number]:
                        self._announce_group(number)
            elif not self.missing[following] and not self.taken[following]:
                self._announce(following)

    def _arrive(self, i: int, t: int, awake: set[int]) -> None:
        if self.priorities.by_arrival:
            self.priorities.value[i] = [-float(t)] * len(self.shop.modes[i])
        self.work += _ARRIVAL_WORK + _MODE_WORK * len(self.shop.modes[i])
        streamed = any(link.transfer is not None for link in self.shop.into[i])
        if streamed and self.groups.number[i] < 0:
            self.not_before[i] = [self._stream_bound(i, mode, t) for mode in range(len(self.shop.modes[i]))]
        for mode, (machine, _, _) in enumerate(self.shop.modes[i]):
            ready = self.not_before[i][mode] if i in self.not_before else t
            if ready >= NEVER:
                self._give_up_mode(i, mode, t)
            elif ready > t:
                self._set_aside(i, mode, ready)
            else:
                self._enqueue(i, mode, t)
                awake.add(machine)

    def _stream_bound(self, i: int, mode: int, t: int) -> int:
        """When a mode may begin so as to have the first batch, and not to run dry before the last."""
        machine, duration, kind = self.shop.modes[i][mode]
        earlier = []
        for link in self.shop.into[i]:
            booking = self.floor.booked[link.before]
            if booking is not None:
                t = max(t, arrival(self.shop, link, booking, kind))
                earlier.append((link, booking))
        left = tails(self.shop, earlier, duration, kind)
        resumable = self.shop.operations[i].resumable
        crews = self.shop.kinds[kind].crews
        times = [crew.run_time for crew in crews] or [self.shop.machine_time[machine]]
        return max(start_bound(time, end_bound(time, left), duration, resumable, t) for time in times)

    def _enqueue(self, i: int, mode: int, t: int) -> None:
        kind = self.shop.modes[i][mode][2]
        self.queues[kind].push(i, mode, self.priorities.value[i][mode], t)

    def _set_aside(self, i: int, mode: int, until: int) -> None:
        machine = self.shop.modes[i][mode][0]
        heapq.heappush(self.set_aside[machine], (until, i, mode))
        self._wake(machine, until)

    def _give_up_mode(self, i: int, mode: int, t: int) -> None:
        """An operation can never begin on one of its machines any more."""
        self.possible[i] -= 1
        if self.waits_for[i] == self.shop.modes[i][mode][0]:
            self._return_to_queues(i, t)
        if not self.possible[i]:
            self.obstacles.append(never_fits(self.shop, i, self.ready_at[i]))

    # -- decisions ---------------------------------------------------------------------------------------

    def _decide(self, t: int, awake: set[int]) -> None:
        """Let machines begin what they can at `t`, most urgent first."""
        proposals: dict[int, Proposal] = {}
        stale = awake
        while True:
            for machine in sorted(stale):
                proposal = self._propose(machine, t)
                if proposal is None:
                    proposals.pop(machine, None)
                else:
                    proposals[machine] = proposal
            if self.woken:
                # Operations came back to queues while others proposed.
                stale, self.woken = self.woken, set()
                continue
            if not proposals:
                return
            machine = min(proposals, key=lambda m: (-proposals[m].score, proposals[m].members[0], m))
            chosen = proposals.pop(machine)
            number = self.groups.number[chosen.members[0]]
            if number >= 0:
                self._begin_group(number, t)
                stale = {machine, *proposals, *self.woken}
                self.woken = set()
                continue
            self._book(chosen, machine, t)
            gone = set(chosen.members)
            crewed = chosen.placement.crew is not None
            stale = {
                other
                for other, proposal in proposals.items()
                if (crewed and proposal.placement.crew is not None) or not gone.isdisjoint(proposal.members)
            }
            stale |= self.woken
            self.woken = set()
            if self.shop.unlimited[machine] or self.floor.free[machine] <= t:
                stale.add(machine)

    def _book(self, chosen: Proposal, machine: int, t: int) -> None:
        self.floor.book(chosen.members, chosen.kind, chosen.placement)
        for i in chosen.members:
            self.taken[i] = 1
        for i in chosen.members:
            self._release_followers(i)
        self._wake(machine, chosen.placement.end)
        self.promised[machine] = 0
        awaiting, self.awaited_by[machine] = self.awaited_by[machine], []
        for i in awaiting:
            if not self.taken[i]:
                self._return_to_queues(i, t)

    def _begin_group(self, number: int, t: int) -> None:
        """Book a group whose leader was chosen, or let it wait for its moment."""
        leader = self.groups.groups[number].leader
        later = self._reserve(number, t, at_once=self.put_off[number] >= _PUT_OFF)
        if later > t:
            self.put_off[number] += 1
            for mode, (_, _, kind) in enumerate(self.shop.modes[leader]):
                self.queues[kind].discard(leader)
                self._set_aside(leader, mode, later)

    def _reserve(self, number: int, t: int, *, at_once: bool) -> int:
        """Book a group ahead; when that may wait, and nothing of it begins at `t`, say when it would."""
        members = self.groups.groups[number].members
        self.floor.forget(t)
        self.ahead.now = t
        found = self.ahead.place_group(members, {i: max(t, self.ready_at[i]) for i in members})
        if isinstance(found, Late):
            self.obstacles.append(cannot_wait(self.shop, members, found))
            for i in members:
                self.taken[i] = 1
            return t
        begin = min(slot.placement.setup_start for slot in found)
        if begin > t and not at_once:
            self.ahead.give_back(members, found, 0)
            return begin
        for i in members:
            self.taken[i] = 1
        for i, slot in zip(members, found, strict=True):
            self._release_followers(i)
            self._wake(slot.machine, slot.placement.start)
            self._wake(slot.machine, slot.placement.end)
        return t

    def _fill(self, machine: int, t: int) -> None:
        """Let operations that wait join a reserved batch that begins now."""
        blocks = self.floor.blocks[machine]
        for block in blocks[self.floor.next_block[machine] :]:
            if block.start > t:
                return
            if block.kind >= 0 and block.start == t and block.placement is not None:
                self._join(block, block.placement, t)

    def _join(self, block: Block, placement: Placement, t: int) -> None:
        for candidate in self.queues[block.kind].waiting(t):
            i = candidate.operation
            duration = self.shop.modes[i][candidate.mode][1]
            self.work += 1
            if self.groups.number[i] < 0 and self.ahead.may_join(i, duration, block):
                machine = self.shop.kinds[block.kind].machine
                self.ahead.reserve(i, Slot(placement, machine, block.kind, duration, block))
                self.taken[i] = 1
                self._release_followers(i)

    def _return_to_queues(self, i: int, t: int) -> None:
        """Stop waiting for a busy machine: any machine may have the operation again."""
        self.waits_for[i] = -1
        modes, self.left_queues[i] = self.left_queues[i], []
        for mode in modes:
            self._enqueue(i, mode, t)
            self.woken.add(self.shop.modes[i][mode][0])

    def _propose(self, machine: int, t: int) -> Proposal | None:
        floor = self.floor
        if self.groups.groups:
            self._fill(machine, t)
        floor.settle(machine, t)
        if floor.free[machine] > t:
            return None
        aside = self.set_aside[machine]
        while aside and aside[0][0] <= t:
            _, i, mode = heapq.heappop(aside)
            if not self.taken[i]:
                self._enqueue(i, mode, t)
        while True:
            found = self._best_queue(machine, t)
            if found is None:
                return None
            score, queue, candidate = found
            if self.groups.number[candidate.operation] >= 0:
                return Proposal(score, queue.kind, [candidate.operation], IMPOSSIBLE)
            if self.shop.kinds[queue.kind].recipe is None:
                proposal = self._try_one(score, queue, candidate, machine, t)
            else:
                proposal = self._try_batch(score, queue, t)
            if proposal is not None:
                return proposal

    def _best_queue(self, machine: int, t: int) -> tuple[float, Queue, Candidate] | None:
        best: tuple[float, Queue, Candidate] | None = None
        self.work += len(self.queues_at[machine])
        per_second = self.priorities.per_setup_second
        for queue in self.queues_at[machine]:
            if queue.blocked_until > t:
                continue
            candidate = queue.best(t)
            if candidate is None:
                continue
            score = candidate.score
            if per_second:
                score -= per_second * self.shop.setup_seconds(queue.kind, self.floor.family[machine])
            if best is None or (-score, candidate.operation) < (-best[0], best[2].operation):
                best = (score, queue, candidate)
        return best

    def _try_one(
        self, score: float, queue: Queue, candidate: Candidate, machine: int, t: int
    ) -> Proposal | None:
        """A proposal, or None after the candidate (or its whole queue) was put off."""
        i = candidate.operation
        duration = self.shop.modes[i][candidate.mode][1]
        self.work += _PLACE_WORK + _CREW_WORK * len(self.shop.kinds[queue.kind].crews)
        placement = self.floor.place(queue.kind, duration, self.shop.operations[i].resumable, t)
        if placement.wake > t:
            if placement.everyone and placement.wake < NEVER:
                queue.blocked_until = placement.wake
                self._wake(machine, placement.wake)
                return None
            queue.remove(candidate)
            if placement.wake >= NEVER:
                self._give_up_mode(i, candidate.mode, t)
            else:
                self._set_aside(i, candidate.mode, placement.wake)
            return None
        if self.rule.choosy and self.possible[i] > 1 and self.waits_for[i] != machine:
            better = self._better_machine(i, machine, placement.end, t)
            if better is not None:
                queue.remove(candidate)
                self._wait_for(i, candidate.mode, better, t)
                return None
        return Proposal(score, queue.kind, [i], placement)

    def _better_machine(self, i: int, machine: int, end: int, t: int) -> tuple[int, int] | None:
        """(machine, seconds it would be kept) of another machine that would finish the operation before
        `end`."""
        best: tuple[int, int] | None = None
        for other, duration, kind in self.shop.modes[i]:
            if other == machine:
                continue
            begin = max(t, self.floor.free[other]) + self.promised[other]
            if i in self.not_before:
                begin = max(begin, self._not_before_on(i, other))
            if begin + duration >= end:
                continue
            self.work += _PLACE_WORK
            placement = self.floor.place(kind, duration, self.shop.operations[i].resumable, begin)
            if placement.wake > begin and self.shop.kinds[kind].crews:
                continue
            if placement.end < end:
                end = placement.end
                best = (other, max(0, placement.end - begin))
        return best

    def _not_before_on(self, i: int, machine: int) -> int:
        modes = enumerate(self.shop.modes[i])
        return next(self.not_before[i][mode] for mode, (where, _, _) in modes if where == machine)

    def _wait_for(self, i: int, mode: int, better: tuple[int, int], t: int) -> None:
        machine, kept = better
        self.left_queues[i].append(mode)
        # It may have left that very queue for a third machine; it has to stand in the one it waits for.
        for left in self.left_queues[i]:
            if self.shop.modes[i][left][0] == machine:
                self.left_queues[i].remove(left)
                self._enqueue(i, left, t)
                self.woken.add(machine)
                break
        if self.waits_for[i] != machine:
            self.waits_for[i] = machine
            self.promised[machine] += kept
            self.awaited_by[machine].append(i)

    def _try_batch(self, score: float, queue: Queue, t: int) -> Proposal | None:
        """The most urgent operations of a recipe that the furnace holds together."""
        kind = self.shop.kinds[queue.kind]
        capacity = self.shop.capacity[kind.machine]
        members: list[Candidate] = []
        load = 0
        for candidate in queue.waiting(t):
            self.work += 1
            if self.groups.number[candidate.operation] >= 0:
                continue
            wanted = self.shop.operations[candidate.operation].load
            if load + wanted <= capacity:
                members.append(candidate)
                load += wanted
                if load == capacity:
                    break
        duration = max(self.shop.modes[member.operation][member.mode][1] for member in members)
        resumable = all(self.shop.operations[member.operation].resumable for member in members)
        placement = self.floor.place(queue.kind, duration, resumable, t)
        if placement.wake >= NEVER:
            # The longest member is the one that cannot be kept.
            worst = max(members, key=lambda member: self.shop.modes[member.operation][member.mode][1])
            queue.discard(worst.operation)
            self._give_up_mode(worst.operation, worst.mode, t)
            return None
        wake = placement.wake
        if wake <= t and load < capacity:
            wake = self._next_expected(queue.kind, t, duration)
        if wake > t:
            queue.blocked_until = wake
            self._wake(kind.machine, wake)
            return None
        if self.rule.form in (Form.ATC, Form.WATC2):
            # What a batch is worth is the sum of what its members are worth; scores are logarithms.
            top = members[0].score
            score += math.log(sum(math.exp(member.score - top) for member in members))
        return Proposal(score, queue.kind, [member.operation for member in members], placement)

    def _next_expected(self, kind: int, t: int, duration: int) -> int:
        """When the next operation of a recipe is certain to come, if it is worth waiting for; else 0."""
        expected = self.expected[kind]
        while expected and (expected[0][0] <= t or self.taken[expected[0][1]]):
            heapq.heappop(expected)
        if expected and expected[0][0] <= t + self.rule.batch_patience * duration:
            return expected[0][0]
        return 0
