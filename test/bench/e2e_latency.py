#!/usr/bin/env python3
"""End-to-end latency: from the time an event was meant to be sent to the time a reader of the results sees it.

    test/integration/broker.sh run test/bench/e2e_latency.py BUILD_DIR [RATE=50000] [SECONDS=10] [MS,MS,...=100]

Runs a job that passes events on, and one of 100 ms windows per item, at least once (read uncommitted) and exactly once (read
committed), with turns of each length; e2e_latency sends, reads and counts. Fails when events are missing or seen twice.
"""
import os
import subprocess
import sys
import tempfile
import time
import urllib.request

import exactly_once
import ysb_kafka

PROGRAM = """
job latency { delivery %s  on bad stop }
schema Event { id: int  item: string  at: timestamp(ms)  sent: int }
source events: Event from kafka("latency-in") format json
  time at watermark lag 0s idle 1h
  start latest
stream results = events %s
sink results to kafka("latency-out") format json
"""
SHAPES = {
    "pass": "|> select id, sent",
    "window": "|> aggregate n = count(), sent = max(sent) by item window tumbling(100ms) |> select item, n, sent",
}
ISOLATION = {"at_least_once": "read_uncommitted", "exactly_once": "read_committed"}


def scrape(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read().decode()


def wait_until_ready(job, port):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and job.poll() is None:
        try:
            if scrape(port, "/ready") and ysb_kafka.metric(scrape(port, "/metrics"), "streamc_source_partitions") > 0:
                return
        except OSError:
            time.sleep(0.02)
    sys.exit("the job does not get ready")


def main():
    build = sys.argv[1]
    rate = sys.argv[2] if len(sys.argv) > 2 else "50000"
    seconds = sys.argv[3] if len(sys.argv) > 3 else "10"
    lengths = (sys.argv[4] if len(sys.argv) > 4 else "100").split(",")
    brokers = os.environ["STREAMC_TEST_BROKERS"]
    tool = lambda name: os.path.join(build, "test", "bin", name)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for shape, steps in SHAPES.items():
            for delivery, isolation in ISOLATION.items():
                name = os.path.join(folder, f"{shape}-{delivery}")
                with open(name + ".sdl", "w", encoding="utf-8") as file:
                    file.write(PROGRAM % (delivery, steps))
                ysb_kafka.cpu_of([os.path.join(build, "bin", "streamc"), name + ".sdl", "-o", name])
                for ms in lengths:
                    group = f"latency-{shape}-{delivery}-{ms}"
                    inputs, outputs = group + "-in", group + "-out"
                    for topic in (inputs, outputs):
                        ysb_kafka.cpu_of([tool("produce_ysb"), brokers, topic, "0", "4"])
                    port = exactly_once.free_port()
                    with subprocess.Popen([name, "--brokers", brokers, "--bind", f"events=kafka:{inputs}", "--bind",
                                           f"results=kafka:{outputs}", "--group", group, "--commit-every", f"{ms}ms", "--metrics",
                                           f"127.0.0.1:{port}", "--quiet"]) as job:
                        try:
                            wait_until_ready(job, port)
                            result = subprocess.run([tool("e2e_latency"), brokers, inputs, outputs, isolation, rate, seconds],
                                                    stdout=subprocess.PIPE, check=False)
                            text = scrape(port, "/metrics")
                        finally:
                            job.terminate()
                    failed += result.returncode != 0
                    cpu = ysb_kafka.metric(text, "process_cpu_seconds_total")
                    quantiles, count = exactly_once.commit_quantiles(text, (0.5, 0.99))
                    commits = "; commits p50 {:.1f} p99 {:.1f} ms of {}".format(*quantiles, count) if count else ""
                    print(f"{shape:6s} {delivery:13s} {ms:>3s} ms: {result.stdout.decode().strip()}{commits}; "
                          f"{cpu:.2f} CPU-seconds", flush=True)
                    exactly_once.delete_topics(brokers, [one for one in ysb_kafka.topics(brokers) if group in one])
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
