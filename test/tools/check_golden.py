#!/usr/bin/env python3
"""Compares the whole standard input with a golden file; lit tests end in `| %check_golden FILE`.

Prints a unified diff and exits 1 on a difference. With --update, or STREAMC_UPDATE_GOLDENS=1, it
rewrites the file instead. The golden's own folder is removed from paths in the input, so that
`/home/me/streamc/test/lit/diag/x.sdl:3:1` reads `x.sdl:3:1` wherever the tree stands.
"""
import argparse
import difflib
import os
import sys


def normalise(text: str, golden: str) -> str:
    folder = os.path.dirname(os.path.abspath(golden)) + os.sep
    return text.replace(folder, "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("golden")
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    update = args.update or os.environ.get("STREAMC_UPDATE_GOLDENS") == "1"

    actual = normalise(sys.stdin.buffer.read().decode("utf-8", "backslashreplace"), args.golden)
    if update:
        with open(args.golden, "w", encoding="utf-8", newline="") as file:
            file.write(actual)
        return 0
    try:
        with open(args.golden, encoding="utf-8", newline="") as file:
            expected = file.read()
    except FileNotFoundError:
        print(f"{args.golden} does not exist; test/tools/update_goldens.py writes it", file=sys.stderr)
        return 1
    if actual == expected:
        return 0
    name = os.path.basename(args.golden)
    diff = difflib.unified_diff(expected.splitlines(), actual.splitlines(),
                                f"{name} (expected)", f"{name} (actual)", lineterm="")
    print("\n".join(diff) or "the two differ in line ends only", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
