"""R2F: the process dies at each named point of runtime/batch/fault_points.def, not only where a request shows from outside.

Two static instances with snapshots; a third comes and goes where a point needs partitions to change hands. `how`, the last column
of the list, says what has to happen for a point to be passed.
"""
import re
import signal
from pathlib import Path

from rig import wait_until
from scenarios import test

LIST = Path(__file__).resolve().parents[2] / "runtime" / "batch" / "fault_points.def"
POINTS = [(name, how) for name, how in re.findall(r'^FAULT_POINT\(\w+, "([^"]+)", (\w+)\)', LIST.read_text(), re.M) if how != "file"]
KEY_GROUPS = 64
LIMIT = 30
# No death here is meant to outlast a session but those of the guest, so one may be long enough for a machine that is busy.
PATIENT = ["--kafka", "session.timeout.ms=4000", "--kafka", "transaction.timeout.ms=5000"]

# Passed many times in a start: once per reader, key group, answer of a broker.
OFTEN = {"assigned": 2, "restore.snapshot": 8, "restore.reading": 2}
PASSES = {"turn": 30, "snapshot": 5}


class Cast:
    """The instances, and how each kind of point is reached."""

    def __init__(self, job):
        self.job, self.proxy = job, job.rig.proxy
        for i in range(2):
            job.add(arguments=["--instance", f"i{i}", "--state-dir", job.folder / f"state{i}"])
        self.statics = list(job.instances)
        self.guest = job.add(start=False)
        # From one to the next a step is new, loses a column, is gone: its state begins, is migrated, is deleted.
        self.programs = [job.binary, job.compile("job_wide.sdl"), job.compile("job_next.sdl")]

    def arm(self, victim, point, passes):
        victim.start(STREAMC_FAULT=f"{point}:{passes}")
        victim.unwanted()

    def restart(self, victim, point, passes):
        """Ends the victim one way or the other and starts it armed."""
        if not victim.running():
            return self.arm(victim, point, passes)
        if point == "restore.reading":
            self.job.await_progress()  # there is something behind its snapshots
            victim.kill()
        elif self.job.random.random() < 0.5 and victim.get("/live")[0]:
            victim.stop()
        else:
            victim.kill()
        self.arm(victim, point, passes)

    def up(self, instance):
        wait_until(f"{instance.name} to own key groups", lambda: not instance.running() or instance.metric("streamc_key_groups") > 0)

    def leave(self, instance):
        if self.job.random.random() < 0.5:
            instance.kill()
        else:
            instance.stop()

    # --- one function for each kind of point: gets the victim to where it must die ---

    def turn(self, victim, point, passes):
        self.restart(victim, point, passes)
        return self.died(victim, point)

    start = turn

    def disturbed(self, victim, point, passes, **rule):
        self.restart(victim, point, passes)
        self.up(victim)
        number = self.proxy.rule(client=victim.name, **rule)
        died = self.died(victim, point)
        self.proxy.do(do="forget", rule=number)
        return died

    def aborted(self, victim, point, passes):
        return self.disturbed(victim, point, passes, action="drop", api=["TxnOffsetCommit"], count=0)

    def late(self, victim, point, passes):
        return self.disturbed(victim, point, passes, action="reset", api=["EndTxn"], direction="answer", count=1)

    def shared(self, victim, point, passes):
        self.restart(victim, point, passes)
        self.up(victim)
        self.guest.start()
        died = self.died(victim, point)
        victim.start()
        self.up(self.guest)
        self.leave(self.guest)
        return died

    def dead(self, victim, point, passes):
        self.guest.start()
        self.up(self.guest)
        self.job.await_progress()
        self.restart(victim, point, passes)
        self.up(victim)
        self.guest.kill()
        return self.died(victim, point)

    def stopping(self, victim, point, passes):
        self.restart(victim, point, passes)
        self.up(victim)
        self.job.await_progress()
        victim.signal(signal.SIGTERM)
        return self.died(victim, point)

    snapshot = stop = stopping

    def upgrade(self, victim, point, passes):
        """State changes only when nobody uses it and nothing is on its way between instances: the last one owned all of it."""
        other = next(each for each in self.statics if each is not victim)
        if not victim.running():
            self.up(victim.start())
        other.stop()
        wait_until(f"{victim.name} to own all key groups", lambda: victim.metric("streamc_key_groups") == KEY_GROUPS)
        self.job.await_progress()
        victim.stop()
        self.job.binary = self.programs[(self.programs.index(self.job.binary) + 1) % len(self.programs)]
        self.arm(victim, point, passes)
        died = self.died(victim, point)
        other.start()
        return died

    def died(self, victim, point):
        code = victim.wait(LIMIT)
        if code == -signal.SIGKILL and f"fault point {point}\n" in victim.log.read_text(errors="replace")[-400:]:
            return True
        self.job.say(f"{victim.name} did not die at {point} but {'went on' if code is None else f'ended with {code}'}")
        if code is None:
            victim.kill()
        return False


@test("R2F", "dies at each point of a turn, a start, a stop", len(POINTS), 10 * len(POINTS), arguments=PATIENT)
def fault_points(job, times):
    cast = Cast(job)
    job.begin()
    points = []
    for i in range(times):
        if not points:
            points = job.random.sample(POINTS, len(POINTS))
        point, how = points.pop()
        victim = job.random.choice(cast.statics)
        passes = job.random.randint(1, OFTEN.get(point, PASSES.get(how, 1)))
        job.say(f"{victim.name} is to die at {point}, pass {passes}")
        # Where brokers are slow a turn, or a stop, may have taken too long to get there.
        reach = getattr(cast, how)
        if reach(victim, point, passes) or reach(victim, point, 1):
            job.did("deaths")
        else:
            job.problem(f"{victim.name} does not get to {point}:\n{victim.tail()}")
        for instance in cast.statics:
            if not instance.running():
                instance.start()
        if i % 8 == 7:
            job.await_progress()
    job.await_progress()
