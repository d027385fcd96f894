"""The tests of the chaos run. Each gets a Job with topics of its own and how often to do what it does; README.md has the list.

A scenario injects faults while events flow. chaos.py then ends the feed, verifies, and stops what still runs.
"""
import signal
from dataclasses import dataclass, field
from typing import Callable

from rig import PARTITIONS, now_us, wait_until

ALL = []

# Timeouts of the recovery figures, and shorter ones where recovery is not what is asked.
MEASURED = ["--kafka", "session.timeout.ms=6000", "--kafka", "transaction.timeout.ms=10000"]
QUICK = ["--kafka", "session.timeout.ms=1500", "--kafka", "transaction.timeout.ms=5000"]


@dataclass
class Scenario:
    name: str
    what: str
    short: int
    long: int
    run: Callable
    arguments: list = field(default_factory=lambda: QUICK)
    rate: int = 500
    codes: tuple = (69, 75)  # with which an instance may end by itself and be started again
    verified: bool = True
    nodes: int = 1  # brokers
    measured: bool = False  # its times are of interest: nothing else runs meanwhile
    program: str = "job.sdl"
    must_fail: bool = False  # a rule is broken on purpose: the verifier has to see it
    loses: bool = False  # and what it breaks is that all results are there


def test(name, what, short, long, **more):
    def add(run):
        ALL.append(Scenario(name, what, short, long, run, **more))
        return run
    return add


def fault(job, what):
    job.did(what)
    return now_us()


@test("R0", "nothing happens", 1, 5)
def quiet(job, times):
    job.add(arguments=["--threads", "2"])
    job.add()
    job.add(arguments=["--instance", "i2"])
    job.begin()
    for _ in range(times):
        job.pause(4, 6)
        job.await_progress()
    job.did("runs")


# --- R1: kill -9 ----------------------------------------------------------------------------------

@test("R1A", "kill -9, the same instance started again", 8, 40, arguments=MEASURED, rate=2000, measured=True)
def kill_and_restart(job, times):
    job.add_static(3)
    job.begin()
    job.keep_pace()
    for _ in range(times):
        job.pause(0.2, 0.5)
        victim = job.pick()
        since = fault(job, "kills")
        victim.kill()
        victim.start()
        job.recovers(since)


@test("R1B", "kill -9, the survivors take over", 2, 10, arguments=MEASURED, rate=2000, measured=True)
def kill_and_take_over(job, times):
    for _ in range(3):
        job.add()
    job.begin()
    job.keep_pace()
    for _ in range(times):
        job.pause(0.2, 0.5)
        victim = job.pick()
        since = fault(job, "kills")
        victim.kill()
        job.recovers(since)
        victim.start()
        job.await_progress()


@test("R1C", "kill -9 at any moment, recovered or not", 10, 50)
def kill_storm(job, times):
    job.add_static(3, ["--commit-every", "400ms"])
    job.begin()
    for i in range(times):
        job.pause(0.1, 1.2)
        victim = job.pick()
        victim.kill()
        victim.start()
        job.did("kills")
        if i % 5 == 4:
            job.await_progress()
    job.await_progress()


@test("R1X", "kill -9 with transactions off: must be seen", 2, 4, program="job_plain.sdl", must_fail=True)
def kill_plain(job, times):
    job.add_static(2)
    job.begin()
    for _ in range(times):
        job.pause(0.6, 1.2)
        victim = job.pick()
        # Dies between its results and the offsets they came from.
        rule = job.rig.proxy.rule(action="drop", count=0, api=["OffsetCommit"], client=victim.name)
        if job.rig.proxy.hits(rule, 1, 20) == 0:
            job.problem("no OffsetCommit came by within 20 s")
        victim.kill()
        job.rig.proxy.do(do="forget", rule=rule)
        victim.start()
        job.did("kills")
        job.await_progress()


@test("R1Y", "the same, positions first: must be seen", 2, 4, program="job_plain.sdl", must_fail=True, loses=True)
def positions_first(job, times):
    for i in range(2):
        job.add(arguments=["--instance", f"i{i}"], environment={"STREAMC_BREAK": "positions_last"})
    job.begin()
    proxy = job.rig.proxy
    for _ in range(times):
        job.pause(0.6, 1.2)
        victim = job.pick()
        # Dies when the positions are committed and the results are not.
        results = proxy.rule(action="drop", count=0, api=["Produce"], client=victim.name)
        if proxy.hits(results, 1, 20) == 0:
            job.problem("no Produce came by within 20 s")
        job.pause(0.2, 0.4)
        victim.kill()
        proxy.do(do="forget", rule=results)
        victim.start()
        job.did("kills")
        job.await_progress()


# --- R2: crash points -------------------------------------------------------------------------------------

# Every kind of request a transactional member sends, and what of it was done when the process died: nothing (the request is
# lost), something later (it arrives after the successor has started), or all (only the answer is lost).
START = ["FindCoordinator", "InitProducerId", "JoinGroup", "SyncGroup", "OffsetFetch", "ListOffsets"]
STEADY = ["Fetch", "Produce", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn"]
POINTS = [(api, when) for api in START + STEADY for when in ("lost", "late", "done")]


@test("R2", "dies at each step of the protocol", len(POINTS), 10 * len(POINTS))
def crash_points(job, times):
    job.add_static(2)
    job.begin()
    proxy = job.rig.proxy
    points = []
    for i in range(times):
        if not points:
            points = job.random.sample(POINTS, len(POINTS))
        api, when = points.pop()
        victim = job.random.choice(job.instances)
        rule = proxy.rule(client=victim.name, api=[api], **{
            "lost": {"action": "drop", "count": 0},
            "late": {"action": "hold", "release_on": ["InitProducerId"], "limit": 5000},
            "done": {"action": "drop", "direction": "answer", "count": 0}}[when])
        if api in START:
            victim.kill()
            victim.start()
        if proxy.hits(rule, 1, 20) == 0:
            job.problem(f"no {api} of {victim.name} came by within 20 s")
        victim.kill()
        if when != "late":
            proxy.do(do="forget", rule=rule)
        victim.start()
        job.did("deaths")
        job.say(f"{victim.name} died at {api}, {when}")
        if i % 12 == 11:
            job.await_progress()
    job.await_progress()


# --- R3: zombies ----------------------------------------------------------------------------------

@test("R3A", "paused for longer than the session", 3, 15, arguments=MEASURED, rate=2000, measured=True)
def zombie_measured(job, times):
    for _ in range(3):
        job.add()
    job.begin()
    job.keep_pace()
    for _ in range(times):
        job.pause(0.2, 0.5)
        victim = job.pick()
        since = fault(job, "pauses")
        victim.signal(signal.SIGSTOP)
        try:
            job.recovers(since)
        finally:
            victim.signal(signal.SIGCONT)
        job.await_progress()


@test("R3B", "paused, woken while others own its partitions", 17, 185)
def zombie_storm(job, times):
    for i in range(3):
        job.add(arguments=["--instance", f"i{i}"] if i == 0 else [])
    job.begin()
    round = 0
    while times:
        victims = job.random.sample(job.instances, min(times, job.random.randint(1, 3)))
        for victim in victims:
            wait_until(f"{victim.name} to run", victim.running)
            victim.signal(signal.SIGSTOP)
        job.did("pauses", len(victims))
        times -= len(victims)
        for victim in victims:  # one after the other: the first meets its partitions elsewhere, the last finds them back
            job.pause(0.5, 2.2)
            victim.signal(signal.SIGCONT)
        round += 1
        if round % 4 == 0:
            job.await_progress()
    job.await_progress()


# --- R4: the broker ---------------------------------------------------------------------------------

@test("R4", "broker killed or stopped and started", 2, 6)
def broker_bounce(job, times):
    job.add_static(3)
    job.begin()
    for i in range(times):
        job.pause(0.1, 1.0)
        (job.rig.kill_broker if i % 2 == 0 else job.rig.stop_broker)()
        job.did("kills" if i % 2 == 0 else "stops")
        job.rig.start_broker()
        job.recovers(now_us())


ROLES = ["source", "transactions", "group", "controller", "all"]


@test("R4C", "one of three brokers gone, or all of them", 0, 10, arguments=MEASURED, nodes=3, measured=True)
def cluster_bounce(job, times):
    job.add_static(3, ["--commit-every", "400ms"])
    job.begin(120)
    job.keep_pace(2.0)
    rig = job.rig
    for i in range(times):
        # With one replica behind, the loss of another is one too many.
        wait_until("all replicas to be in sync", rig.in_sync, step=0.2)
        job.pause(0.1, 1.0)
        role = ROLES[i % len(ROLES)]
        victim = None if role == "all" else rig.holder(role, job)
        job.say(f"victim: {role}, {victim}")
        since = now_us()
        (rig.stop_broker if i % 2 else rig.kill_broker)(victim)
        job.did("stops" if i % 2 else "kills")
        if victim:
            job.recovers(since, "two of three")
        rig.start_broker(victim)
        job.recovers(now_us(), "all three")


# --- R5: requests that arrive late --------------------------------------------------------------------

HELD = ["EndTxn", "Produce", "TxnOffsetCommit", "AddPartitionsToTxn"]


@test("R5", "requests held past their timeout, then let go", 8, 160,
      arguments=[*QUICK, "--kafka", "socket.timeout.ms=2500"])
def held_requests(job, times):
    job.add_static(2)
    job.begin()
    for i in range(times):
        api = HELD[i % len(HELD)]
        release = job.random.choice([["InitProducerId"], ["AddPartitionsToTxn"], ["EndTxn"], []])
        rule = job.rig.proxy.rule(action="hold", api=[api], release_on=[a for a in release if a != api], limit=5000)
        if job.rig.proxy.hits(rule, 1, 20) == 0:
            job.problem(f"no {api} came by within 20 s")
        job.did("holds")
        if i % 2:
            job.await_progress()
        job.pause(0.0, 0.5)
    job.await_progress()


@test("R5B", "answers lost after the broker has acted", 8, 80, arguments=[*QUICK, "--kafka", "socket.timeout.ms=2500"])
def lost_answers(job, times):
    job.add_static(2)
    job.begin()
    for i in range(times):
        rule = job.rig.proxy.rule(action=job.random.choice(["drop", "reset"]), api=[HELD[i % len(HELD)]], direction="answer")
        if job.rig.proxy.hits(rule, 1, 20) == 0:
            job.problem(f"no answer to {HELD[i % len(HELD)]} came by within 20 s")
        job.did("answers")
        job.await_progress()


def tear(job, times):
    """A commit that times out is tried again and goes through; the first attempt is let go in the middle of the next transaction,
    whose owner then dies. Where a producer goes on under the same epoch, that commits half a transaction."""
    job.add_static(2)
    job.begin()
    proxy = job.rig.proxy
    for _ in range(times):
        victim = job.random.choice(job.instances)
        commit = proxy.rule(action="hold", api=["EndTxn"], client=victim.name, limit=60000)
        if proxy.hits(commit, 1, 20) == 0:
            job.problem("no EndTxn came by within 20 s")
        offsets = proxy.rule(action="drop", count=0, api=["AddOffsetsToTxn"], client=victim.name)
        if proxy.hits(offsets, 1, 20) == 0:
            job.problem("no further transaction within 20 s")
        job.pause(0.1, 0.2)  # its records are on their way
        proxy.do(do="forget", rule=commit)
        job.pause(0.1, 0.2)
        victim.kill()
        proxy.do(do="forget", rule=offsets)
        victim.start()
        job.did("late commits")
        job.await_progress()


@test("R5C", "a late commit meets the next transaction", 2, 24, arguments=[*QUICK, "--kafka", "socket.timeout.ms=2500"])
def torn(job, times):
    tear(job, times)


@test("R5X", "the same without recycling: must be seen", 2, 4, must_fail=True,
      arguments=[*QUICK, "--kafka", "socket.timeout.ms=2500", "--kafka", "streamc.recycle.producers=false"])
def torn_unprotected(job, times):
    tear(job, times)


@test("R5Y", "aborted turns whose state stays: must be seen", 2, 4, must_fail=True,
      arguments=[*QUICK, "--kafka", "socket.timeout.ms=2500"])
def state_kept(job, times):
    for i in range(2):
        job.add(arguments=["--instance", f"i{i}"], environment={"STREAMC_BREAK": "state_after_commit"})
    job.begin()
    for _ in range(times):
        rule = job.rig.proxy.rule(action="drop", api=["TxnOffsetCommit"])
        if job.rig.proxy.hits(rule, 1, 20) == 0:
            job.problem("no TxnOffsetCommit came by within 20 s")
        job.did("aborted turns")
        job.await_progress()


@test("R5D", "fetches are never answered", 1, 4, arguments=[*QUICK, "--kafka", "socket.timeout.ms=90000"])
def silent_fetches(job, times):
    job.add_static(2)
    job.begin()
    for _ in range(times):
        # Of the connection that stands now; the next one works. Without another client nothing would come for 90 s.
        rule = job.rig.proxy.rule(action="drop", count=1, api=["Fetch"], client=job.random.choice(job.instances).name)
        if job.rig.proxy.hits(rule, 1, 20) == 0:
            job.problem("no Fetch came by within 20 s")
        job.did("fetches")
        job.await_progress(50)


# --- R6: the network ----------------------------------------------------------------------------------

@test("R6", "cut off, reset, slowed", 6, 80)
def network(job, times):
    job.add_static(3)
    job.begin()
    proxy = job.rig.proxy
    for i in range(times):
        kind = i % 3
        if kind == 0:
            proxy.do(do="cut", client=job.random.choice([job.pick().name, ""]))
            job.did("cuts")
            job.pause(0.5, 3.0)
            since = now_us()
            proxy.do(do="heal")
            job.recovers(since)
        elif kind == 1:
            for _ in range(8):
                proxy.do(do="reset", client=job.random.choice([job.pick().name, ""]))
                job.pause(0.02, 0.15)
            job.did("reset storms")
            job.await_progress()
        else:
            proxy.rule(action="delay", count=0, ms=100, jitter=100)
            job.did("slow spells")
            job.pause(1.0, 2.0)
            proxy.do(do="clear")
            job.await_progress()


# --- R7: rebalances -------------------------------------------------------------------------------------

@test("R7", "instances come and go, 1 to 5 of them", 12, 160)
def rebalance_storm(job, times):
    for i in range(5):
        job.add(arguments=["--instance", f"i{i}"] if i % 2 else ["--threads", "2"], start=i < 3)
    job.begin()
    for i in range(times):
        job.pause(0.1, 1.0)
        running = [x for x in job.instances if x.running()]
        stopped = [x for x in job.instances if not x.running()]
        if stopped and (len(running) < 2 or job.random.random() < 0.5):
            job.random.choice(stopped).start()
            job.did("starts")
        else:
            leaver = job.random.choice(running)
            if job.random.random() < 0.3:
                leaver.kill()
                job.did("kills")
            else:
                job.stop_in_order([leaver])
                job.did("stops")
        if i % 5 == 4:
            job.await_progress()
    job.await_progress()


# --- R8: restore ------------------------------------------------------------------------------------------

def damage(random, folder):
    """Flips a byte of a file, cuts it off, or removes it; what was done."""
    files = [f for f in folder.rglob("*") if f.is_file() and f.stat().st_size > 0]
    if not files:
        return None
    victim = random.choice(sorted(files))
    content = bytearray(victim.read_bytes())
    how = random.choice(["flipped", "torn", "removed"])
    if how == "removed":
        victim.unlink()
        return f"{victim} removed"
    at = random.randrange(len(content))
    if how == "torn":
        victim.write_bytes(content[:at])
    else:
        content[at] ^= 1 << random.randrange(8)
        victim.write_bytes(content)
    return f"{victim} {how} at {at}"


@test("R8", "all gone, others restore; damaged snapshots", 4, 30)
def restore(job, times):
    def folder(i):
        return job.folder / f"state{i}"
    for i in range(4):
        job.add(arguments=["--state-dir", folder(i)] if i else [], start=i < 3)
    job.begin()
    for round in range(times):
        job.pause(0.3, 1.5)
        for instance in [x for x in job.instances if x.running()]:
            if round % 2:
                instance.kill()
            else:
                instance.terminate()
        for instance in job.instances:
            instance.process and instance.process.wait(30)
        job.did("full stops")
        if (harm := damage(job.random, folder(job.random.randrange(1, 4)))) is not None:
            job.did("damaged files")
            job.say(harm)
        since = now_us()
        for instance in job.random.sample(job.instances, job.random.randrange(1, 5)):
            instance.start()
        job.recovers(since)


# --- R10: disk full ---------------------------------------------------------------------------------------

@test("R10", "no room for snapshots", 2, 10)
def disk_full(job, times):
    folder = job.folder / "state"
    job.add(arguments=["--state-dir", folder], file_limit=4096)
    job.begin()
    for _ in range(times):
        job.pause(0.5, 1.0)
        instance = job.instances[0]
        code, took = instance.stop()
        job.did("stops without room")
        if code not in (0, 75):
            job.problem(f"{instance.name} stopped with {code} after {took:.1f} s:\n{instance.tail()}")
        since = now_us()
        instance.start()
        job.recovers(since)
    job.instances[0].stop()
    job.instances[0].file_limit = None
    job.instances[0].start()
    job.await_progress()


# --- R19: graceful stops ------------------------------------------------------------------------------------

def await_up(instances):
    """A process that has only just begun has no handler for the signal yet."""
    for instance in instances:
        wait_until(f"{instance.name} to be up", lambda: instance.get("/live")[0] != 0)


@test("R19A", "stopped in order, the others take over", 8, 40, arguments=MEASURED, rate=2000, measured=True)
def stop_and_take_over(job, times):
    for _ in range(3):
        job.add()
    job.begin()
    job.keep_pace()
    for _ in range(times):
        victim = job.pick()
        await_up([victim])
        since = fault(job, "stops")
        job.stop_in_order([victim])
        # Its last turn may show what was sent after the signal: only what is sent when it is gone counts, from the signal on.
        gone = now_us()
        job.recovery.setdefault("", []).append(job.await_progress(since=gone) + (gone - since) / 1e6)
        victim.start()
        job.await_progress()


@test("R19B", "stopped in order at any moment, several of them", 42, 460)
def stop_storm(job, times):
    for i in range(4):
        job.add(arguments=[["--threads", "2"], ["--instance", f"i{i}"]][i] if i < 2 else [])
    job.begin()
    round, slowest = 0, 0.0
    while times:
        victims = job.random.sample(job.instances, min(times, job.random.randint(1, 4)))
        await_up(victims)
        job.pause(0.0, 0.3)
        slowest = max(slowest, job.stop_in_order(victims))
        job.did("stops", len(victims))
        times -= len(victims)
        for victim in victims:
            victim.start()
        round += 1
        if round % 6 == 0:
            job.await_progress()
    job.say(f"slowest stop {slowest:.2f} s")
    job.await_progress()


# --- R12: too large -----------------------------------------------------------------------------------------

@test("R12", "a record its output topic does not take", 1, 3, codes=(66,), verified=False)
def oversized(job, times):
    job.add()
    job.begin()
    job.finish_feed()
    job.rig.run_tool("feed", "--prefix", job.name, "--events", 1, "--open", "--padding", 1_020_000)
    instance = job.instances[0]
    for _ in range(times):
        instance.unwanted()
        code = instance.wait(60)
        job.did("refusals")
        if code != 66:
            job.problem(f"{instance.name} met a record too large for its topic and ended with {code}:\n{instance.tail()}")
        instance.start()
    code, report = job.verify(0, "--partial")
    if code:
        job.problem(report)


# --- R14: topics change -------------------------------------------------------------------------------------

@test("R14A", "partitions added to the source", 2, 8)
def more_partitions(job, times):
    job.add_static(2)
    job.begin()
    for i in range(times):
        job.rig.run_tool("grow", "--prefix", job.name, "--partitions", PARTITIONS + 1 + i)
        job.did("partitions")
        job.pause(0.5, 1.5)
        # Also all at once: then nobody who begins anew ever saw the topic change.
        victims = job.instances if i % 2 else [job.pick()]
        for victim in victims:
            victim.kill()
        for victim in victims:
            victim.start()
        job.await_progress()


def must_refuse(job, what, limit=60):
    """No instance may go on; each ends with 65 and says why."""
    for instance in job.instances:
        instance.unwanted()
        code = instance.wait(limit)
        if code != 65:
            job.problem(f"{instance.name} went on or ended with {code} after {what}:\n{instance.tail()}")


@test("R14B", "source deleted and made anew", 1, 1, verified=False, codes=(65,),
      arguments=[*QUICK, "--kafka", "topic.metadata.refresh.interval.ms=1000"])
def recreated(job, times):
    job.add_static(2)
    job.begin()
    job.finish_feed()
    job.rig.run_tool("recreate", "--prefix", job.name, "--partitions", PARTITIONS)
    job.did("topics", times)
    must_refuse(job, "the source was made anew")


@test("R14C", "records deleted before they were read", 1, 1, verified=False, codes=(65,))
def truncated(job, times):
    job.add_static(2)
    job.begin()
    job.stop_in_order(job.instances)
    job.did("truncations", times)
    job.finish_feed()
    job.rig.run_tool("truncate", "--prefix", job.name)
    for instance in job.instances:
        instance.start()
    must_refuse(job, "records were deleted")


# --- R20: a new program ---------------------------------------------------------------------------------------

@test("R20", "an edited program goes on with the old state", 1, 1)
def upgrade(job, times):
    job.add_static(3)
    job.begin()
    new = job.compile("job_next.sdl")
    for _ in range(times):
        job.pause(0.5, 1.0)
        job.stop_in_order(job.instances)
        job.binary = new
        since = now_us()
        for instance in job.instances:
            instance.start()
        job.did("upgrades")
        job.recovers(since)
