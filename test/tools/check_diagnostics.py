#!/usr/bin/env python3
"""Holds the list of diagnostics, the code and the goldens together.

Every entry of compiler/diag/catalog.def has a code of its own, is reported somewhere in compiler/,
and is shown, code and all, by a golden under test/lit. compiler/diag/ERRORS.md, generated from the
list and the goldens, is up to date.

    check_diagnostics.py            checks
    check_diagnostics.py --write    rewrites compiler/diag/ERRORS.md
"""
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CATALOG = "compiler/diag/catalog.def"
REFERENCE = "compiler/diag/ERRORS.md"

# Diagnostics no golden can show, each with the reason.
NOT_SHOWN = {
    # name: reason
    "CannotReadInput": "needs a damaged installation; unit.backend_test shows it",
    "LinkInputMissing": "needs a damaged installation; unit.backend_test shows it",
    "LinkFailed": "needs a damaged installation; unit.backend_test shows it",
    "BackEndFailed": "a fault of the compiler; unit.backend_test shows it",
    "CannotGenerate": "a fault of the compiler",
    "UnsoundPlan": "a fault of the compiler",
}

ENTRY = re.compile(r'^\s*DIAG\(\s*(\w+)\s*,\s*([EW]\d{4})\s*,\s*(\w+)\s*,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', re.M)
SECTION = re.compile(r"^// -+ ([EW]\w+) (.*?) -+\s*$", re.M)


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def catalog():
    """[(name, code, severity, text)] in file order."""
    text = read(CATALOG)
    entries = [(m[1], m[2], m[3], "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', m[4])).replace('\\"', '"'))
               for m in ENTRY.finditer(text)]
    lines = len(re.findall(r"^\s*DIAG\(", text, re.M))
    if lines != len(entries):
        sys.exit(f"{CATALOG}: {lines} DIAG lines, of which this script understands {len(entries)}")
    return entries


def reported():
    """Names that appear as DiagId::Name in the compiler outside diag/."""
    names = set()
    for path in glob.glob(os.path.join(ROOT, "compiler", "**", "*"), recursive=True):
        if path.endswith((".cpp", ".h", ".def")) and f"{os.sep}diag{os.sep}" not in path:
            with open(path, encoding="utf-8") as file:
                names |= set(re.findall(r"\bDiagId::(\w+)", file.read()))
    return names


def goldens():
    """code -> (path, golden text) of the first golden that shows it."""
    shown = {}
    for path in sorted(glob.glob(os.path.join(ROOT, "test", "lit", "**", "*"), recursive=True)):
        if not os.path.isfile(path) or path.endswith(".py"):
            continue
        text = open(path, encoding="utf-8", errors="replace").read()
        if not path.endswith(".expected"):
            text = "\n".join(line for line in text.splitlines() if "CHECK" in line)
        for code in re.findall(r"\b[EW]\d{4}\b", text):
            shown.setdefault(code, (os.path.relpath(path, ROOT), text))
    return shown


def example(code, golden):
    """The part of a golden that shows this diagnostic: up to the next empty line."""
    lines = golden.splitlines()
    start = next(i for i, line in enumerate(lines) if code in line)
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].strip()), len(lines))
    return "\n".join(lines[start:end])


def reference(entries, shown):
    sections = dict(SECTION.findall(read(CATALOG)))
    out = ["# Diagnostics", "",
           "Generated from `catalog.def` and the goldens by `test/tools/check_diagnostics.py --write`.",
           "`{}` stands for what the program contains. Numbers are never used again.", ""]
    last = None
    for name, code, severity, text in entries:
        section = code[:3]
        if section != last:
            title = next((t for k, t in sections.items() if k.startswith(section)), "")
            out += [f"## {section}xx {title}".rstrip(), ""]
            last = section
        out += [f"### {code} {name}", "", f"{severity.lower()}: {text}", ""]
        if code in shown and shown[code][0].endswith(".expected"):
            out += ["```text", example(code, shown[code][1]), "```", ""]
    return "\n".join(out)


def main():
    entries, shown, used = catalog(), goldens(), reported()
    wanted = reference(entries, shown)
    if sys.argv[1:] == ["--write"]:
        with open(os.path.join(ROOT, REFERENCE), "w", encoding="utf-8") as file:
            file.write(wanted)
        return 0

    problems = []
    seen = {}
    for name, code, _, _ in entries:
        if code in seen:
            problems.append(f"{code} stands for both {seen[code]} and {name}")
        seen[code] = name
        if name not in used:
            problems.append(f"{code} {name}: nothing in compiler/ reports it")
        if code not in shown and name not in NOT_SHOWN:
            problems.append(f"{code} {name}: no golden under test/lit shows it")
        if code in shown and name in NOT_SHOWN:
            problems.append(f"{code} {name}: exempt in {os.path.basename(__file__)}, yet a golden shows it")
    known = {name for name, *_ in entries}
    problems += [f"{name}: exempt in {os.path.basename(__file__)}, but not in the catalogue"
                 for name in NOT_SHOWN if name not in known]
    if not os.path.exists(os.path.join(ROOT, REFERENCE)) or read(REFERENCE) != wanted:
        problems.append(f"{REFERENCE} is stale: run test/tools/check_diagnostics.py --write")
    print("\n".join(problems) or f"{len(entries)} diagnostics: each reported, shown and documented")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
