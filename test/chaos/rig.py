"""What a chaos test stands on: a broker behind a proxy, instances of the job, a feeder, a watcher, the verifier.

In: the compiler, chaos_tool and a work folder, in which every process leaves its log. Used by chaos.py. All processes end with
this one. Nothing here waits for a fixed time unless the time is the fault.
"""
import ctypes
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
BROKER = HERE.parent / "integration" / "broker.sh"
PARTITIONS = 6
FINAL_CODES = (64, 65, 66, 70)
BROKER_CONFIG = "\n".join([
    "transaction.abort.timed.out.transaction.cleanup.interval.ms=1000",
    "offsets.topic.segment.bytes=10485760"])


def now_us():
    return time.time_ns() // 1000


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_ports(count):
    held = [socket.socket() for _ in range(count)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


def java_hash(text):
    """String.hashCode() of Java: by it a broker finds the partition that keeps a group."""
    code = 0
    for character in text:
        code = (31 * code + ord(character)) & 0xFFFFFFFF
    return code - (1 << 32) if code >> 31 else code


def wait_until(what, condition, limit=60.0, step=0.02):
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {limit:.0f} s in vain for {what}")
        time.sleep(step)


class Proxy:
    def __init__(self, ways, log):
        """`ways`: for each broker the port clients come to, and its own."""
        (self.control,) = free_ports(1)
        self.process = subprocess.Popen(["python3", HERE / "proxy.py", str(self.control), *(f"{l}:{b}" for l, b in ways)],
                                        stdout=subprocess.PIPE, stderr=log, preexec_fn=die_with_parent)
        if self.process.stdout.readline() != b"ready\n":
            raise RuntimeError("the proxy does not start")

    def do(self, **spec):
        with socket.create_connection(("127.0.0.1", self.control)) as connection:
            connection.sendall(json.dumps(spec).encode() + b"\n")
            answer = json.loads(connection.makefile().readline())
        if "error" in answer:
            raise RuntimeError(f"proxy: {answer['error']} for {spec}")
        return answer

    def rule(self, **spec):
        return self.do(do="rule", **spec)["rule"]

    def hits(self, rule, at_least=0, limit=0.0):
        return self.do(do="hits", rule=rule, at_least=at_least, limit=int(limit * 1000))["hits"]

    def stop(self):
        self.process.kill()
        self.process.wait()


class Rig:
    """A broker, or a cluster of `nodes`, and the proxy before it. `tool` and `compiler` are paths."""

    def __init__(self, tool, compiler, work, nodes=1):
        self.tool, self.compiler, self.work = Path(tool), Path(compiler), Path(work)
        self.work.mkdir(parents=True, exist_ok=True)
        listen = free_ports(nodes)
        self.nodes = range(1, nodes + 1)
        self.folder = self.work / "broker"
        self.environment = dict(os.environ, STREAMC_BROKER_PROXY=",".join(map(str, listen)), STREAMC_BROKER_CONFIG=BROKER_CONFIG)
        if nodes > 1:
            self.environment["STREAMC_BROKER_HEAP"] = "320m"
        self.log = open(self.work / "rig.log", "ab")
        self.start_broker()
        self.address = (self.folder / "address").read_text().strip()
        self.proxied = ",".join(f"127.0.0.1:{port}" for port in listen)
        behind = [int((folder / "behind_proxy").read_text()) for folder in self.node_folders()]
        self.proxy = Proxy(list(zip(listen, behind)), self.log)

    def node_folders(self):
        return [self.folder] if len(self.nodes) == 1 else [self.folder / str(node) for node in self.nodes]

    def broker(self, do, *words, node=None):
        subprocess.run([BROKER, do, self.folder / str(node) if node else self.folder, *words], env=self.environment, check=True,
                       stdout=self.log, stderr=self.log)

    # Without `node` all of them, with it one of a cluster.
    def start_broker(self, node=None):
        self.broker("start", "--owner", str(os.getpid()), *(() if node else ("--nodes", str(len(self.nodes)))), node=node)

    def stop_broker(self, node=None):
        self.broker("stop", node=node)

    def kill_broker(self, node=None):
        self.broker("kill", node=node)

    def partitions(self):
        """{topic: partitions as `kcat -L -J` shows them}, in ascending order."""
        shown = subprocess.run(["kcat", "-L", "-J", "-b", self.address, "-m", "10"], check=True, stdout=subprocess.PIPE,
                               stderr=self.log)
        return {topic["topic"]: sorted(topic["partitions"], key=lambda p: p["partition"])
                for topic in json.loads(shown.stdout)["topics"]}

    def in_sync(self):
        return all(len(p["isrs"]) == len(p["replicas"]) for topic in self.partitions().values() for p in topic)

    def holder(self, role, job):
        """The node of a cluster that has a role now: "source" leads most partitions of the source, "transactions" coordinates most
        of them, "group" the job's group, "controller" leads the quorum."""
        if role == "controller":
            states = [json.loads((folder / "data/__cluster_metadata-0/quorum-state").read_text())
                      for folder in self.node_folders()]
            return max(states, key=lambda state: (state["leaderEpoch"], state["leaderId"]))["leaderId"]
        topics = self.partitions()
        if role == "group":
            offsets = topics["__consumer_offsets"]
            return offsets[abs(java_hash(job.group)) % len(offsets)]["leader"]
        led = [p["leader"] for p in topics[f"{job.name}.events" if role == "source" else "__transaction_state"]]
        return max(self.nodes, key=led.count)

    def run_tool(self, *words, check=True, **more):
        return subprocess.run([self.tool, *map(str, words)], env=dict(os.environ, STREAMC_TEST_BROKERS=self.address),
                              check=check, text=True, **more)

    def open_tool(self, *words, **more):
        return subprocess.Popen([self.tool, *map(str, words)], env=dict(os.environ, STREAMC_TEST_BROKERS=self.address),
                                preexec_fn=die_with_parent, text=True, **more)

    def close(self):
        self.proxy.stop()
        self.kill_broker()


class Instance:
    """One process of the job. Started again under the same name it appends to the same log."""

    def __init__(self, job, name, arguments=(), environment=None, file_limit=None):
        self.job, self.name, self.arguments = job, name, list(arguments)
        self.environment, self.file_limit = environment or {}, file_limit
        self.log = job.folder / f"{name}.log"
        self.process, self.wanted = None, False
        self.lock = threading.RLock()  # the supervisor starts instances too
        (self.port,) = free_ports(1)

    def start(self, **environment):
        command = [self.job.binary, "--brokers", self.job.rig.proxied, "--group", self.job.group,
                   "--metrics", f"127.0.0.1:{self.port}", "--kafka", f"client.id={self.name}", *self.job.arguments,
                   *self.arguments]
        with open(self.log, "ab") as log:
            log.write(f"--- {time.time():.3f} {' '.join(map(str, command))} {environment or ''}\n".encode())
            log.flush()
            with self.lock:
                # Behind a pipe the log is no file the limit is about.
                out = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=log).stdin if self.file_limit else log
                self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                env={**os.environ, "STREAMC_STATE_DIGEST": "1", **self.environment, **environment},
                                                preexec_fn=self.prepare)
                if self.file_limit:
                    out.close()
                self.wanted = True
        return self

    def start_if_wanted(self):
        with self.lock:
            if self.wanted and not self.running():
                self.start()

    def prepare(self):
        die_with_parent()
        if self.file_limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_limit, self.file_limit))

    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def unwanted(self):
        """From now on nobody starts it but the test."""
        with self.lock:
            self.wanted = False

    def kill(self):
        self.unwanted()
        self.process.kill()
        self.process.wait()

    def terminate(self):
        """SIGTERM: it is to stop in order."""
        self.unwanted()
        self.process.terminate()

    def stop(self, limit=30.0):
        """SIGTERM; returns (exit code, seconds it took). None as code: it did not end and was killed."""
        begin = time.monotonic()
        self.terminate()
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            code = None
        return code, time.monotonic() - begin

    def wait(self, limit):
        """The exit code of a process that should end by itself; None if it does not."""
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            return None

    def get(self, path):
        """(status, text) of the metrics port; status 0 if nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, ""
        except OSError:
            return 0, ""

    def metric(self, name):
        """Sum over all labels; 0 if there is none."""
        values = re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", self.get("/metrics")[1], re.M)
        return sum(map(float, values))

    def tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Watcher:
    def __init__(self, rig, prefix, log):
        self.process = rig.open_tool("watch", "--prefix", prefix, "--partitions", PARTITIONS, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=log)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("the watcher does not start")

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def after(self, since_us, limit=60.0):
        """Seconds until every partition showed a result of an event sent later than `since_us`; None if not within limit."""
        answer = self.ask("after", since_us, int(limit * 1000))
        self.silent = answer[1:] if answer[0] == "timeout" else []
        return None if self.silent else int(answer[1]) / 1e6

    def seen(self):
        return int(self.ask("seen")[0])

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Job:
    """The job under test with topics of its own, in `rig.work`/`name`."""

    def __init__(self, rig, name, seed, rate, arguments=(), program="job.sdl"):
        self.rig, self.name, self.group = rig, name, name
        self.arguments = list(arguments)
        self.random = random.Random(f"{seed}:{name}")
        self.folder = rig.work / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = open(self.folder / "test.log", "ab")
        self.rate = rate
        self.instances, self.exits = [], []
        # What happened how often; seconds from what kind of fault to progress; texts.
        self.done, self.recovery, self.problems = {}, {}, []
        self.supervising = True
        self.binary = self.compile(program)
        rig.run_tool("topics", "--prefix", name, "--partitions", PARTITIONS)
        self.watcher = Watcher(rig, name, self.log)
        self.feeder = None
        self.supervisor = threading.Thread(target=self.supervise, daemon=True)
        self.supervisor.start()

    def compile(self, program):
        """The program with topics of this test. job_next.sdl is job.sdl and more; job_wide.sdl keeps more than
        job_next.sdl in the step that is new; job_plain.sdl is job.sdl at least once."""
        text = (HERE / "job.sdl").read_text()
        if program in ("job_next.sdl", "job_wide.sdl"):
            text += (HERE / "job_next.sdl").read_text()
        if program == "job_wide.sdl":
            text = text.replace("n = count() by hundred", "n = count(), total = sum(value) by hundred")
        if program == "job_plain.sdl":
            text = text.replace("delivery exactly_once", "delivery at_least_once")
        text = text.replace('"chaos.', f'"{self.name}.').replace('"chaos"', f'"{self.name}"')
        source = self.folder / program
        source.write_text(text)
        binary = source.with_suffix("")
        subprocess.run([self.rig.compiler, source, "-o", binary], check=True, stdout=self.log, stderr=self.log)
        return binary

    def say(self, text):
        self.log.write(f"{time.time():.3f} {text}\n".encode())
        self.log.flush()

    def feed(self, **rules):
        words = [f"--{key}={value}" for key, value in {"rate": self.rate, "seed": self.random.getrandbits(32), **rules}.items()]
        self.feeder = self.rig.open_tool("feed", "--prefix", self.name, *words, stdout=self.log, stderr=self.log)

    def add(self, name=None, arguments=(), start=True, **more):
        name = name or f"{self.name}-{len(self.instances)}"
        instance = Instance(self, name, arguments, **more)
        self.instances.append(instance)
        if start:
            instance.start()
        return instance

    def add_static(self, count, arguments=()):
        for i in range(count):
            self.add(arguments=["--instance", f"i{i}", *arguments])

    def did(self, what, count=1):
        self.done[what] = self.done.get(what, 0) + count
        self.say(f"{what} {self.done[what]}")

    def problem(self, text):
        self.problems.append(text)
        self.say(f"PROBLEM {text}")

    def pick(self):
        return self.random.choice([i for i in self.instances if i.running()])

    def supervise(self):
        """What a service manager does: starts again what ended by itself, unless another attempt would end the same way."""
        due = {}
        while self.supervising:
            for instance in list(self.instances):
                if not instance.wanted or instance.running():
                    due.pop(instance, None)
                    continue
                if instance not in due:
                    code = instance.process.returncode
                    self.exits.append((instance.name, code))
                    self.say(f"{instance.name} ended by itself with {code}")
                    if code in FINAL_CODES:
                        instance.wanted = False
                    else:
                        due[instance] = time.monotonic() + 0.2
                elif time.monotonic() >= due[instance]:
                    instance.start_if_wanted()
            time.sleep(0.02)

    def await_progress(self, limit=60.0, since=None):
        """Waits for results of events sent from now (or `since`) on, of every partition; seconds from there to the last."""
        since = since or now_us()
        deadline = time.monotonic() + limit
        while True:
            seconds = self.watcher.after(since, min(5.0, limit))
            alive = any(instance.wanted for instance in self.instances)
            if seconds is not None or not alive or time.monotonic() >= deadline:
                break
        self.say(f"progress after {seconds}")
        if seconds is None:
            self.diagnose()
            raise TimeoutError(f"no progress within {limit:.0f} s of partitions {' '.join(self.watcher.silent)}")
        return seconds

    def diagnose(self):
        """Leaves metrics and, where there is a debugger, stacks of all instances in the folder."""
        for instance in self.instances:
            if not instance.running():
                self.say(f"{instance.name} does not run")
                continue
            (self.folder / f"{instance.name}.metrics").write_text(instance.get("/metrics")[1])
            with open(self.folder / f"{instance.name}.stacks", "wb") as stacks:
                if shutil.which("gdb"):
                    subprocess.run(["gdb", "-p", str(instance.process.pid), "-batch", "-ex", "thread apply all bt 14"],
                                   stdin=subprocess.DEVNULL, stdout=stacks, stderr=subprocess.DEVNULL)

    def recovers(self, since, what="", limit=60.0):
        seconds = self.await_progress(limit, since)
        self.recovery.setdefault(what, []).append(seconds)

    def stop_in_order(self, instances, limit=10.0):
        """SIGTERM to all of them at once; each has to end with 0 within `limit` seconds. The seconds of the slowest."""
        begin = time.monotonic()
        for instance in instances:
            instance.terminate()
        took = {}
        while len(took) < len(instances) and time.monotonic() < begin + 30:
            for instance in instances:
                if instance not in took and not instance.running():
                    took[instance] = time.monotonic() - begin
            time.sleep(0.01)
        for instance in instances:
            if instance not in took:
                instance.kill()
            code, seconds = instance.process.returncode, took.get(instance, 30.0)
            if code != 0 or seconds > limit:
                self.problem(f"{instance.name} stopped with {code} after {seconds:.1f} s:\n{instance.tail()}")
        return max(took.values(), default=30.0)

    def pause(self, least, most):
        """Lets the fault take effect at a moment the seed chooses."""
        time.sleep(self.random.uniform(least, most))

    def begin(self, limit=60.0):
        """Feeds and waits until results flow."""
        self.feed()
        self.await_progress(limit)

    def keep_pace(self, within=0.5, times=3, limit=30.0):
        """Waits until results come soon several times in a row: what was left lying at the start is done, and the broker warm.
        A machine on which they never do is measured as it is."""
        deadline = time.monotonic() + limit
        kept = 0
        while kept < times and time.monotonic() < deadline:
            kept = kept + 1 if self.await_progress() < within else 0

    def finish_feed(self):
        if self.feeder and self.feeder.poll() is None:
            self.feeder.terminate()
        if self.feeder and self.feeder.wait() != 0:
            raise RuntimeError("the feeder failed")

    def verify(self, wait=60, *words):
        """(violations, report)."""
        return self.checked("verify", "--prefix", self.name, "--group", self.group, "--wait", wait, *words)

    def verify_state(self):
        """(violations, report): whether the changelog gives what instances had at their orderly stops."""
        said = [re.findall(r"event=state_digest group=(\d+) end=(\d+) rows=(\d+) digest=(\d+)", instance.log.read_text(errors="replace"))
                for instance in self.instances if instance.log.exists()]
        return self.checked("state", "--group", self.group, input="\n".join(" ".join(line) for lines in said for line in lines))

    def checked(self, *words, **more):
        result = self.rig.run_tool(*words, check=False, stdout=subprocess.PIPE, stderr=self.log, **more)
        with open(self.folder / "verify.log", "a") as log:
            log.write(result.stdout)
        found = re.search(r"^(\d+) violations$", result.stdout, re.M)
        if not found:
            raise RuntimeError(f"the verifier failed with {result.returncode}, see {self.folder / 'test.log'}")
        return int(found.group(1)), result.stdout

    def close(self):
        self.supervising = False
        self.supervisor.join()
        for instance in self.instances:
            if instance.running():
                instance.signal(signal.SIGCONT)
                instance.kill()
        if self.feeder and self.feeder.poll() is None:
            self.feeder.kill()
            self.feeder.wait()
        self.watcher.stop()
        self.rig.proxy.do(do="clear")
        self.rig.proxy.do(do="heal")
