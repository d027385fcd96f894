#!/usr/bin/env python3
"""A compiled job on files with --state-dir, killed again and again: its outputs are those of a run nobody disturbed.

    file_job.py --streamc FILE [--kills N] [--seed N]

Compiles file_job.sdl beside this script and runs it in a temporary folder: to the end of its input under kill -9, as a job that
follows its growing input under kill -9, into limits of file sizes, twice at once, with inputs that are not what they were.
Prints the seed; a failure leaves the folder and names it.
"""
import argparse
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SINKS = ("seen", "windows", "counts", "best", "events.bad")
PATIENCE = 120


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except FileNotFoundError:
        return []


def size(*paths):
    return sum(os.path.getsize(path) for path in paths if os.path.exists(path))


def await_that(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        expect(time.monotonic() < deadline, f"waited {PATIENCE} s for {what}")
        time.sleep(0.002)


class Events:
    """Two files of events in order of time, which can grow."""

    def __init__(self, folder, rng):
        self.folder, self.rng, self.at, self.next = folder, rng, 0, 0

    def path(self, number):
        return os.path.join(self.folder, f"events{number}.jsonl")

    def append(self, count):
        with open(self.path(1), "a", encoding="utf-8") as one, open(self.path(2), "a", encoding="utf-8") as two:
            for _ in range(count):
                self.next += 1
                self.at += self.rng.randrange(0, 120)
                event = {"id": self.next, "word": f"w{self.rng.randrange(40)}", "at": self.at, "amount": self.rng.randrange(-3, 20)}
                text = json.dumps(event) if self.rng.random() > 0.002 else f"broken {self.next}"
                self.rng.choice((one, two)).write(text + "\n")


class Job:
    def __init__(self, binary, events, folder, name):
        self.binary, self.folder = binary, os.path.join(folder, name)
        self.state = os.path.join(self.folder, "state")
        os.makedirs(self.folder)
        self.binds = ["--bind", f"events=file:{events.folder}/events*.jsonl"]
        for sink in SINKS:
            self.binds += ["--bind", f"{sink}=file:{self.output(sink)}"]

    def output(self, sink):
        return os.path.join(self.folder, sink)

    def start(self, *flags, limit=None):
        def limited():
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        self.stopped = self.began()
        log = open(os.path.join(self.folder, "log"), "ab")
        return subprocess.Popen([self.binary, *self.binds, *flags], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=limited)

    def run(self, *flags, limit=None):
        code = self.start(*flags, limit=limit).wait(timeout=PATIENCE)
        return code, read(os.path.join(self.folder, "log"))

    def stop(self, process):
        """Asks a running job to stop, once it has begun."""
        await_that(lambda: process.poll() is not None or self.began() > self.stopped, "the job to begin")
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=PATIENCE)
        expect(code == 0, f"exit code {code} of a job that is asked to stop")

    def began(self):
        return sum("event=groups_taken" in line for line in read(os.path.join(self.folder, "log")))

    def durable(self, rng):
        return ("--state-dir", self.state, "--batch-records", str(rng.choice((50, 400, 3000))), "--threads", str(rng.randrange(1, 4)))

    def lines(self, sink, part=False):
        return read(self.output(sink) + (".part" if part else ""))


def check_same(job, plain, sinks=SINKS):
    for sink in sinks:
        if sink == "counts":
            last = [{row["word"]: row for row in map(json.loads, each.lines(sink))} for each in (plain, job)]
            expect(last[0] == last[1], f"{sink}: the last counts differ")
            totals = {}
            for row in map(json.loads, job.lines(sink)):
                expect(row["n"] > totals.get(row["word"], 0), f"{sink}: {row} does not go on from {totals.get(row['word'])}")
                totals[row["word"]] = row["n"]
            continue
        want, got = sorted(plain.lines(sink)), sorted(job.lines(sink))
        expect(want, f"{sink}: nothing to compare")
        expect(want == got, f"{sink}: {len(got)} lines, not {len(want)} or not the same")


def killed_to_the_end(job, plain, rng, kills):
    done = 0
    for _ in range(kills):
        written = job.output("seen") + ".part"
        process = job.start(*job.durable(rng), "--until", "end")
        goal = size(written) + rng.randrange(0, max(2, 2 * size(plain.output("seen")) // kills))
        await_that(lambda: size(written) > goal or process.poll() is not None, "output")
        if process.poll() is not None:
            break
        process.kill()
        process.wait()
        done += 1
        expect(not os.path.exists(job.output("seen")), "an output has its name before it is complete")
        rows = [json.loads(line)["id"] for line in job.lines("seen", part=True) if line.endswith("}")]
        expect(len(rows) == len(set(rows)), "a row stands there twice")
    expect(done > kills // 4, f"only {done} of {kills} kills came in time")
    code, log = job.run(*job.durable(rng), "--until", "end")
    expect(code == 0, f"exit code {code}: {log[-1:]}")
    expect(not any(name.endswith(".part") for name in os.listdir(job.folder)), "a .part is left")
    check_same(job, plain)
    code, _ = job.run(*job.durable(rng), "--until", "end")
    expect(code == 0, f"exit code {code} where nothing is left to do")
    check_same(job, plain)
    return done


def killed_while_following(job, plain_of, events, rng, kills):
    """The job follows its input, which grows; whoever reads its outputs sees each row once at any moment."""
    process = job.start(*job.durable(rng))
    for kill in range(kills):
        events.append(rng.randrange(1, 1500))
        await_that(lambda: size(job.output("seen")) > 0, "the first output")
        if rng.random() < 0.5:
            goal = size(job.output("seen")) + rng.randrange(0, 20000)
            await_that(lambda: size(job.output("seen")) > goal or not grows(job), "output")
        if kill % 5 == 4:
            job.stop(process)
        else:
            process.kill()
            process.wait()
        rows = [json.loads(line)["id"] for line in job.lines("seen") if line.endswith("}")]
        expect(len(rows) == len(set(rows)), "a row stands there twice")
        process = job.start(*job.durable(rng))
    job.stop(process)
    code, log = job.run(*job.durable(rng), "--until", "end")
    expect(code == 0, f"exit code {code}: {log[-1:]}")
    check_same(job, plain_of())


def grows(job, past={}):
    """Whether there is more output than the last time, or that time was but a moment ago."""
    now, seen = time.monotonic(), size(job.output("seen"))
    before, since = past.get(job.folder, (-1, now))
    if seen != before:
        past[job.folder] = (seen, now)
        return True
    return now - since < 0.3


def full_disk(job, plain, rng):
    most = max(size(plain.output(sink)) for sink in SINKS)
    stopped = 0
    for share in (0.05, 0.2, 0.45, 0.7, 0.9):
        code, log = job.run(*job.durable(rng), "--until", "end", limit=int(most * share))
        if code == 0:
            break
        expect(code == 75, f"exit code {code} at a full disk: {log[-1:]}")
        expect(any("File too large" in line for line in log), "the message does not say why")
        stopped += 1
    expect(stopped > 0, "the limit was never met")
    code, log = job.run(*job.durable(rng), "--until", "end")
    expect(code == 0, f"exit code {code} once there is room: {log[-1:]}")
    check_same(job, plain)


def refusals(job, events, rng, binary):
    process = job.start(*job.durable(rng))
    await_that(lambda: size(job.output("seen")) > 0, "output")
    code, log = job.run(*job.durable(rng))
    expect(code == 75 and "another process" in log[-1], f"two at once: {code} {log[-1:]}")
    process.send_signal(signal.SIGTERM)
    code = process.wait(timeout=PATIENCE)
    expect(code == 0, f"exit code {code} of a job that is asked to stop")

    listed = subprocess.run([binary, "state", "ls", "--state-dir", job.state], stdout=subprocess.PIPE, check=True).stdout.decode()
    rows = {line.split()[0]: int(line.split()[1]) for line in listed.splitlines()[1:]}
    expect(rows.get("counts/aggregate") == 40, f"state ls: {listed}")

    for flags, code, text in (
            (("--bind", "events=stdin"), 64, "--state-dir needs sources"),
            (("--bind", "events=generator:counter"), 64, "--state-dir needs sources"),
            (("--group", "another"), 65, "holds the state of file_job")):
        got, log = job.run(*job.durable(rng), *flags, "--until", "end")
        expect(got == code and text in log[-1], f"{flags}: {got} {log[-1:]}")

    path = events.path(1)
    saved = path + ".saved"
    os.rename(path, saved)
    for what, text in (("cut", "bytes left of the"), ("replaced", "another file has its name"), ("gone", "is gone")):
        if what == "cut":
            with open(saved, "rb") as file, open(path, "wb") as cut:
                cut.write(file.read()[:1000])
        elif what == "replaced":
            shutil.copyfile(saved, path)
        else:
            os.unlink(path)
        if what == "gone":
            continue  # all of it was read: it is missed by nobody
        code, log = job.run(*job.durable(rng), "--until", "end")
        expect(code == 65 and text in log[-1], f"{what}: {code} {log[-1:]}")
    os.rename(saved, path)

    output = job.output("seen")
    with open(output, "ab") as file:
        file.write(b"{}\n")
    code, log = job.run(*job.durable(rng), "--until", "end")
    expect(code == 65 and "journal knows of" in log[-1], f"a foreign line: {code} {log[-1:]}")
    os.truncate(output, size(output) - 3)
    code, log = job.run(*job.durable(rng), "--until", "end")
    expect(code == 0, f"all is as it was: {code} {log[-1:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    rng = random.Random(args.seed)
    print(f"seed {args.seed}")
    # A killed process leaves its pages behind, so where there is a file system in memory syncs need not be paid for.
    folder = tempfile.mkdtemp(prefix="streamc-files.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    binary = os.path.join(folder, "job")
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "file_job.sdl")
    subprocess.run([args.streamc, program, "-o", binary], check=True)
    events = Events(folder, rng)
    events.append(40000)
    plains = []

    def plain():
        plains.append(Job(binary, events, folder, f"plain{len(plains)}"))
        code, log = plains[-1].run("--until", "end")
        expect(code == 0, f"undisturbed: exit code {code} {log[-1:]}")
        return plains[-1]

    try:
        undisturbed = plain()
        kills = killed_to_the_end(Job(binary, events, folder, "end"), undisturbed, rng, args.kills)
        print(f"to the end of the input: {kills} kills, outputs right")
        full_disk(Job(binary, events, folder, "full"), undisturbed, rng)
        print("full disks: outputs right")
        killed_while_following(Job(binary, events, folder, "follow"), plain, events, rng, args.kills)
        print(f"following the input: {args.kills} stops and kills, outputs right")
        refusals(Job(binary, events, folder, "refusals"), events, rng, binary)
        print("refusals: all said")
    except Failed as failure:
        print(f"FAILED (seed {args.seed}, see {folder}): {failure}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
