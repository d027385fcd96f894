#include "harness.h"

#include <cstring>

#include <gtest/gtest.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include "compiler/codegen/codegen.h"
#include "compiler/codegen/leaf.h"

using streamc::codegen::testing::Host;

extern "C" {
void sc_reject(ScCtx* ctx, int64_t row, int32_t site, int32_t code) {
  static_cast<Host*>(ctx->engine)->rejections.push_back({row, site, code});
}
const void* sc_lookup(ScCtx* ctx, int32_t table, uint64_t hash, const void* key) {
  return static_cast<Host*>(ctx->engine)->lookup(table, hash, key);
}
ScTable* sc_agg_slice(ScCtx* ctx, ScAgg* agg, int64_t time, int64_t watermark) {
  return static_cast<Host*>(ctx->engine)->slice(agg, time, watermark);
}
}

namespace streamc::codegen::testing {

namespace {

// The bytes of a scalar or list in row or column layout (Bool: one byte).
void WriteValue(const types::Type& type, const Datum& value, char* to, rt::batch::Arena* arena) {
  switch (KindOf(type)) {
    case abi::LeafKind::Bool: *to = std::get<bool>(value.value) ? 1 : 0; break;
    case abi::LeafKind::I64: std::memcpy(to, &std::get<int64_t>(value.value), 8); break;
    case abi::LeafKind::F64: std::memcpy(to, &std::get<double>(value.value), 8); break;
    case abi::LeafKind::Dec: std::memcpy(to, &std::get<types::Int128>(value.value), 16); break;
    case abi::LeafKind::Str: {
      const auto& text = std::get<std::string>(value.value);
      ScStr copy = arena->CopyString(text.data(), static_cast<int64_t>(text.size()));
      std::memcpy(to, &copy, 16);
      break;
    }
    case abi::LeafKind::List: {
      const auto& elements = std::get<std::vector<Datum>>(value.value);
      ScList list{nullptr, static_cast<int64_t>(elements.size())};
      char* at = static_cast<char*>(arena->Allocate(RowSize(*type.element) * list.len));
      list.ptr = at;
      for (const Datum& element : elements) at = WriteRow(*type.element, element, at, arena);
      std::memcpy(to, &list, 16);
      break;
    }
  }
}

template <typename V>
V Get(const void* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

Datum ReadValue(const types::Type& type, const char* from) {
  switch (KindOf(type)) {
    case abi::LeafKind::Bool: return Datum{*from != 0};
    case abi::LeafKind::I64: return Datum{Get<int64_t>(from)};
    case abi::LeafKind::F64: return Datum{Get<double>(from)};
    case abi::LeafKind::Dec: return Datum{Get<types::Int128>(from)};
    case abi::LeafKind::Str: {
      auto text = Get<ScStr>(from);
      return Datum{std::string(text.ptr, static_cast<size_t>(text.len))};
    }
    default: {
      auto list = Get<ScList>(from);
      const char* at = static_cast<const char*>(list.ptr);
      std::vector<Datum> elements;
      for (int64_t i = 0; i < list.len; ++i) elements.push_back(ReadRow(*type.element, &at));
      return Datum{std::move(elements)};
    }
  }
}

}  // namespace

char* WriteRow(const types::Type& type, const Datum& value, char* to, rt::batch::Arena* arena) {
  const bool missing = value.is_null();
  if (type.optional) {
    const int64_t state = IsRecord(type) ? !missing : missing;
    std::memcpy(to, &state, 8);
    to += 8;
  }
  if (IsRecord(type)) {
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const Datum& field = missing ? value : std::get<std::vector<Datum>>(value.value)[i];
      to = WriteRow(*type.fields[i].type, field, to, arena);
    }
    return to;
  }
  const int64_t width = abi::RowWidth(KindOf(type));
  std::memset(to, 0, static_cast<size_t>(width));
  if (!missing) WriteValue(type, value, to, arena);
  return to + width;
}

Datum ReadRow(const types::Type& type, const char** from) {
  bool missing = false;
  if (type.optional) {
    missing = (Get<int64_t>(*from) != 0) != IsRecord(type);
    *from += 8;
  }
  if (IsRecord(type)) {
    std::vector<Datum> fields;
    for (const types::Field& field : type.fields) fields.push_back(ReadRow(*field.type, from));
    return missing ? Datum{} : Datum{std::move(fields)};
  }
  const char* at = *from;
  *from += abi::RowWidth(KindOf(type));
  return missing ? Datum{} : ReadValue(type, at);
}

abi::TypeSpec ToTypeSpec(const types::Type& type) {
  abi::TypeSpec spec;
  spec.optional = type.optional;
  spec.scale = static_cast<uint8_t>(type.scale);
  switch (KindOf(type)) {
    case abi::LeafKind::Bool: spec.logical = IsRecord(type) ? abi::Logical::Record : abi::Logical::Bool; break;
    case abi::LeafKind::I64: spec.logical = abi::Logical::Int; break;
    case abi::LeafKind::F64: spec.logical = abi::Logical::Float; break;
    case abi::LeafKind::Dec: spec.logical = abi::Logical::Decimal; break;
    case abi::LeafKind::Str: spec.logical = abi::Logical::String; break;
    case abi::LeafKind::List: spec.logical = abi::Logical::List; break;
  }
  if (type.element != nullptr) spec.element.push_back(ToTypeSpec(*type.element));
  for (const types::Field& field : type.fields)
    spec.fields.push_back({field.name, field.name, ToTypeSpec(*field.type), false, {}});
  return spec;
}

Rows::Rows(std::vector<TypeRef> types, bool all_states) : types_(std::move(types)) {
  for (const TypeRef& type : types_) layout_.columns.push_back({"", ToTypeSpec(*type), false});
  batch_ = std::make_unique<rt::batch::Batch>(layout_, all_states);
  arena_ = std::make_unique<rt::batch::Arena>();
}

void Rows::Add(const std::vector<Datum>& cells) {
  const int64_t row = batch_->rows();
  batch_->Resize(row + 1);
  size_t leaf = 0;
  for (size_t i = 0; i < types_.size(); ++i) Write(*types_[i], cells.at(i), false, &leaf, row);
}

void Rows::Write(const types::Type& type, const Datum& value, bool missing, size_t* leaf, int64_t row) {
  missing = missing || value.is_null();
  auto put_state = [&](uint8_t state) {
    if (batch_->columns()[*leaf].state != nullptr) batch_->columns()[*leaf].state[row] = state;
  };
  if (IsRecord(type)) {
    if (type.optional) {
      put_state(SC_VALUE);
      *static_cast<char*>(batch_->value((*leaf)++, row)) = !missing;
    }
    for (size_t i = 0; i < type.fields.size(); ++i) {
      const Datum field = missing ? Datum{} : std::get<std::vector<Datum>>(value.value)[i];
      Write(*type.fields[i].type, field, missing, leaf, row);
    }
    return;
  }
  put_state(missing ? SC_NULL : SC_VALUE);
  auto* to = static_cast<char*>(batch_->value(*leaf, row));
  std::memset(to, 0, static_cast<size_t>(abi::ColumnWidth(KindOf(type))));
  if (!missing) WriteValue(type, value, to, arena_.get());
  ++*leaf;
}

std::vector<Datum> Rows::Read(int64_t row) const {
  std::vector<Datum> cells;
  size_t leaf = 0;
  for (const TypeRef& type : types_) cells.push_back(ReadTree(*type, &leaf, row));
  return cells;
}

Datum Rows::ReadTree(const types::Type& type, size_t* leaf, int64_t row) const {
  if (IsRecord(type)) {
    const bool missing = type.optional && *static_cast<char*>(batch_->value((*leaf)++, row)) == 0;
    std::vector<Datum> fields;
    for (const types::Field& field : type.fields) fields.push_back(ReadTree(*field.type, leaf, row));
    return missing ? Datum{} : Datum{std::move(fields)};
  }
  const uint8_t state = batch_->state(*leaf, row);
  const auto* from = static_cast<const char*>(batch_->value((*leaf)++, row));
  if (state > SC_NULL) return Datum{-static_cast<int64_t>(state)};
  return state == SC_NULL ? Datum{} : ReadValue(type, from);
}

physical::Program EmptyProgram() {
  physical::Program program;
  program.spec.name = "test";
  program.spec.nodes.emplace_back();
  program.spec.nodes[0].name = "test";
  return program;
}

Job::Job(physical::Program program, backend::Tier tier) {
  diag::Diagnostics diagnostics;
  auto context = std::make_unique<llvm::LLVMContext>();
  std::string error;
  auto module = GenerateModule(*context, program, {}, &error);
  if (module == nullptr) {
    ADD_FAILURE() << error;
    return;
  }
  backend::JitOptions options;
  options.tier = tier;
  options.bitcode = STREAMC_TEST_BITCODE;
  jit_ = backend::Jit::Create(options, diagnostics);
  if (jit_ != nullptr) job_ = jit_->Load(std::move(context), std::move(module), diagnostics);
  for (const auto& diagnostic : diagnostics.Sorted()) ADD_FAILURE() << diagnostic.message;
  ctx.arena = arena_->get();
  ctx.engine = &host;
  ctx.now = 1'700'000'000'000'000;
}

Outcome Evaluate(const ExprPtr& expr, const std::vector<TypeRef>& columns, const std::vector<Datum>& row) {
  Outcome first;
  for (backend::Tier tier : {backend::Tier::Fast, backend::Tier::Optimized}) {
    physical::Program program = EmptyProgram();
    physical::Pipeline pipeline;
    pipeline.node = pipeline.function = 0;
    for (size_t i = 0; i < columns.size(); ++i)
      pipeline.input.push_back({static_cast<int32_t>(i), "c" + std::to_string(i), columns[i]});
    pipeline.steps.push_back({7, physical::Compute{100, expr}});
    pipeline.terminal = physical::EmitRow{{{100, "result", expr->type}}};
    program.pipelines.push_back(pipeline);
    program.function_count = 1;

    Job job(program, tier);
    if (job.get() == nullptr) return {};
    job.ctx.params = job.params.data();
    Rows in(columns), out({expr->type});
    // A row of nothing still is a row.
    if (columns.empty()) in.batch().Resize(1);
    if (!columns.empty()) in.Add(row);
    EXPECT_EQ(job.Function<ScRowsFn>(0)(&job.ctx, in.batch().view(), out.batch().out()), 0);
    Outcome outcome;
    if (job.host.rejections.size() == 1 && out.count() == 0) {
      EXPECT_EQ(job.host.rejections[0].site, 7);
      EXPECT_EQ(job.host.rejections[0].row, 0);
      outcome.code = job.host.rejections[0].code;
    } else {
      EXPECT_TRUE(job.host.rejections.empty());
      EXPECT_EQ(out.count(), 1);
      if (out.count() == 1) outcome.value = out.Read(0)[0];
    }
    if (tier == backend::Tier::Fast) first = outcome;
    EXPECT_EQ(first, outcome) << "the tiers disagree";
  }
  return first;
}

Outcome Evaluate(const ExprPtr& expr) {
  return Evaluate(expr, {}, {});
}

}  // namespace streamc::codegen::testing
