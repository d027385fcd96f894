#!/usr/bin/env python3
"""What exactly once costs: YSB from Kafka to Kafka, at least once beside exactly once, at several lengths of a turn.

    test/integration/broker.sh run test/bench/exactly_once.py BUILD_DIR [EVENTS=2000000] [ROUNDS=3] [RATE=50000] [MS,MS,...]

Fills a topic of four partitions whose event time runs as that of a live stream of RATE events a second, so that few windows are
open at once. In every round each length of a turn (10, 50, 100, 500 ms) is run with both deliveries, in turns on the same topic,
until the end. Prints CPU-seconds of the whole process per million events, events per second of wall clock from the first record
on, and how long commits took (from the job's own histogram, read between two bounds by a straight line). Every run has a topic of
its own for results, which is read with read_committed and compared with a recount of the input: each window once.
"""
import collections
import ctypes
import math
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import ysb_kafka

DELIVERIES = ("at_least_once", "exactly_once")


class Scraper(threading.Thread):
    """Reads /metrics of a running job now and then; `text` is the last answer, `first` when records were first seen."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.text, self.first, self.done = port, "", None, threading.Event()
        self.start()

    def run(self):
        while not self.done.wait(0.05 if self.first is None else 0.25):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=1) as answer:
                    self.text = answer.read().decode()
            except OSError:
                continue
            if self.first is None and ysb_kafka.metric(self.text, "streamc_source_records_total") > 0:
                self.first = time.monotonic()
                self.seen = ysb_kafka.metric(self.text, "streamc_source_records_total")

    def stop(self):
        self.done.set()
        self.join()
        return self


def commit_quantiles(text, parts):
    """Estimates from the buckets of streamc_commit_seconds, in milliseconds, and how many commits there were."""
    buckets = [(float(bound), int(count)) for bound, count in
               re.findall(r'^streamc_commit_seconds_bucket\{le="([^"]+)"\} (\d+)', text, re.M)]
    total = buckets[-1][1] if buckets else 0
    answers = []
    for part in parts:
        low, below = 0.0, 0
        for bound, count in buckets:
            if count >= part * total and count > below:
                inside = (part * total - below) / (count - below)
                answers.append(1000 * (low + inside * (bound - low) if math.isfinite(bound) else low))
                break
            low, below = bound, count
    return answers, total


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def delete_topics(brokers, names):
    """So that a broker does not slow down under the internal topics of earlier runs."""
    kafka = ctypes.CDLL("librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_queue_new", "rd_kafka_DeleteTopic_new", "rd_kafka_queue_poll"):
        getattr(kafka, name).restype = ctypes.c_void_p
    pointer, text = ctypes.c_void_p, ctypes.create_string_buffer(512)
    conf = kafka.rd_kafka_conf_new()
    kafka.rd_kafka_conf_set(pointer(conf), b"bootstrap.servers", brokers.encode(), text, ctypes.c_size_t(512))
    client = pointer(kafka.rd_kafka_new(0, pointer(conf), text, ctypes.c_size_t(512)))
    queue = pointer(kafka.rd_kafka_queue_new(client))
    wanted = (pointer * len(names))(*(kafka.rd_kafka_DeleteTopic_new(name.encode()) for name in names))
    kafka.rd_kafka_DeleteTopics(client, wanted, ctypes.c_size_t(len(names)), None, queue)
    event = kafka.rd_kafka_queue_poll(queue, 30000)
    if event:
        kafka.rd_kafka_event_destroy(pointer(event))
    for topic in wanted:
        kafka.rd_kafka_DeleteTopic_destroy(pointer(topic))
    kafka.rd_kafka_queue_destroy(queue)
    kafka.rd_kafka_destroy(client)


def main():
    build = sys.argv[1]
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 2_000_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    rate = int(sys.argv[4]) if len(sys.argv) > 4 else 50_000
    lengths = [int(ms) for ms in (sys.argv[5] if len(sys.argv) > 5 else "10,50,100,500").split(",")]
    brokers = os.environ["STREAMC_TEST_BROKERS"]
    tool = lambda name: os.path.join(build, "test", "bin", name)
    for topic, count in (("ad-events", events), ("ad-events.bad", 0)):
        ysb_kafka.cpu_of([tool("produce_ysb"), brokers, topic, str(count), "4", "0", str(rate)])

    wrong_runs = 0
    cpu, speed, commits = (collections.defaultdict(list) for _ in range(3))
    with tempfile.TemporaryDirectory() as folder:
        expected = ysb_kafka.recount(brokers, folder)
        jobs = {delivery: ysb_kafka.compile_job(build, folder, delivery) for delivery in DELIVERIES}
        for number in range(rounds):
            for ms in lengths:
                # Who goes first changes, so that neither always meets the warmer broker.
                for delivery in DELIVERIES[:: 1 if number % 2 == 0 else -1]:
                    group = f"bench-{delivery}-{ms}-{number}"
                    topic = f"counts-{group}"
                    ysb_kafka.cpu_of([tool("produce_ysb"), brokers, topic, "0", "4"])
                    port = free_port()
                    scraper = Scraper(port)
                    used, _ = ysb_kafka.cpu_of(
                        [jobs[delivery], "--brokers", brokers, "--bind", f"ads=file:{folder}/ads.jsonl", "--bind",
                         f"counts=kafka:{topic}", "--until", "end", "--group", group, "--commit-every", f"{ms}ms", "--metrics",
                         f"127.0.0.1:{port}", "--quiet"])
                    ended = time.monotonic()
                    scraper.stop()
                    key = delivery, ms
                    cpu[key].append(used / events * 1e6)
                    if scraper.first is not None and scraper.seen < events:
                        speed[key].append((events - scraper.seen) / (ended - scraper.first))
                    commits[key].append(scraper.text)
                    wrong = ysb_kafka.wrong_windows(brokers, topic, expected)
                    wrong_runs += wrong > 0
                    if wrong:
                        print(f"{group}: {wrong} of {len(expected)} windows are wrong", flush=True)
                    delete_topics(brokers, [name for name in ysb_kafka.topics(brokers) if group in name])

    for ms in lengths:
        for delivery in DELIVERIES:
            key = delivery, ms
            quantiles = [commit_quantiles(text, (0.5, 0.99)) for text in commits[key]]
            best = max(quantiles, key=lambda one: one[1])
            figures = "; commits p50 {:.1f} p99 {:.1f} ms ({} in the longest run)".format(*best[0], best[1]) if best[1] else ""
            print(f"{ms:3d} ms {delivery:13s} {statistics.median(cpu[key]):.3f} CPU-seconds per million events, "
                  f"{statistics.median(speed[key] or [0]) / 1000:.0f} k events/s{figures}")
        pairs = lambda of: [once / least for once, least in zip(of["exactly_once", ms], of["at_least_once", ms])]
        ratios, speeds = pairs(cpu), pairs(speed)
        print(f"{ms:3d} ms exactly once / at least once, by rounds: CPU {' '.join(f'{one:.2f}' for one in ratios)}, "
              f"throughput {' '.join(f'{one:.2f}' for one in speeds)}")
    print(f"{rounds * len(lengths) * 2} runs of {len(expected)} windows recounted, {wrong_runs} wrong")
    return 1 if wrong_runs else 0


if __name__ == "__main__":
    sys.exit(main())
