#!/usr/bin/env python3
"""Compile and start-up times of the trending example, as a user feels them: wall-clock and CPU milliseconds.

    test/bench/latency.py BUILD_DIR [ROUNDS=15]

`run, first row`: from starting `streamc run` to the first row on its standard output. `streamc trending.sdl`: to the finished
binary. `job, first row`: from starting that binary. `job, start`: to its end on an empty input: start, open, read nothing, stop.
"""
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time


def first_row(command):
    """Milliseconds until the process has written its first line, and its CPU milliseconds in all."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        child.stdout.readline()
        wall = time.perf_counter() - start
        child.stdout.read()
    if child.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {child.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1e3, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3


def main():
    streamc = os.path.join(sys.argv[1], "bin", "streamc")
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    example = os.path.join(root, "examples", "trending")
    program = os.path.join(example, "trending.sdl")
    with tempfile.TemporaryDirectory() as folder:
        job, empty = os.path.join(folder, "job"), os.path.join(folder, "empty.jsonl")
        open(empty, "w", encoding="utf-8").close()
        flags = lambda file: ["--bind", f"tweets=file:{file}", "--bind", "trending=stdout", "--until", "end", "--quiet"]
        tweets = os.path.join(example, "tweets.jsonl")
        cases = {
            "run, first row": [streamc, "run", program, "--", *flags(tweets)],
            "streamc trending.sdl": [streamc, program, "-o", job],
            "job, first row": [job, *flags(tweets)],
            "job, start": [job, *flags(empty)],
        }
        for name, command in cases.items():
            samples = [first_row(command) for _ in range(rounds)]
            wall, cpu = ([sample[i] for sample in samples] for i in (0, 1))
            print(f"{name:22} wall median {statistics.median(wall):7.1f} least {min(wall):7.1f} ms, "
                  f"cpu median {statistics.median(cpu):7.1f} ms")
        print(f"binary: {os.path.getsize(job) / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
