#!/usr/bin/env python3
"""Fails on any include against the arrows between the folders, and on any use of a library by a
folder that must not know it.

    check_layers.py [ROOT]       checks a tree (default: this one)
    check_layers.py --self-test  checks that the rules still catch what they are for

The tables below are the design; a change here is a change of the architecture.
"""
import os
import re
import sys
import tempfile

# Folder -> folders it may include beside itself. Prefix `+x` stands for x and all x may include.
ALLOWED = {
    "compiler/support": "",
    "compiler/source": "+compiler/support",
    "compiler/diag": "+compiler/source",
    "compiler/types": "+compiler/support",
    "compiler/ast": "+compiler/diag +compiler/types",
    "compiler/parse": "+compiler/ast",
    "compiler/catalog": "+compiler/ast stdlib",
    "compiler/sema": "+compiler/catalog",
    "compiler/plan": "+compiler/sema",
    "compiler/optimize": "+compiler/plan",
    "compiler/physical": "+compiler/optimize runtime/abi",
    "compiler/codegen": "+compiler/physical",
    "compiler/backend": "+compiler/codegen",
    # The two front ends drive all phases and run jobs inside the process.
    "compiler/repl": "+compiler/backend +compiler/parse +runtime/engine",
    "compiler/driver": "+compiler/repl",
    "runtime/abi": "",
    "runtime/batch": "+runtime/abi",
    "runtime/time": "+runtime/batch",
    "runtime/state": "+runtime/time",
    "runtime/observe": "+runtime/time",
    "runtime/format": "+runtime/state +runtime/observe",
    "runtime/connector": "+runtime/format",
    "runtime/shuffle": "+runtime/connector",
    "runtime/engine": "+runtime/shuffle",
    "stdlib": "+runtime/batch",
}

# Single files that stand outside the folder rule: data-only descriptions read by the compiler.
SPEC = re.compile(r"^runtime/(connector|format)/([a-z_]+/)?(spec|specs|connectors|formats)\.(h|def)$")
SPEC_READERS = ("compiler/catalog", "compiler/sema")

# System headers of a library -> folders that may use it.
LIBRARIES = [
    (re.compile(r"^antlr4-|^antlr4|^(Sdl|SDL)\w*(Parser|Lexer|Visitor|Listener)\w*\.h$"), {"compiler/parse"}),
    (re.compile(r"^lld/"), {"compiler/backend"}),
    (re.compile(r"^(llvm|llvm-c|clang)/"), {"compiler/codegen", "compiler/backend", "compiler/driver", "compiler/repl"}),
    (re.compile(r"^(librdkafka/|rdkafka)"), {"runtime/connector", "runtime/shuffle", "runtime/engine"}),
]

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
SOURCE = (".h", ".c", ".cpp", ".def", ".inc")


def closure(folder):
    """All folders that `folder` may include."""
    result = {folder}
    for item in ALLOWED[folder].split():
        result |= closure(item[1:]) if item.startswith("+") else {item}
    return result


def folder_of(path):
    parts = path.split("/")
    return "stdlib" if parts[0] == "stdlib" else "/".join(parts[:2])


def check(root):
    """All violations in the tree as `file:line: text`."""
    problems = []
    for top in ("compiler", "runtime", "stdlib"):
        for directory, _, names in sorted(os.walk(os.path.join(root, top))):
            for name in sorted(names):
                if not name.endswith(SOURCE):
                    continue
                path = os.path.relpath(os.path.join(directory, name), root)
                with open(os.path.join(root, path), encoding="utf-8") as file:
                    text = file.read()
                for match in INCLUDE.finditer(text):
                    why = violation(path, match[1], match[2])
                    if why:
                        line = text.count("\n", 0, match.start(2)) + 1
                        problems.append(f"{path}:{line}: includes {match[2]}: {why}")
    return problems


def violation(path, quote, target):
    """Why this include is wrong, or None."""
    folder = folder_of(path)
    if folder not in ALLOWED:
        return f"{folder} is not in the table of test/tools/check_layers.py"
    for pattern, folders in LIBRARIES:
        if pattern.search(target):
            return None if folder in folders else f"only {', '.join(sorted(folders))} may use that library"
    if target.split("/")[0] not in ("compiler", "runtime", "stdlib"):
        if quote == '"':
            return "quoted includes are written from the root of the tree"
        return None
    if SPEC.match(target) and folder in SPEC_READERS:
        return None
    if folder_of(target) not in closure(folder):
        return f"{folder} may not depend on {folder_of(target)}"
    return None


def self_test():
    """Each line: file, include line, whether it must be refused."""
    cases = [
        ("compiler/sema/a.cpp", '#include "compiler/ast/ast.h"', False),
        ("compiler/ast/a.h", '#include "compiler/sema/typed.h"', True),
        ("compiler/sema/a.cpp", '#include "compiler/parse/parse.h"', True),
        ("compiler/sema/a.cpp", '#include "antlr4-runtime.h"', True),
        ("compiler/parse/a.cpp", '#include "antlr4-runtime.h"', False),
        ("compiler/parse/a.cpp", '#include "SdlParser.h"', False),
        ("compiler/plan/a.cpp", "#include <llvm/IR/Module.h>", True),
        ("compiler/codegen/a.cpp", "#include <llvm/IR/Module.h>", False),
        ("compiler/codegen/a.cpp", "#include <lld/Common/Driver.h>", True),
        ("compiler/codegen/a.cpp", '#include "runtime/abi/abi.h"', False),
        ("compiler/codegen/a.cpp", '#include "runtime/engine/engine.h"', True),
        ("compiler/catalog/a.cpp", '#include "runtime/connector/kafka/spec.h"', False),
        ("compiler/catalog/a.cpp", '#include "runtime/connector/kafka/source.h"', True),
        ("compiler/driver/run.cpp", '#include "runtime/engine/engine.h"', False),
        ("runtime/abi/a.h", '#include "runtime/engine/engine.h"', True),
        ("runtime/engine/a.cpp", '#include "compiler/types/type.h"', True),
        ("runtime/engine/a.cpp", '#include "runtime/connector/connector.h"', False),
        ("runtime/engine/a.cpp", '  #  include "engine.h"', True),
        ("runtime/format/a.cpp", "#include <librdkafka/rdkafka.h>", True),
        ("stdlib/scalar/a.cpp", '#include "runtime/abi/abi.h"', False),
        ("stdlib/scalar/a.cpp", '#include "compiler/types/type.h"', True),
        ("compiler/newphase/a.cpp", '#include "compiler/ast/ast.h"', True),
        ("compiler/sema/a.cpp", "#include <vector>", False),
    ]
    failed = 0
    for path, line, refused in cases:
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, os.path.dirname(path)))
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(f"// A file.\n{line}\n")
            problems = check(root)
        if bool(problems) != refused:
            failed += 1
            print(f"self-test: {path} with {line!r}: {problems or 'accepted'}")
    for folder in ALLOWED:
        for lower in closure(folder) - {folder}:
            if folder in closure(lower):
                failed += 1
                print(f"self-test: {folder} and {lower} may include each other")
    print(f"self-test: {len(cases)} cases, {failed} wrong")
    return failed


def main():
    if sys.argv[1:] == ["--self-test"]:
        return 1 if self_test() else 0
    default = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    problems = check(sys.argv[1] if len(sys.argv) > 1 else default)
    print("\n".join(problems) or "every include follows the arrows")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
