"""A job is done by one worker at a time, is taken over when that one dies, and is given up with a reason."""

from datetime import timedelta

import pytest

from lienmach.kernel.jobs import leases, services
from lienmach.kernel.jobs.child import RunningJob
from lienmach.kernel.jobs.models import Job
from lienmach.kernel.jobs.queries import JobNotFound, job_get, job_list
from lienmach.kernel.jobs.tasks import TryLater, UnknownTask, task
from lienmach.kernel.scope import OrganisationScope, SystemScope

SYSTEM = SystemScope()


@task("jobs.sum_compute")
def compute(scope, running, *, numbers):
    """Add up (only in tests)."""
    running.report(0.5, "half way")
    return {"sum": sum(numbers)}


@task("jobs.bill_refuse")
def refuse(scope, running):
    """Raise (only in tests)."""
    raise ValueError("the bill has no lines")


@task("jobs.net_await", attempts=2)
def await_net(scope, running):
    """Find its means away (only in tests)."""
    raise TryLater("the net is away", after=timedelta(seconds=10))


@task("jobs.answer_mangle")
def mangle(scope, running):
    """Return what is no JSON (only in tests)."""
    return {"what": object()}


@pytest.fixture
def owner(world):
    return world.scope(world.organisation())


def enqueue(world, scope, name="jobs.sum_compute", **arguments):
    return services.job_enqueue(scope, task=name, arguments=arguments, at=world.at)


def claim(world, worker="w1"):
    return leases.job_claim(SYSTEM, worker=worker, at=world.at)


def test_a_job_is_done_and_its_result_kept(world, owner):
    job = enqueue(world, owner, numbers=[1, 2, 3])
    assert world.run_jobs() == 1
    status = job_get(owner, job=job)
    assert (status.state, status.result, status.progress) == ("done", {"sum": 6}, 1.0)
    assert status.message == "half way"


def test_only_one_worker_gets_a_job(world, owner):
    enqueue(world, owner, numbers=[])
    assert claim(world, "w1") is not None
    assert claim(world, "w2") is None


def test_the_oldest_job_goes_first(world, owner):
    first = enqueue(world, owner, numbers=[1])
    world.later(seconds=1)
    enqueue(world, owner, numbers=[2])
    assert claim(world).id == first


def test_a_dead_workers_job_is_taken_over_when_its_lease_ends(world, owner):
    job = enqueue(world, owner, numbers=[])
    claim(world, "w1")
    world.later(seconds=59)
    assert claim(world, "w2") is None
    world.later(seconds=2)
    assert claim(world, "w2").id == job
    leases.job_end(SYSTEM, job=job, worker="w1", at=world.at, result={"from": "the dead"})
    assert job_get(owner, job=job).state == "running", "who lost the lease changes nothing"
    assert not leases.job_report(SYSTEM, job=job, worker="w1", at=world.at, progress=1, message="late")


def test_renewing_keeps_the_job(world, owner):
    job = enqueue(world, owner, numbers=[])
    claim(world, "w1")
    for _ in range(5):
        world.later(seconds=50)
        assert leases.job_renew(SYSTEM, worker="w1", jobs=[job], at=world.at).held == {job}
        assert claim(world, "w2") is None
    assert leases.job_renew(SYSTEM, worker="w2", jobs=[job], at=world.at).held == frozenset()


def test_a_job_whose_workers_keep_dying_is_given_up_with_the_reason(world, owner):
    job = enqueue(world, owner, numbers=[])
    for attempt in range(3):
        assert claim(world, f"w{attempt}").attempts == attempt + 1
        world.later(minutes=5)
    assert claim(world, "w9") is None
    status = job_get(owner, job=job)
    assert status.state == "failed"
    assert "died 3 times" in status.error


def test_a_job_whose_process_keeps_dying_is_given_up_at_once(world, owner):
    """Its worker sees the death, so nobody waits for a lease."""
    job = enqueue(world, owner, numbers=[])
    for _ in range(3):
        claim(world, "w1")
        leases.job_release(
            SYSTEM, job=job, worker="w1", at=world.at, reason="Its process ended with code -9."
        )
    status = job_get(owner, job=job)
    assert status.state == "failed"
    assert status.error == "Its process ended with code -9. (tried 3 times)"


def test_a_given_up_job_does_not_hold_back_the_next(world, owner):
    enqueue(world, owner, numbers=[1])
    for _ in range(3):
        claim(world)
        world.later(minutes=5)
    following = enqueue(world, owner, numbers=[2])
    assert claim(world).id == following


def test_stopping_the_platform_is_not_the_jobs_fault(world, owner):
    job = enqueue(world, owner, numbers=[])
    for _ in range(5):
        assert claim(world, "w1").id == job
        leases.job_release(SYSTEM, job=job, worker="w1", at=world.at, reason="stopped", counts=False)
    status = job_get(owner, job=job)
    assert (status.state, status.error) == ("queued", "")


def test_what_a_task_raises_is_shown_and_not_repeated(world, owner):
    job = enqueue(world, owner, "jobs.bill_refuse")
    assert world.run_jobs() == 1
    status = job_get(owner, job=job)
    assert (status.state, status.error) == ("failed", "ValueError: the bill has no lines")


def test_a_result_that_is_no_json_is_a_failure_with_words(world, owner):
    job = enqueue(world, owner, "jobs.answer_mangle")
    world.run_jobs()
    status = job_get(owner, job=job)
    assert status.state == "failed"
    assert "not JSON serializable" in status.error


def test_wrong_arguments_are_a_failure_with_words(world, owner):
    job = enqueue(world, owner, "jobs.sum_compute", figures=[1])
    world.run_jobs()
    assert "figures" in job_get(owner, job=job).error


def test_trying_later_waits_and_gives_up_after_its_attempts(world, owner):
    job = enqueue(world, owner, "jobs.net_await")
    assert world.run_jobs() == 1
    assert world.run_jobs() == 0, "it is held back"
    row = Job.objects.get(id=job)
    assert (row.state, row.error) == ("queued", "the net is away")
    world.at = row.not_before
    assert world.run_jobs() == 1
    status = job_get(owner, job=job)
    assert (status.state, status.error) == ("failed", "the net is away (tried 2 times)")


def test_a_task_that_no_app_declares_any_more_fails_and_harms_nobody(world, owner):
    """An app was uninstalled while its job waited: the worker must not die of it."""
    job = enqueue(world, owner, numbers=[])
    Job.objects.filter(id=job).update(task="gone.thing_do")
    world.later(seconds=1)
    following = enqueue(world, owner, numbers=[])
    assert claim(world).id == following
    assert "gone.thing_do" in job_get(owner, job=job).error


def test_an_unknown_task_is_refused(world, owner):
    with pytest.raises(UnknownTask):
        enqueue(world, owner, "jobs.nothing_do")


def test_stopping_a_waiting_job_ends_it(world, owner):
    job = enqueue(world, owner, numbers=[])
    services.job_stop(owner, job=job, at=world.at)
    assert job_get(owner, job=job).state == "stopped"
    assert claim(world) is None


def test_a_running_job_hears_the_request_to_stop(world, owner):
    job = enqueue(world, owner, numbers=[])
    claim(world, "w1")
    running = RunningJob(job, "w1")
    assert running.report(0.1, "begun")
    services.job_stop(owner, job=job, at=world.at)
    assert leases.job_renew(SYSTEM, worker="w1", jobs=[job], at=world.at).stop == {job}
    running._written = float("-inf")
    assert not running.report(0.2, "further")
    leases.job_end(SYSTEM, job=job, worker="w1", at=world.at, result={"best": 7})
    status = job_get(owner, job=job)
    assert (status.state, status.result) == ("done", {"best": 7}), "the best so far is kept"


def test_stopping_an_ended_job_changes_nothing(world, owner):
    job = enqueue(world, owner, numbers=[])
    world.run_jobs()
    services.job_stop(owner, job=job, at=world.at)
    assert not job_get(owner, job=job).stop_requested


def test_a_stranger_cannot_see_or_stop_a_job(world, owner):
    job = enqueue(world, owner, numbers=[])
    stranger = world.scope(world.organisation())
    with pytest.raises(JobNotFound):
        job_get(stranger, job=job)
    with pytest.raises(JobNotFound):
        services.job_stop(stranger, job=job, at=world.at)
    assert job_list(stranger) == []
    with pytest.raises(Exception, match="permission"):
        services.job_enqueue(
            stranger, task="jobs.sum_compute", arguments={}, at=world.at, organisation=owner.organisation
        )


def test_the_same_waiting_job_is_not_enqueued_twice(world, owner):
    same = [
        services.job_enqueue_once(owner, task="jobs.sum_compute", arguments={"numbers": [1]}, at=world.at)
        for _ in range(3)
    ]
    assert len(set(same)) == 1
    other = OrganisationScope(actor="x", granted=owner.granted, organisation=world.organisation().id)
    assert (
        services.job_enqueue_once(other, task="jobs.sum_compute", arguments={"numbers": [1]}, at=world.at)
        != same[0]
    )


def test_reporting_often_writes_seldom(world, owner, django_assert_max_num_queries):
    """A task may report in its innermost loop; the last report always arrives."""
    job = enqueue(world, owner, numbers=[])
    claim(world, "w1")
    running = RunningJob(job, "w1")
    with django_assert_max_num_queries(20):
        for step in range(1000):
            running.report(step / 1000, f"step {step}")
    running.flush()
    assert job_get(owner, job=job).message == "step 999"


def test_an_idle_worker_takes_no_write_lock(world, django_assert_num_queries):
    """Five times a second on SQLite a needless writer would hold up the web process."""
    with django_assert_num_queries(1):
        assert claim(world) is None
