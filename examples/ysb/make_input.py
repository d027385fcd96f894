#!/usr/bin/env python3
"""Writes ads.jsonl, events.jsonl and expected.jsonl: the benchmark's events in small, and the views per campaign and ten
seconds, counted here a second time."""
import collections
import datetime
import json
import random
import uuid
from pathlib import Path

CAMPAIGNS, ADS_PER_CAMPAIGN, EVENTS, STEP_MS, WINDOW_MS = 5, 4, 3000, 10, 10_000
START_MS = 1767225600000  # 2026-01-01T00:00:00Z


def main():
    folder = Path(__file__).parent
    rng = random.Random(11)
    make_id = lambda: str(uuid.UUID(int=rng.getrandbits(128), version=4))
    campaigns = [make_id() for _ in range(CAMPAIGNS)]
    ads = {make_id(): campaign for campaign in campaigns for _ in range(ADS_PER_CAMPAIGN)}
    views, events = collections.Counter(), []
    for number in range(EVENTS):
        stamp = START_MS + number * STEP_MS
        ad = rng.choice(list(ads)) if rng.random() < 0.95 else make_id()
        kind = rng.choice(["view", "click", "purchase"])
        events.append({
            "user_id": make_id(), "page_id": make_id(), "ad_id": ad,
            "ad_type": rng.choice(["banner", "modal", "sponsored-search", "mail", "mobile"]),
            "event_type": kind, "event_time": str(stamp), "ip_address": "1.2.3.4",
        })
        if kind == "view" and ad in ads:
            views[ads[ad], stamp // WINDOW_MS * WINDOW_MS] += 1
    text = lambda ms: datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [{"campaign_id": c, "window_start": text(w), "seen": n} for (c, w), n in views.items()]
    dump = lambda name, items: (folder / name).write_text("".join(items), encoding="utf-8")
    dump("ads.jsonl", [json.dumps({"ad_id": a, "campaign_id": c}) + "\n" for a, c in ads.items()])
    dump("events.jsonl", [json.dumps(e) + "\n" for e in events])
    dump("expected.jsonl", sorted(json.dumps(r, separators=(",", ":")) + "\n" for r in rows))


if __name__ == "__main__":
    main()
