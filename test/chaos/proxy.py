#!/usr/bin/env python3
"""A TCP proxy that reads Kafka's frames and disturbs the chosen ones.

  proxy.py CONTROL_PORT LISTEN_PORT:BROKER_PORT...

Clients reach a broker through it when that broker advertises its LISTEN_PORT (STREAMC_BROKER_PROXY of broker.sh); a cluster has a
pair of ports for each broker, and rules hold for all of them.
A request frame starts with length, api key, api version, correlation id and client id; an answer with length and
correlation id, from which the api key of its request is known. Nothing is rewritten.

Control: one JSON object per line, one JSON answer each.
  {"do": "rule", "action": "hold|drop|reset|delay", "api": ["EndTxn"], "direction": "request|answer", "count": 1,
   "client": "part of a client id", "ms": 100, "jitter": 50, "release_on": ["Produce"], "limit": 5000}
                            -> {"rule": N}. `count` frames are disturbed (0: all). hold: the frame and what follows it on
                               its connection wait for "release", for a later request of `release_on`, or for `limit` ms;
                               they reach the broker even if the client has hung up meanwhile
  {"do": "hits", "rule": N, "at_least": K, "limit": MS}    -> {"hits": H} as soon as H >= K, or after the limit
  {"do": "release"}         lets go of everything held
  {"do": "forget", "rule": N}                              ends one rule and releases what it holds
  {"do": "clear"}           forgets the rules and releases
  {"do": "cut", "client": "..."} / {"do": "heal"}           resets all connections and refuses new ones
  {"do": "reset", "client": "..."}                          resets the connections that stand now
  {"do": "counts"}          -> {"EndTxn": 12, ...} requests seen
"""
import asyncio
import functools
import json
import random
import socket
import struct
import sys

APIS = {0: "Produce", 1: "Fetch", 2: "ListOffsets", 3: "Metadata", 8: "OffsetCommit", 9: "OffsetFetch", 10: "FindCoordinator",
        11: "JoinGroup", 12: "Heartbeat", 13: "LeaveGroup", 14: "SyncGroup", 18: "ApiVersions", 19: "CreateTopics",
        22: "InitProducerId", 24: "AddPartitionsToTxn", 25: "AddOffsetsToTxn", 26: "EndTxn", 28: "TxnOffsetCommit",
        68: "ConsumerGroupHeartbeat"}


def abort(writer):
    """Closes with a reset instead of a farewell."""
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Rule:
    def __init__(self, number, spec):
        self.number = number
        self.action = spec["action"]
        self.apis = set(spec.get("api", []))
        self.direction = spec.get("direction", "request")
        self.left = spec.get("count", 1) or None
        self.client = spec.get("client", "")
        self.ms, self.jitter = spec.get("ms", 0), spec.get("jitter", 0)
        self.release_on = set(spec.get("release_on", []))
        self.limit = spec.get("limit", 60000)
        self.hits = 0
        self.hit = asyncio.Condition()
        self.released = asyncio.Event()

    def takes(self, direction, api, client):
        return (self.left != 0 and direction == self.direction and (not self.apis or api in self.apis)
                and self.client in client)


class Connection:
    def __init__(self, proxy, client, broker):
        self.proxy, self.client, self.broker = proxy, client, broker
        self.asked = {}  # correlation id -> api
        self.client_id = ""

    def reset(self):
        abort(self.client[1])
        abort(self.broker[1])

    async def run(self):
        requests = asyncio.create_task(self.requests())
        answers = asyncio.create_task(self.answers())
        await asyncio.wait({requests, answers}, return_when=asyncio.FIRST_COMPLETED)
        if not requests.done():
            # A held request outlives the client's patience, not the broker's.
            abort(self.client[1])
        await asyncio.gather(requests, answers, return_exceptions=True)
        self.broker[1].close()
        self.client[1].close()

    async def requests(self):
        reader, writer = self.client[0], self.broker[1]
        # Held frames do not keep the client from sending, nor hide that it has hung up.
        queue = asyncio.Queue()
        sender = asyncio.create_task(self.forward(queue, writer, "request"))
        try:
            while True:
                size = await reader.readexactly(4)
                frame = await reader.readexactly(int.from_bytes(size, "big"))
                key, _, correlation, name_size = struct.unpack(">hhih", frame[:10])
                api = APIS.get(key, str(key))
                self.client_id = frame[10:10 + max(name_size, 0)].decode(errors="replace")
                self.asked[correlation] = api
                self.proxy.saw(api)
                queue.put_nowait((api, size + frame))
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        queue.put_nowait(None)
        await sender
        if writer.can_write_eof():
            try:
                writer.write_eof()
            except OSError:
                pass

    async def answers(self):
        reader, writer = self.broker[0], self.client[1]
        queue = asyncio.Queue()
        sender = asyncio.create_task(self.forward(queue, writer, "answer"))
        try:
            while True:
                size = await reader.readexactly(4)
                frame = await reader.readexactly(int.from_bytes(size, "big"))
                queue.put_nowait((self.asked.pop(int.from_bytes(frame[:4], "big"), ""), size + frame))
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        queue.put_nowait(None)
        await sender

    async def forward(self, queue, writer, direction):
        while (entry := await queue.get()) is not None:
            api, frame = entry
            rule = self.proxy.match(direction, api, self.client_id)
            if rule is not None:
                await self.proxy.note(rule)
                if rule.action == "drop":
                    continue
                if rule.action == "reset":
                    self.reset()
                    return
                if rule.action == "delay":
                    await asyncio.sleep(max(0.0, rule.ms + random.uniform(-rule.jitter, rule.jitter)) / 1000)
                if rule.action == "hold":
                    try:
                        await asyncio.wait_for(rule.released.wait(), rule.limit / 1000)
                    except asyncio.TimeoutError:
                        pass
            try:
                writer.write(frame)
                await writer.drain()
            except (ConnectionError, OSError):
                return


class Proxy:
    def __init__(self):
        self.rules, self.connections = {}, set()
        self.counts = {}
        self.cut = None  # part of a client id; "" is everyone
        self.number = 0

    def saw(self, api):
        self.counts[api] = self.counts.get(api, 0) + 1
        for rule in self.rules.values():
            if rule.hits and api in rule.release_on:
                rule.released.set()

    def match(self, direction, api, client):
        return next((rule for rule in self.rules.values() if rule.takes(direction, api, client)), None)

    async def note(self, rule):
        rule.hits += 1
        if rule.left is not None:
            rule.left -= 1
        async with rule.hit:
            rule.hit.notify_all()

    async def accept(self, broker_port, reader, writer):
        if self.cut == "":
            abort(writer)
            return
        try:
            broker = await asyncio.open_connection("127.0.0.1", broker_port)
        except OSError:
            abort(writer)
            return
        for end in (writer, broker[1]):
            end.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self, (reader, writer), broker)
        self.connections.add(connection)
        try:
            await connection.run()
        finally:
            self.connections.discard(connection)

    async def keep_cut(self):
        """Who is cut by client id shows only with its first request."""
        while self.cut:
            for connection in [c for c in self.connections if self.cut in c.client_id]:
                connection.reset()
            await asyncio.sleep(0.005)

    async def command(self, spec):
        do = spec["do"]
        if do == "rule":
            self.number += 1
            self.rules[self.number] = Rule(self.number, spec)
            return {"rule": self.number}
        if do == "hits":
            rule = self.rules[spec["rule"]]
            async with rule.hit:
                try:
                    await asyncio.wait_for(rule.hit.wait_for(lambda: rule.hits >= spec["at_least"]), spec["limit"] / 1000)
                except asyncio.TimeoutError:
                    pass
            return {"hits": rule.hits}
        if do in ("release", "clear"):
            for rule in self.rules.values():
                rule.released.set()
            if do == "clear":
                self.rules.clear()
        elif do == "forget":
            self.rules.pop(spec["rule"]).released.set()
        elif do == "cut":
            self.cut = spec.get("client", "")
            for connection in [c for c in self.connections if self.cut in c.client_id]:
                connection.reset()
            asyncio.create_task(self.keep_cut())
        elif do == "heal":
            self.cut = None
        elif do == "reset":
            for connection in [c for c in self.connections if spec.get("client", "") in c.client_id]:
                connection.reset()
        elif do == "counts":
            return dict(self.counts)
        else:
            return {"error": f"unknown: {do}"}
        return {}

    async def control(self, reader, writer):
        while line := await reader.readline():
            try:
                answer = await self.command(json.loads(line))
            except (KeyError, ValueError) as error:
                answer = {"error": repr(error)}
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        writer.close()


async def main(control_port, ways):
    proxy = Proxy()
    servers = [await asyncio.start_server(proxy.control, "127.0.0.1", control_port)]
    for listen_port, broker_port in ways:
        servers.append(await asyncio.start_server(functools.partial(proxy.accept, broker_port), "127.0.0.1", listen_port))
    print("ready", flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), [tuple(map(int, pair.split(":"))) for pair in sys.argv[2:]]))
