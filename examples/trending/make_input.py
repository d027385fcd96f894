#!/usr/bin/env python3
"""Writes tweets.jsonl and expected.jsonl: the input of the example and what must come out of it.

The tweets are made from a seed, so the file is always the same. The result is counted here a second time, record by
record and without any window machinery, so that it can check the compiled job.
"""
import datetime
import json
import random
import sys
import unicodedata
from collections import defaultdict
from pathlib import Path

SEED, TWEETS = 20260101, 4000
START_MS = 1767225600000  # 2026-01-01T00:00:00Z
LAG_MS, MINUTE_MS, TOP, MIN_LENGTH = 10_000, 60_000, 20, 3

ENGLISH = """kafka stream window event topic broker offset commit batch state late record schema join filter
count coffee morning weather football music travel river mountain city train phone battery update release
naïve café résumé don't it's we're code review deploy rollback latency throughput the and for with from this
that have just like what when your about today tomorrow night""".split()
OTHER = {
    "de": "der Strom fließt Ärger über Grüße Straße Fenster heute morgen".split(),
    "ja": "今日は いい天気 ですね カフカ ストリーム 東京".split(),
    "ar": "مرحبا بالعالم اليوم جميل".split(),
    "ru": "привет мир сегодня поток событий".split(),
    "hi": "नमस्ते दुनिया आज".split(),
    None: "hello untagged words".split(),
}
EMOJI = ["🚀", "😀", "🔥", "👩‍💻", "❤️", "🇩🇪"]


def make_lines(rng):
    weights = [1 / (rank + 1) for rank in range(len(ENGLISH))]
    time_ms = START_MS
    for number in range(TWEETS):
        time_ms += rng.choice([40, 90, 120, 250])
        stamp = time_ms - rng.randrange(0, 6_000)
        if rng.random() < 0.003:
            stamp -= 120_000  # a straggler: its minute has been answered
        lang = "en" if rng.random() < 0.7 else rng.choice(list(OTHER))
        pool, weight = (ENGLISH, weights) if lang == "en" else (OTHER[lang], None)
        words = rng.choices(pool, weights=weight, k=rng.randint(3, 12))
        words = [w.upper() if rng.random() < 0.1 else w.capitalize() if rng.random() < 0.1 else w for w in words]
        if rng.random() < 0.3:
            words.insert(rng.randrange(len(words)), rng.choice(EMOJI))
        text = rng.choice([" ", ", ", " - "]).join(words) + rng.choice(["", ".", "!", " \"quoted\"", "\nsecond line"])
        tweet = {
            "id": 948_000_000_000_000_000 + number * 1_009,
            "text": text,
            "source": {"app": rng.choice(["web", "phone"]), "tags": [1, 2, {"deep": None}]},
            "created_at": stamp,
            "user": {"name": rng.choice(["åsa", "bob", "李雷", "Ольга"]), "followers": rng.randrange(0, 50_000), "verified": False},
        }
        if lang is not None:
            tweet["lang"] = lang
        yield json.dumps(tweet, ensure_ascii=rng.random() < 0.2)
        if number % 500 == 250:
            yield rng.choice(
                ['{broken', '{"id": 1, "lang": "en", "text": 17, "created_at": %d, "user": {"name": "x", "followers": 1}}' % stamp, "[1, 2]", '{"id": 3, "lang": "en"}']
            )


def words_of(text):
    """Runs of letters, numbers and marks; an apostrophe between two such characters belongs to the word."""
    keep = [unicodedata.category(c)[0] in "LNM" for c in text]
    word, out = "", []
    for i, c in enumerate(text):
        inner = c in "'’" and word and i + 1 < len(text) and keep[i + 1]
        if keep[i] or inner:
            word += c
        elif word:
            out.append(word)
            word = ""
    return out + [word] if word else out


def recount(lines):
    """Rows per minute as the job must give them; also the numbers of late rows and of bad records."""
    counts = defaultdict(lambda: [0, 0])
    newest, late, bad = None, 0, 0
    for line in lines:
        try:
            tweet = json.loads(line)
        except ValueError:
            bad += 1
            continue
        if not isinstance(tweet, dict) or not isinstance(tweet.get("created_at"), int):
            bad += 1
            continue
        stamp = tweet["created_at"]
        watermark = None if newest is None else newest - LAG_MS
        newest = stamp if newest is None else max(newest, stamp)
        if tweet.get("lang") != "en":
            continue
        if not isinstance(tweet.get("text"), str):
            bad += 1
            continue
        minute = stamp // MINUTE_MS * MINUTE_MS
        for word in words_of(tweet["text"].lower()):
            if len(word) < MIN_LENGTH:
                continue
            if watermark is not None and watermark >= minute + MINUTE_MS:
                late += 1
                continue
            cell = counts[minute, word]
            cell[0] += 1
            cell[1] += tweet["user"]["followers"]
    rows = []
    for minute in sorted({m for m, _ in counts}):
        ranked = sorted(((w, n, r) for (m, w), (n, r) in counts.items() if m == minute), key=lambda x: (-x[1], x[0].encode(), x[2]))
        stamp = datetime.datetime.fromtimestamp(minute / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows += [{"minute": stamp, "word": w, "n": n, "reach": r} for w, n, r in ranked[:TOP]]
    return rows, late, bad


def main():
    folder = Path(__file__).parent
    lines = list(make_lines(random.Random(SEED)))
    (folder / "tweets.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    rows, late, bad = recount(lines)
    (folder / "expected.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in rows), encoding="utf-8")
    print(f"{len(lines)} lines, {len(rows)} rows, {late} late rows, {bad} bad records", file=sys.stderr)


if __name__ == "__main__":
    main()
