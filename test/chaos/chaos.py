#!/usr/bin/env python3
"""The chaos run: a job that must write each result once, and everything that happens to it meanwhile.

  chaos.py --tool CHAOS_TOOL --streamc STREAMC [--long] [--jobs N] [--seed N] [--only R1,R3] [--work DIR] [--list]

Prints one line per test: what was done how often, violations, recovery, time. Exit code 0 if there is no violation.
A test is a function marked with @test; README.md says what each is for. The seed decides every choice but the machine's timing.
"""
import argparse
import itertools
import shutil
import statistics
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rig import Job, Rig
import scenarios


def line(scenario, job, violations, seconds):
    recovery = "; ".join(f"{what or 'back'} after {statistics.median(found):.1f} s, worst {max(found):.1f} s"
                         for what, found in job.recovery.items()) if job else ""
    done = ", ".join(f"{count} {what}" for what, count in job.done.items()) if job else ""
    if job and job.exits:
        done += f" (ended by itself: {', '.join(str(code) for _, code in job.exits)})"
    return f"{scenario.name:4} {scenario.what:44} {done:34} {violations:>4} violations  {recovery:34} {seconds:5.0f} s"


def run(scenario, rig, options):
    begin = time.monotonic()
    job, problems, violations = None, [], 0
    try:
        job = Job(rig, scenario.name.lower(), options.seed, scenario.rate, scenario.arguments,
                  scenario.program)
        patience = 60
        try:
            scenario.run(job, scenario.long if options.long else scenario.short)
        except Exception:  # what was written by then is still looked at
            job.problem(traceback.format_exc())
            patience = 10
        if scenario.verified:
            job.finish_feed()
            rig.proxy.do(do="clear")
            rig.proxy.do(do="heal")
            violations, report = job.verify(patience, *(["--partial"] if scenario.must_fail else []))
            if scenario.must_fail:
                job.did("violations seen", violations)
                if violations == 0:
                    job.problem("the rule was broken and nothing was seen")
                violations = 0
            if violations:
                problems.append(report)
            for instance in job.instances:
                if instance.running():
                    code, took = instance.stop()
                    if code != 0:
                        job.problem(f"{instance.name} stopped with {code} after {took:.1f} s:\n{instance.tail()}")
        for name, code in job.exits:
            if code not in scenario.codes:
                job.problem(f"{name} ended by itself with {code}, see {job.folder / name}.log")
        problems += job.problems
        violations += len(job.problems)
    except Exception:  # a test that cannot go on has failed, the others go on
        problems.append(traceback.format_exc())
        violations += 1
    finally:
        if job:
            job.close()
    seconds = time.monotonic() - begin
    lines = [line(scenario, job, violations, seconds)]
    lines += ["     " + problem.rstrip().replace("\n", "\n     ") for problem in problems]
    print("\n".join(lines), flush=True)
    return violations


def main():
    parser = argparse.ArgumentParser(description="Shows exactly once under faults.")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("--long", action="store_true", help="the counts of the long run")
    parser.add_argument("--jobs", type=int, help="tests at once, each with a broker of its own (short form 2, long form 1)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="names of tests, with commas; R1 is R1A, R1B and so on")
    parser.add_argument("--work", help="folder for logs; without it a temporary one, kept when something failed")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    options.jobs = options.jobs or (1 if options.long else 2)
    wanted = [name.upper() for name in options.only.split(",") if name]
    chosen = [s for s in scenarios.ALL if not wanted or {s.name, s.name.rstrip("ABCF")} & set(wanted)]
    if not options.list:
        chosen = [s for s in chosen if (s.long if options.long else s.short) > 0]
    if not chosen:
        parser.error(f"no test is called {options.only}")
    if options.list:
        for scenario in chosen:
            print(f"{scenario.name:4} {scenario.what:44} {scenario.short:>4} short, {scenario.long:>4} long")
        return 0
    work = Path(options.work or tempfile.mkdtemp(prefix="streamc-chaos."))
    print(f"seed {options.seed}, {'long' if options.long else 'short'} form, logs in {work}", flush=True)
    begin = time.monotonic()
    free, made = [], itertools.count()

    def on_a_rig(scenario):
        fits = [rig for rig in free if len(rig.nodes) == scenario.nodes]
        rig = fits[0] if fits else None
        if rig:
            free.remove(rig)
        else:
            rig = Rig(options.tool, options.streamc, work / f"rig{next(made)}", scenario.nodes)
        try:
            return run(scenario, rig, options)
        finally:
            # Of clusters there is no room for more than are in use.
            rig.close() if scenario.nodes > 1 else free.append(rig)
    try:
        with ThreadPoolExecutor(options.jobs) as pool:
            failed = sum(pool.map(on_a_rig, chosen))
    finally:
        for rig in free:
            rig.close()
    print(f"{len(chosen)} tests, {failed} violations, {time.monotonic() - begin:.0f} s, seed {options.seed}")
    if failed == 0 and not options.work:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
