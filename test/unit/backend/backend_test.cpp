// Optimisation, emission and linking: what comes out, and what is said when something is missing.
#include <sys/resource.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <llvm/Support/SourceMgr.h>

#include "compiler/backend/backend.h"

namespace fs = std::filesystem;

// The JIT's table names the runtime's functions; none of these tests calls them.
extern "C" {
void* sc_arena_grow(ScArena*, int64_t) {
  std::abort();
}
void sc_out_grow(ScCtx*, ScOut*) {
  std::abort();
}
void sc_reject(ScCtx*, int64_t, int32_t, int32_t) {
  std::abort();
}
ScTable* sc_agg_slice(ScCtx*, ScAgg*, int64_t, int64_t) {
  std::abort();
}
ScSlot* sc_table_slot(ScTable*, uint64_t, const void*) {
  std::abort();
}
const void* sc_lookup(ScCtx*, int32_t, uint64_t, const void*) {
  std::abort();
}
}

namespace streamc::backend {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A job of one function, which answers with the length in code points of a text: a kernel of the bitcode.
constexpr const char* kJob = R"(
target triple = "x86_64-pc-linux-gnu"
@text = private constant [5 x i8] c"a\C3\A5\C3\B6"
@functions = internal constant [1 x ptr] [ptr @answer]
@spec = internal constant [1 x i8] zeroinitializer
@streamc_job = constant { i32, i32, ptr, ptr, i64 } { i32 1, i32 1, ptr @functions, ptr @spec, i64 1 }
declare i64 @streamc_fn_length(ptr, i64)
define internal i32 @answer() {
  %n = call i64 @streamc_fn_length(ptr @text, i64 5)
  %r = trunc i64 %n to i32
  ret i32 %r
}
)";

struct Parsed {
  std::unique_ptr<llvm::LLVMContext> context = std::make_unique<llvm::LLVMContext>();
  std::unique_ptr<llvm::Module> module;
  explicit Parsed(const char* text = kJob) {
    llvm::SMDiagnostic error;
    module = llvm::parseAssemblyString(text, error, *context);
    EXPECT_NE(module, nullptr) << error.getMessage().str();
  }
};

std::string Codes(const diag::Diagnostics& diagnostics) {
  std::string all;
  for (const diag::Diagnostic& one : diagnostics.Sorted()) all += std::string(one.code()) + ": " + one.message + "\n";
  return all;
}

CodeOptions WithBitcode(int level = 2) {
  return {level, "", STREAMC_TEST_BITCODE};
}

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "streamc_backend_XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  fs::path operator/(const char* name) const { return path_ / name; }
  size_t files() const { return static_cast<size_t>(std::distance(fs::directory_iterator(path_), {})); }

 private:
  fs::path path_;
};

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(OptimizeModule, InlinesKernelsAndHidesTheRest) {
  Parsed job;
  diag::Diagnostics diagnostics;
  ASSERT_TRUE(OptimizeModule(*job.module, WithBitcode(), diagnostics)) << Codes(diagnostics);
  const std::string text = PrintModule(*job.module);
  EXPECT_THAT(text, Not(HasSubstr("@streamc_fn_length")));
  EXPECT_THAT(text, HasSubstr("ret i32 3"));
  for (const llvm::Function& function : *job.module)
    EXPECT_TRUE(function.isDeclaration() || function.hasLocalLinkage()) << function.getName().str();
}

TEST(OptimizeModule, SaysWhichBitcodeIsMissing) {
  Parsed job;
  diag::Diagnostics diagnostics;
  EXPECT_FALSE(OptimizeModule(*job.module, {2, "", "/nowhere/stdlib.bc"}, diagnostics));
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0611: cannot read `/nowhere/stdlib.bc`"));
}

TEST(EmitObject, SameBytesEachTimeAndUnknownCpuIsNamed) {
  std::string objects[2];
  for (std::string& object : objects) {
    Parsed job;
    diag::Diagnostics diagnostics;
    ASSERT_TRUE(OptimizeModule(*job.module, WithBitcode(), diagnostics));
    ASSERT_TRUE(EmitObject(*job.module, WithBitcode(), &object, diagnostics));
  }
  EXPECT_GT(objects[0].size(), 100u);
  EXPECT_EQ(objects[0], objects[1]);

  Parsed job;
  diag::Diagnostics diagnostics;
  std::string object;
  EXPECT_FALSE(EmitObject(*job.module, {2, "znver99", ""}, &object, diagnostics));
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0610: there is no CPU called `znver99`"));
}

class JitTiers : public ::testing::TestWithParam<Tier> {};
INSTANTIATE_TEST_SUITE_P(All, JitTiers, ::testing::Values(Tier::Fast, Tier::Optimized, Tier::FastThenOptimized));

TEST_P(JitTiers, RunsJobsOneAfterTheOther) {
  diag::Diagnostics diagnostics;
  auto jit = Jit::Create({GetParam(), 2, STREAMC_TEST_BITCODE}, diagnostics);
  ASSERT_NE(jit, nullptr) << Codes(diagnostics);
  // The optimiser may be done before the entry is first read here, so the exchange is looked for in as many jobs as it takes.
  const bool exchanges = GetParam() == Tier::FastThenOptimized;
  int seen = 0;
  for (int i = 0; i < 3 || (exchanges && seen == 0 && i < 200); ++i) {
    Parsed job;
    const ScJob* loaded = jit->Load(std::move(job.context), std::move(job.module), diagnostics);
    ASSERT_NE(loaded, nullptr) << Codes(diagnostics);
    ASSERT_EQ(loaded->function_count, 1);
    const void* before = __atomic_load_n(loaded->functions, __ATOMIC_ACQUIRE);
    auto call = [&] {
      return reinterpret_cast<int (*)()>(const_cast<void*>(__atomic_load_n(loaded->functions, __ATOMIC_ACQUIRE)))();
    };
    EXPECT_EQ(call(), 3);
    EXPECT_TRUE(jit->WaitOptimized());
    seen += before != loaded->functions[0] ? 1 : 0;
    EXPECT_EQ(call(), 3);
  }
  EXPECT_EQ(seen > 0, exchanges);
}

TEST(Jit, UnknownFunctionIsAFailureNotACrash) {
  diag::Diagnostics diagnostics;
  auto jit = Jit::Create({Tier::Fast, 2, ""}, diagnostics);
  Parsed job(R"(
declare i32 @streamc_fn_no_such_kernel()
@functions = internal constant [1 x ptr] [ptr @streamc_fn_no_such_kernel]
@streamc_job = constant { i32, i32, ptr, ptr, i64 } { i32 1, i32 1, ptr @functions, ptr null, i64 0 }
)");
  EXPECT_EQ(jit->Load(std::move(job.context), std::move(job.module), diagnostics), nullptr);
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0910: the back end failed: Symbols not found: [ streamc_fn_no_such_kernel ]"));
}

// An archive with a main that checks the job, in place of the runtime.
class Linking : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(folder_ / "lib");
    std::ofstream(folder_ / "main.c")
        << "struct Job { int version, count; const void* const* functions; const void* spec; long size; };\n"
           "extern const struct Job streamc_job;\n"
           "int main(void) { return ((int (*)(void))streamc_job.functions[0])(); }\n"
           "const void* sc_unused(void) { return 0; }\n";
    std::ofstream(folder_ / "shim.c") << "int sasl_shim_is_here;\n";
    const std::string in = "cd '" + (folder_ / "lib").string() + "' && ";
    ASSERT_EQ(std::system((in + "cc -fPIC -c ../main.c -o main.o && ar rcD libstreamc_rt.a main.o && rm main.o").c_str()), 0);
    ASSERT_EQ(std::system((in + "cc -fPIC -c ../shim.c -o sasl_shim.o").c_str()), 0);
    Parsed job;
    diag::Diagnostics diagnostics;
    ASSERT_TRUE(OptimizeModule(*job.module, WithBitcode(), diagnostics));
    ASSERT_TRUE(EmitObject(*job.module, WithBitcode(), &object_, diagnostics));
    options_.library_dir = (folder_ / "lib").string();
  }

  Folder folder_;
  std::string object_;
  LinkOptions options_;
};

TEST_F(Linking, MakesAReproducibleExecutable) {
  diag::Diagnostics diagnostics;
  for (const char* name : {"one", "two"})
    ASSERT_TRUE(LinkJob(object_, folder_ / name, options_, diagnostics)) << Codes(diagnostics);
  const int status = std::system((folder_ / "one").c_str());
  EXPECT_EQ(WEXITSTATUS(status), 3);
  EXPECT_EQ(ReadFile(folder_ / "one"), ReadFile(folder_ / "two"));
  EXPECT_LT(fs::file_size(folder_ / "one"), 200'000u);
  EXPECT_EQ(folder_.files(), 5u) << "scratch files stay";
}

TEST_F(Linking, MissingRuntimeAndUndefinedSymbols) {
  diag::Diagnostics diagnostics;
  LinkOptions nowhere{"/nowhere", {}};
  EXPECT_FALSE(LinkJob(object_, folder_ / "job", nowhere, diagnostics));
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0612: `/nowhere/libstreamc_rt.a` is needed to link a job and was not found"));
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0612: `/nowhere/sasl_shim.o`"));
  EXPECT_FALSE(fs::exists(folder_ / "job"));

  Parsed broken("declare void @streamc_fn_missing()\n@streamc_job = constant ptr @streamc_fn_missing\n");
  std::string object;
  ASSERT_TRUE(EmitObject(*broken.module, {}, &object, diagnostics));
  diag::Diagnostics link;
  EXPECT_FALSE(LinkJob(object, folder_ / "job", options_, link));
  EXPECT_THAT(Codes(link), HasSubstr("E0614: the job could not be linked: undefined symbol: streamc_fn_missing"));
  EXPECT_FALSE(fs::exists(folder_ / "job"));
  EXPECT_EQ(folder_.files(), 3u) << "scratch files stay";
}

TEST_F(Linking, OutputThatCannotBeWritten) {
  diag::Diagnostics missing;
  EXPECT_FALSE(LinkJob(object_, folder_ / "no/such/job", options_, missing));
  EXPECT_THAT(Codes(missing), HasSubstr("No such file or directory"));
  EXPECT_THAT(Codes(missing), HasSubstr("E0613"));
  diag::Diagnostics folder;
  EXPECT_FALSE(LinkJob(object_, folder_ / "lib", options_, folder));
  EXPECT_THAT(Codes(folder), HasSubstr("it is a folder"));
  diag::Diagnostics device;
  EXPECT_FALSE(LinkJob(object_, "/dev/null", options_, device));
  EXPECT_THAT(Codes(device), HasSubstr("it is not a regular file"));
}

// A limit on file sizes fails like a full disk: while the linker allocates its output.
TEST_F(Linking, NoRoomForTheOutput) {
  diag::Diagnostics unlimited;
  ASSERT_TRUE(LinkJob(object_, folder_ / "whole", options_, unlimited)) << Codes(unlimited);
  const auto size = fs::file_size(folder_ / "whole");
  ASSERT_GT(size, object_.size());
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{size - 1, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  diag::Diagnostics diagnostics;
  const bool linked = LinkJob(object_, folder_ / "job", options_, diagnostics);
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_FALSE(linked);
  EXPECT_THAT(Codes(diagnostics), HasSubstr("E0613: cannot write"));
  EXPECT_THAT(Codes(diagnostics), HasSubstr("File too large"));
  EXPECT_EQ(folder_.files(), 4u) << "scratch files stay";
}

}  // namespace
}  // namespace streamc::backend
