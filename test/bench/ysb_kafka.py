#!/usr/bin/env python3
"""YSB from Kafka to Kafka: CPU of the whole job per event, beside the bare consume loop on the same topic in the same run.

    test/integration/broker.sh run test/bench/ysb_kafka.py BUILD_DIR [EVENTS=2000000] [ROUNDS=3] [RATE=50000]

Fills a topic of four partitions, then in turns runs consume_floor and the compiled examples/ysb job (until the end, from
JSON to JSON). Event time runs as that of a live stream of RATE events a second; with 0, a window ends every few hundred events
and one event in ten makes a result. The results of all runs are compared with a recount of the input. Prints CPU-seconds per
million events of both, and their ratio, round by round.
"""
import collections
import datetime
import json
import os
import resource
import subprocess
import sys
import tempfile
import time


def cpu_of(command, **options):
    """CPU seconds of a child and everything it started, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if result.returncode != 0:
        sys.exit(f"{command[0]}: exit code {result.returncode}\n{result.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result.stdout.decode()


def records(brokers, topic, *more):
    """The values of a topic, one by one."""
    command = ["kcat", "-b", brokers, "-t", topic, "-C", "-e", "-q", *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        for line in child.stdout:
            yield json.loads(line)


def topics(brokers):
    listing = subprocess.run(["kcat", "-b", brokers, "-L", "-J"], stdout=subprocess.PIPE, check=True).stdout
    return [topic["topic"] for topic in json.loads(listing)["topics"]]


def metric(text, name):
    """The sum over all labels of a metric in Prometheus' text."""
    return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith((name + " ", name + "{")))


def recount(brokers, folder):
    """Views by (campaign, window) of what stands in ad-events; writes the table ads.jsonl they are counted by."""
    campaigns = {}
    expected = collections.Counter()
    size = 10_000
    for event in records(brokers, "ad-events"):
        campaign = campaigns.setdefault(event["ad_id"], f"campaign-{len(campaigns) // 10}")
        if event["event_type"] == "view":
            expected[campaign, int(event["event_time"]) // size * size] += 1
    with open(os.path.join(folder, "ads.jsonl"), "w", encoding="utf-8") as file:
        for ad, campaign in campaigns.items():
            file.write(json.dumps({"ad_id": ad, "campaign_id": campaign}) + "\n")
    return expected


def wrong_windows(brokers, topic, expected, times=1):
    """How many windows are missing, too many, or have another count in the committed results of so many runs."""
    # The last commit may be visible a little after the job has ended: when the broker has written its markers.
    deadline = time.monotonic() + 20
    while True:
        got, rows = collections.Counter(), collections.Counter()
        for row in records(brokers, topic, "-X", "isolation.level=read_committed"):
            start = datetime.datetime.fromisoformat(row["window_start"].replace("Z", "+00:00"))
            key = row["campaign_id"], round(start.timestamp() * 1000)
            got[key] += row["seen"]
            rows[key] += 1
        missing = sum(rows[key] < times for key in expected)
        if missing == 0 or time.monotonic() > deadline:
            return sum(got[key] != times * expected[key] or rows[key] != times for key in expected.keys() | got.keys())
        time.sleep(0.05)


def compile_job(build, folder, delivery):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(root, "examples", "ysb", "ysb.sdl"), encoding="utf-8") as file:
        program = file.read()
    source = os.path.join(folder, f"{delivery}.sdl")
    with open(source, "w", encoding="utf-8") as file:
        file.write(program.replace("delivery at_least_once", f"delivery {delivery}"))
    cpu_of([os.path.join(build, "bin", "streamc"), source, "-o", os.path.join(folder, delivery)])
    return os.path.join(folder, delivery)


def main():
    build = sys.argv[1]
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rate = sys.argv[4] if len(sys.argv) > 4 else "50000"
    brokers = os.environ["STREAMC_TEST_BROKERS"]
    tool = lambda name: os.path.join(build, "test", "bin", name)
    for topic, count in (("ad-events", events), ("campaign-counts", 0), ("ad-events.bad", 0)):
        cpu_of([tool("produce_ysb"), brokers, topic, str(count), "4", "0", rate])

    with tempfile.TemporaryDirectory() as folder:
        expected = recount(brokers, folder)
        job = compile_job(build, folder, "at_least_once")
        ratios = []
        for number in range(rounds):
            floor, _ = cpu_of([tool("consume_floor"), brokers, "ad-events"])
            whole, _ = cpu_of([job, "--brokers", brokers, "--bind", f"ads=file:{folder}/ads.jsonl", "--until", "end",
                               "--group", f"bench-{number}"])
            ratios.append(whole / floor)
            print(f"round {number}: consume floor {floor / events * 1e6:.3f}, job {whole / events * 1e6:.3f} CPU-seconds "
                  f"per million events, ratio {whole / floor:.2f}", flush=True)
        wrong = wrong_windows(brokers, "campaign-counts", expected, rounds)
        print(f"ratio: median {sorted(ratios)[len(ratios) // 2]:.2f}; {len(expected)} windows of {rounds} runs recounted, "
              f"{wrong} wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
