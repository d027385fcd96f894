#!/usr/bin/env python3
"""YSB from Kafka to Kafka: CPU of the whole job per event, beside the bare consume loop on the same topic in the same run.

    test/integration/broker.sh run test/bench/ysb_kafka.py BUILD_DIR [EVENTS=2000000] [ROUNDS=3]

Fills a topic of four partitions, then in turns runs consume_floor and the compiled examples/ysb job (until the end, from
JSON to JSON). The results of the last run are compared with a recount of the input. Prints CPU-seconds per million events of
both, and their ratio, round by round.
"""
import collections
import datetime
import json
import os
import resource
import subprocess
import sys
import tempfile


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


def main():
    build = sys.argv[1]
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    brokers = os.environ["STREAMC_TEST_BROKERS"]
    tool = lambda name: os.path.join(build, "test", "bin", name)
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for topic, count in (("ad-events", events), ("campaign-counts", 0), ("ad-events.bad", 0)):
        cpu_of([tool("produce_ysb"), brokers, topic, str(count), "4"])

    with tempfile.TemporaryDirectory() as folder:
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
        job = os.path.join(folder, "ysb")
        cpu_of([os.path.join(build, "bin", "streamc"), os.path.join(root, "examples", "ysb", "ysb.sdl"), "-o", job])

        ratios = []
        for number in range(rounds):
            floor, _ = cpu_of([tool("consume_floor"), brokers, "ad-events"])
            whole, _ = cpu_of([job, "--brokers", brokers, "--bind", f"ads=file:{folder}/ads.jsonl", "--until", "end",
                               "--group", f"bench-{number}"])
            ratios.append(whole / floor)
            print(f"round {number}: consume floor {floor / events * 1e6:.3f}, job {whole / events * 1e6:.3f} CPU-seconds "
                  f"per million events, ratio {whole / floor:.2f}", flush=True)
        got = collections.Counter()
        for row in records(brokers, "campaign-counts"):
            start = datetime.datetime.fromisoformat(row["window_start"].replace("Z", "+00:00"))
            got[row["campaign_id"], round(start.timestamp() * 1000)] += row["seen"]
        wrong = [key for key in expected.keys() | got.keys() if got[key] != rounds * expected[key]]
        print(f"ratio: median {sorted(ratios)[len(ratios) // 2]:.2f}; {len(expected)} windows of {rounds} runs recounted, "
              f"{len(wrong)} wrong")
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
