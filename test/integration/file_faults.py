#!/usr/bin/env python3
"""A job on files with --state-dir dies at each named point it passes (runtime/batch/fault_points.def), goes on, and its outputs are
those of a run nobody disturbed.

    file_faults.py --streamc FILE [--seed N]

For each point three stories: it dies in its first start; in a start that goes on from a killed one; in one that finds more input
behind outputs that were complete. A point that no story reaches is a failure, unless only jobs on Kafka pass it.
"""
import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import file_job
from file_job import Events, Failed, Job, check_same, expect

LIST = Path(__file__).resolve().parents[2] / "runtime" / "batch" / "fault_points.def"
POINTS = [name for name, _ in re.findall(r'^FAULT_POINT\(\w+, "([^"]+)", (\w+)\)', LIST.read_text(), re.M)]
# Transactions, consumer groups, other instances.
KAFKA_ONLY = {"turn.outbox_queued", "turn.committed", "abort.before", "abort.done", "rewind.before", "rewind.forgotten", "rewind.done",
              "recycle.before", "recycle.done", "producer.made", "producer.ready", "assigned", "fenced", "revoked", "restore.reading"}
FLAGS = ("--batch-records", "100", "--until", "end")
EVENTS = 1500


class Run:
    """A job with inputs of its own, of which it first sees a half."""

    def __init__(self, binary, folder, name, halves):
        self.halves = halves
        events = Events(os.path.join(folder, name + ".in"), random.Random(0))
        os.makedirs(events.folder)
        self.events = events
        self.job = Job(binary, events, folder, name)

    def input(self, share):
        for number in (1, 2):
            with open(self.events.path(number), "a", encoding="utf-8") as file:
                file.write(self.halves[share][number - 1])

    def start(self, fault=None):
        """The exit code, -9 at the fault point."""
        os.environ.pop("STREAMC_FAULT", None)
        if fault:
            os.environ["STREAMC_FAULT"] = fault
        code, log = self.job.run("--state-dir", self.job.state, *FLAGS)
        os.environ.pop("STREAMC_FAULT", None)
        expect(code == 0 or (fault and code == -signal.SIGKILL), f"{fault}: exit code {code}: {log[-1:]}")
        return code

    def finish(self):
        self.start()
        left = [name for name in os.listdir(self.job.folder) if name.endswith((".part", ".tmp"))]
        expect(not left, f"{left} left behind")


def first_start(run, fault):
    run.input(0)
    run.input(1)
    return run.start(fault) != 0


def second_start(run, fault):
    run.input(0)
    run.input(1)
    for _ in range(2):  # the second leaves files of an older generation to be removed
        run.start(fault and "turn.applied:3")
    return run.start(fault) != 0


def more_input(run, fault):
    run.input(0)
    run.start()
    run.input(1)
    return run.start(fault) != 0


STORIES = (first_start, second_start, more_input)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    args = parser.parse_args()
    rng = random.Random(args.seed)
    print(f"seed {args.seed}")
    folder = tempfile.mkdtemp(prefix="streamc-faults.", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
    binary = os.path.join(folder, "job")
    subprocess.run([args.streamc, Path(file_job.__file__).with_suffix(".sdl"), "-o", binary], check=True)
    halves = []
    for half in range(2):
        events = Events(os.path.join(folder, f"half{half}"), rng)
        os.makedirs(events.folder)
        if halves:
            events.at, events.next = last.at, last.next
        events.append(EVENTS)
        last = events
        halves.append([Path(events.path(number)).read_text(encoding="utf-8") for number in (1, 2)])
    code = subprocess.run([binary, "--help"], env={**os.environ, "STREAMC_FAULT": "turn.nowhere:1"}, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True)
    try:
        expect(code.returncode == 64 and all(point in code.stderr for point in POINTS), f"a point that is none: {code}")
        reference = {}
        for story in STORIES:
            reference[story] = Run(binary, folder, f"{story.__name__}.reference", halves)
            story(reference[story], None)
            reference[story].finish()
        deaths = 0
        for point in POINTS:
            reached = 0
            for story in STORIES:
                for passes in (1, rng.randint(2, 5)):
                    run = Run(binary, folder, f"{story.__name__}.{point}.{passes}", halves)
                    died = story(run, f"{point}:{passes}")
                    run.finish()
                    check_same(run.job, reference[story].job)
                    shutil.rmtree(run.job.folder)
                    reached += died
                    if not died:
                        break  # it is not passed more often later
            expect((reached > 0) != (point in KAFKA_ONLY), f"{point} was reached {reached} times")
            deaths += reached
        print(f"{deaths} deaths at {len(POINTS) - len(KAFKA_ONLY)} points, outputs right")
    except Failed as failure:
        print(f"FAILED (seed {args.seed}, see {folder}): {failure}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
