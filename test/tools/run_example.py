#!/usr/bin/env python3
"""Runs one example from files to files and compares every output with what the example promises.

    run_example.py --streamc FILE FOLDER [--update]

FOLDER holds <folder name>.sdl, `args` (the job's arguments, one per line; {dir} is FOLDER, {out} an
empty output folder) and expected/, whose files must equal those of the same name in {out}; the job's
standard output counts as the file `stdout`. Runs twice: the linked binary, and through the JIT.
Rows of one file are compared in order. --update rewrites expected/ from the linked binary.
"""
import argparse
import difflib
import os
import subprocess
import sys
import tempfile


def run(command):
    result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=120, check=False)
    if result.returncode != 0:
        sys.stderr.write(result.stderr.decode("utf-8", "replace"))
        sys.exit(f"{' '.join(command)}: exit code {result.returncode}")
    return result.stdout


def outputs(command, folder):
    """{file name: bytes} of one run of the job."""
    with tempfile.TemporaryDirectory() as out:
        with open(os.path.join(folder, "args"), encoding="utf-8") as file:
            arguments = [line.replace("{dir}", folder).replace("{out}", out)
                         for line in file.read().splitlines() if line]
        produced = {"stdout": run(command + arguments)}
        for name in sorted(os.listdir(out)):
            with open(os.path.join(out, name), "rb") as file:
                produced[name] = file.read()
    return produced


def compare(label, produced, folder):
    """Number of files that differ from expected/."""
    differing = 0
    expected = os.path.join(folder, "expected")
    for name in sorted(os.listdir(expected)):
        with open(os.path.join(expected, name), "rb") as file:
            want = file.read()
        got = produced.get(name, b"")
        if got != want:
            differing += 1
            print(f"{label}: {name} differs")
            lines = [text.decode("utf-8", "replace").splitlines() for text in (want, got)]
            print("\n".join(list(difflib.unified_diff(*lines, "expected", "actual", lineterm=""))[:60]))
    return differing


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("folder")
    args = parser.parse_args()
    folder = os.path.abspath(args.folder)
    program = os.path.join(folder, os.path.basename(folder) + ".sdl")

    with tempfile.TemporaryDirectory() as build:
        job = os.path.join(build, "job")
        run([args.streamc, program, "-o", job])
        linked = outputs([job], folder)
    if args.update:
        expected = os.path.join(folder, "expected")
        os.makedirs(expected, exist_ok=True)
        names = os.listdir(expected) or [name for name, content in linked.items() if content]
        for name in names:
            with open(os.path.join(expected, name), "wb") as file:
                file.write(linked.get(name, b""))
    differing = compare("linked", linked, folder)
    differing += compare("jit", outputs([args.streamc, "run", program, "--"], folder), folder)
    with open(program, encoding="utf-8") as file:
        if any(line.startswith("test ") for line in file):
            run([args.streamc, "test", program])
    print(f"{os.path.basename(folder)}: {differing} differences")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
