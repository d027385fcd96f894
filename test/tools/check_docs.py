#!/usr/bin/env python3
"""Runs every program that the documentation shows.

Fenced blocks in README.md, grammar/README.md and the examples' READMEs:
    ```sdl                 a whole program: `streamc check` accepts it
    ```sdl error E0301     `streamc check` refuses it with that code
    ```sdl unsupported     parses, and is refused with the one code for what is not built yet

    check_docs.py --streamc FILE [DOCUMENT...]
"""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REQUIRED = ["README.md", "grammar/README.md"]
FENCE = re.compile(r"^```sdl([^\n]*)\n(.*?)^```\s*$", re.M | re.S)
UNSUPPORTED = re.compile(r"^\s*DIAG\(\s*(?:Not|Un)[Ss]upported\w*\s*,\s*(E\d{4})", re.M)


def unsupported_codes():
    with open(os.path.join(ROOT, "compiler/diag/catalog.def"), encoding="utf-8") as file:
        return UNSUPPORTED.findall(file.read())


def run(streamc, program, folder):
    path = os.path.join(folder, "snippet.sdl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(program)
    result = subprocess.run([streamc, "check", path], capture_output=True, text=True, timeout=60,
                            stdin=subprocess.DEVNULL, check=False)
    return result.returncode, result.stdout + result.stderr


def problem(kind, code, output):
    """What is wrong with this snippet's outcome, or None."""
    if code not in (0, 1):
        return f"streamc exited {code}"
    if not kind:
        return None if code == 0 else "refused"
    wanted = unsupported_codes() if kind == ["unsupported"] else kind[1:]
    if not wanted or kind[0] not in ("unsupported", "error"):
        return f"unknown fence `sdl {' '.join(kind)}`"
    found = set(re.findall(r"\bE\d{4}\b", output))
    if code == 0:
        return f"accepted, expected {' or '.join(wanted)}"
    if kind[0] == "unsupported":
        return None if found and found <= set(wanted) else f"expected only {' or '.join(wanted)}"
    return None if found == set(wanted) else f"expected exactly {' '.join(wanted)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streamc", required=True)
    parser.add_argument("documents", nargs="*")
    args = parser.parse_args()
    documents = args.documents or REQUIRED + sorted(
        os.path.relpath(path, ROOT) for path in glob.glob(os.path.join(ROOT, "examples", "*", "README.md")))

    snippets = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for document in documents:
            path = os.path.join(ROOT, document)
            if not os.path.exists(path):
                print(f"{document} does not exist")
                failed += 1
                continue
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for match in FENCE.finditer(text):
                snippets += 1
                kind = match[1].split()
                code, output = run(args.streamc, match[2], folder)
                why = problem(kind, code, output)
                if why:
                    failed += 1
                    print(f"{document}:{text.count(chr(10), 0, match.start()) + 1}: {why}\n{output}")
    print(f"{snippets} programs in {len(documents)} documents, {failed} problems")
    return 1 if failed or not snippets else 0


if __name__ == "__main__":
    sys.exit(main())
