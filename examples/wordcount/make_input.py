#!/usr/bin/env python3
"""Writes sentences.jsonl and expected.jsonl: the last count of every word, counted here a second time."""
import collections
import json
import random
import re
from pathlib import Path

SENTENCES = [
    "the cow jumped over the moon", "an apple a day keeps the doctor away", "four score and seven years ago",
    "snow white and the seven dwarfs", "i am at two with nature", "Åtta röda äpplen", "Да будет свет",
]


def main():
    folder = Path(__file__).parent
    rng = random.Random(7)
    lines = [rng.choice(SENTENCES) for _ in range(700)]
    counts = collections.Counter(word for line in lines for word in re.findall(r"\w+", line.lower()))
    (folder / "sentences.jsonl").write_text("".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in lines), encoding="utf-8")
    rows = [json.dumps({"word": w, "n": n}, ensure_ascii=False, separators=(",", ":")) for w, n in sorted(counts.items())]
    (folder / "expected.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
