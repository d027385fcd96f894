#!/usr/bin/env python3
"""Runs one example from files to files and compares every output with what the example promises.

    run_example.py --streamc FILE FOLDER [--update]

FOLDER holds <folder name>.sdl, `args` (the job's arguments, one per line; {dir} is FOLDER, {out} an
empty output folder) and what must come out: expected.jsonl for the standard output, expected_NAME for
the file NAME of {out}. An optional file `compare` says how standard output is compared: `unordered` (the
order of rows is not promised), or `last_by COLUMN` (a running result: the last row of every value). Runs twice: the linked binary, and through the JIT; then `streamc test` when the
program has tests. --update rewrites the expected files from the linked binary; read the diff.
"""
import argparse
import difflib
import json
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


def expected_files(folder):
    """{name of an output: path of what it must be}"""
    files = {}
    for name in sorted(os.listdir(folder)):
        if name == "expected.jsonl":
            files["standard output"] = os.path.join(folder, name)
        elif name.startswith("expected_"):
            files[name.removeprefix("expected_")] = os.path.join(folder, name)
    if not files:
        sys.exit(f"{folder} promises no output: no expected.jsonl, no expected_*")
    return files


def outputs(command, folder):
    """{name of an output: bytes} of one run of the job."""
    with tempfile.TemporaryDirectory() as out:
        with open(os.path.join(folder, "args"), encoding="utf-8") as file:
            arguments = [line.replace("{dir}", folder).replace("{out}", out)
                         for line in file.read().splitlines() if line]
        produced = {"standard output": run(command + arguments)}
        for name in sorted(os.listdir(out)):
            with open(os.path.join(out, name), "rb") as file:
                produced[name] = file.read()
    return produced


def comparable(output, folder):
    """Standard output in the form in which it is compared."""
    try:
        with open(os.path.join(folder, "compare"), encoding="utf-8") as file:
            mode, *column = file.read().split()
    except FileNotFoundError:
        return output
    lines = output.splitlines(keepends=True)
    if mode == "last_by":
        lines = {json.loads(line)[column[0]]: line for line in lines}.values()
    elif mode != "unordered":
        sys.exit(f"{folder}/compare: `{mode}` is no way to compare")
    return b"".join(sorted(lines))


def compare(label, produced, folder):
    """Number of outputs that differ from what the example promises."""
    differing = 0
    for name, path in expected_files(folder).items():
        with open(path, "rb") as file:
            want = file.read()
        got = produced.get(name, b"")
        if name == "standard output":
            want, got = comparable(want, folder), comparable(got, folder)
        if got != want:
            differing += 1
            print(f"{label}: {name} differs from {path}")
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
        for name, path in expected_files(folder).items():
            with open(path, "wb") as file:
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
