#!/usr/bin/env python3
"""The chaos run: a job that must write each result once, and everything that happens to it meanwhile.

  chaos.py --tool CHAOS_TOOL --streamc STREAMC [--long] [--jobs N] [--seed N] [--only R1,R3] [--part measured|others] [--work DIR] [--list]

Prints one line per test: what was done how often, violations, recovery, time, and leaves the same as table.md in the work folder.
Exit code 0 if there is no violation. Tests whose times are measured run first and alone, the others N at a time. A test is a function marked with @test; README.md says what each is for. The seed decides every choice but the machine's timing.
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
import fault_points  # noqa: F401  adds its test
import scenarios


class Result:
    """What came of a test."""

    def __init__(self, scenario, job, violations, planned, seconds):
        self.scenario, self.violations, self.planned, self.seconds = scenario, violations, planned, seconds
        self.done = ", ".join(f"{count} {what}" for what, count in job.done.items()) if job else ""
        if job and job.exits:
            codes = [code for _, code in job.exits]
            self.done += f" (ended by itself with {', '.join(f'{codes.count(c)} x {c}' for c in sorted(set(codes)))})"
        self.recovery = "; ".join((f"{what}: " if what else "") + f"{statistics.median(found):.1f} s, {max(found):.1f} s"
                                  for what, found in job.recovery.items()) if job else ""

    def line(self):
        back = f"back after {self.recovery}" if self.recovery else ""
        seen = f"{self.planned} violations seen, as they must; " if self.planned else ""
        return (f"{self.scenario.name:4} {self.scenario.what:48} {self.done:36} {seen}{self.violations:>4} violations  {back:36} "
                f"{self.seconds:5.0f} s")

    def row(self):
        seen = f"{self.planned:,}, as it must" if self.planned and not self.violations else f"{self.violations:,}"
        return f"| {self.scenario.name} | {self.done} | {seen} | {self.recovery} | {self.seconds:.0f} |"


def write_table(path, results, head):
    order = [scenario.name for scenario in scenarios.ALL]
    rows = [result.row() for result in sorted(results, key=lambda result: order.index(result.scenario.name))]
    path.write_text("\n".join([head, "", "| test | done | violations | back after: median, worst | seconds |",
                               "|---|---|---|---|---|", *rows]) + "\n")


def run(scenario, rig, options):
    begin = time.monotonic()
    job, problems, violations, planned = None, [], 0, 0
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
            partial = scenario.must_fail and not scenario.loses
            violations, report = job.verify(10 if scenario.loses else patience, *(["--partial"] if partial else []))
            if scenario.must_fail:
                planned, violations = violations, 0
                if planned == 0:
                    job.problem("the rule was broken and nothing was seen")
            if violations:
                problems.append(report)
            job.stop_in_order([instance for instance in job.instances if instance.running()])
            if not scenario.must_fail:
                wrong, report = job.verify_state()
                violations += wrong
                if wrong:
                    problems.append(report)
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
    result = Result(scenario, job, violations, planned, time.monotonic() - begin)
    print("\n".join([result.line(), *("     " + problem.rstrip().replace("\n", "\n     ") for problem in problems)]), flush=True)
    return result


def main():
    parser = argparse.ArgumentParser(description="Shows exactly once under faults.")
    parser.add_argument("--tool", required=True)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("--long", action="store_true", help="the counts of the long run")
    parser.add_argument("--jobs", type=int, default=2, help="tests at once, each with a broker of its own (2)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="names of tests, with commas; R1 is R1A, R1B and so on")
    parser.add_argument("--part", choices=["measured", "others"], help="those whose recovery is measured, which run alone, or the others")
    parser.add_argument("--work", help="folder for logs; without it a temporary one, kept when something failed")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    wanted = [name.upper() for name in options.only.split(",") if name]
    names = {s.name for s in scenarios.ALL}
    chosen = [s for s in scenarios.ALL if not wanted or s.name in wanted or s.name.rstrip("ABCF") in set(wanted) - names]
    if options.part:
        chosen = [s for s in chosen if s.measured == (options.part == "measured")]
    if not options.list:
        chosen = [s for s in chosen if (s.long if options.long else s.short) > 0]
    if not chosen:
        parser.error(f"no test is called {options.only}")
    if options.list:
        for scenario in chosen:
            print(f"{scenario.name:4} {scenario.what:48} {scenario.short:>4} short, {scenario.long:>4} long")
        return 0
    work = Path(options.work or tempfile.mkdtemp(prefix="streamc-chaos."))
    if any(work.glob("rig*")):
        parser.error(f"{work} holds an earlier run")
    form = f"{'long' if options.long else 'short'} form, seed {options.seed}, {options.jobs} at once"
    print(f"{form}, logs in {work}", flush=True)
    begin = time.monotonic()
    free, made, results = [], itertools.count(), []

    def on_a_rig(scenario):
        fits = [rig for rig in free if len(rig.nodes) == scenario.nodes]
        rig = fits[0] if fits else None
        if rig:
            free.remove(rig)
        else:
            rig = Rig(options.tool, options.streamc, work / f"rig{next(made)}", scenario.nodes)
        try:
            results.append(run(scenario, rig, options))
            write_table(work / "table.md", results, f"{form}, {(time.monotonic() - begin) / 60:.0f} minutes.")
        finally:
            # Of clusters there is no room for more than are in use.
            rig.close() if scenario.nodes > 1 else free.append(rig)
    try:
        others = [s for s in chosen if not s.measured]
        others.sort(key=lambda s: s.long if options.long else s.short, reverse=True)  # nothing long is left for the end
        # One pool for all: a process ends with the thread that started it.
        with ThreadPoolExecutor(options.jobs) as pool:
            for scenario in [s for s in chosen if s.measured]:
                pool.submit(on_a_rig, scenario).result()
            list(pool.map(on_a_rig, others))
    finally:
        for rig in free:
            rig.close()
    failed = sum(result.violations for result in results)
    print(f"{len(chosen)} tests, {failed} violations, {time.monotonic() - begin:.0f} s, seed {options.seed}")
    if failed == 0 and not options.work:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
