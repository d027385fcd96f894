#!/usr/bin/env python3
"""Rewrites the whole-output goldens (`*.expected`) of the lit tests from what streamc prints now.

    test/tools/update_goldens.py [--build DIR] [PATH...]      default: build/, all of test/lit

Read the diff before committing it: the goldens are the specification.
"""
import argparse
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIT = "/usr/lib/llvm-19/build/utils/lit/lit.py"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    parser.add_argument("paths", nargs="*", default=[os.path.join(ROOT, "test", "lit")])
    args = parser.parse_args()
    build = os.path.abspath(args.build)
    return subprocess.call([sys.executable, LIT, "-q", "--param", f"build={build}",
                            "--param", "update=1", *args.paths])


if __name__ == "__main__":
    sys.exit(main())
