# Configuration of the golden tests: `lit.py --param build=BUILD_DIR [--param update=1] test/lit`.
#
# A test is one .sdl file whose comments hold RUN lines. Substitutions beside lit's own %s %S %t:
#   %streamc              the compiler of the build
#   %check_golden FILE    compares the whole of stdin with FILE (usually %s.expected)
#   %FileCheck            LLVM's FileCheck, for outputs of which only some lines matter
#   not, split-file       LLVM's helpers, on PATH
import os

import lit.formats

build = lit_config.params.get("build")
if not build:
    lit_config.fatal("pass the build folder: --param build=DIR")

llvm_bin = "/usr/lib/llvm-19/bin"
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

config.name = "streamc"
config.test_format = lit.formats.ShTest(execute_external=True)
config.suffixes = [".sdl", ".test"]
config.excludes = ["Inputs"]
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
config.test_exec_root = os.path.join(build, "test", "lit")

config.environment["PATH"] = os.pathsep.join([llvm_bin, os.environ.get("PATH", "")])
config.environment["LC_ALL"] = "C.UTF-8"
config.environment["STREAMC_UPDATE_GOLDENS"] = lit_config.params.get("update", "0")
for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%streamc", os.path.join(build, "bin", "streamc")))
config.substitutions.append(("%check_golden",
                             "python3 " + os.path.join(root, "test", "tools", "check_golden.py")))
config.substitutions.append(("%FileCheck", os.path.join(llvm_bin, "FileCheck")))
