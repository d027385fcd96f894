// The program's tests as data: typed::Test -> abi::TestSpec.
#include <algorithm>

#include "compiler/physical/convert.h"
#include "compiler/physical/lowering.h"

namespace streamc::physical {
namespace {

using typed::TestStatement;

abi::TestStep::Kind ToKind(const TestStatement& statement) {
  switch (statement.kind) {
    case TestStatement::Kind::Param: return abi::TestStep::Kind::Param;
    case TestStatement::Kind::StartAt: return abi::TestStep::Kind::StartAt;
    case TestStatement::Kind::Feed:
      return statement.target_kind == TestStatement::Target::Table ? abi::TestStep::Kind::FeedTable : abi::TestStep::Kind::Feed;
    case TestStatement::Kind::Wait: return abi::TestStep::Kind::Wait;
    case TestStatement::Kind::Expect: return abi::TestStep::Kind::Expect;
    case TestStatement::Kind::Crash: return abi::TestStep::Kind::Crash;
    case TestStatement::Kind::Restart: return abi::TestStep::Kind::Restart;
  }
  return abi::TestStep::Kind::Wait;
}

// The checker resolved instants like `5s` against this start where a test does not name one.
constexpr int64_t kDefaultStart = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z

void AddStart(const typed::Test& test, abi::TestSpec* spec) {
  const bool has_start = std::any_of(test.statements.begin(), test.statements.end(), [](const TestStatement& statement) {
    return statement.kind == TestStatement::Kind::StartAt;
  });
  if (has_start) return;
  abi::TestStep& step = spec->steps.emplace_back();
  step.kind = abi::TestStep::Kind::StartAt;
  step.place = spec->place;
  step.micros = kDefaultStart;
}

}  // namespace

abi::TestStep Lowering::LowerStatement(const TestStatement& statement) const {
  abi::TestStep step;
  step.kind = ToKind(statement);
  step.place = Place(statement.span);
  if (options_.sources && statement.span.source.index < options_.sources->count()) {
    const std::string_view text = options_.sources->Text(statement.span);
    step.text = std::string(text.substr(0, text.find('\n')));
  }
  step.target = statement.target;
  step.value = ToDatumSpec(statement.value);
  step.micros = statement.micros;
  step.has_at = statement.has_at;
  step.partition = statement.partition;
  step.has_key = statement.key.has_value();
  step.key = statement.key.value_or("");
  step.headers = statement.headers;
  for (const auto& payload : statement.payloads) step.payloads.push_back({payload.has_value(), payload.value_or("")});
  if (statement.kind != TestStatement::Kind::Expect) return step;
  step.expect = static_cast<abi::ExpectKind>(statement.expect);
  step.stream = statement.target_kind == TestStatement::Target::Stream ? program_.streams[statement.target].name
                                                                       : program_.sources[statement.target].name;
  size_t cell_number = 0;
  for (const typed::TestRow& row : statement.rows) {
    std::vector<abi::ExpectCell>& cells = step.rows.emplace_back();
    for (size_t i = 0; i < row.named.size(); ++i) {
      abi::ExpectCell cell;
      cell.column = row.named[i].first;
      cell.type = ToTypeSpec(*row.types[i]);
      cell.value = ToDatumSpec(row.named[i].second);
      if (cell_number < statement.tolerance.size()) cell.tolerance = statement.tolerance[cell_number];
      ++cell_number;
      cells.push_back(std::move(cell));
    }
  }
  return step;
}

void Lowering::LowerTests() {
  for (const typed::Test& test : program_.tests) {
    abi::TestSpec spec;
    spec.name = test.name;
    spec.place = Place(test.span);
    AddStart(test, &spec);
    for (const TestStatement& statement : test.statements) {
      spec.steps.push_back(LowerStatement(statement));
      // Bad records are seen by the runtime itself; the capture only says whose are asked for.
      const abi::TestStep& step = spec.steps.back();
      if (step.kind != abi::TestStep::Kind::Expect || step.expect != abi::ExpectKind::Bad) continue;
      std::vector<abi::CaptureSpec>& captures = out_.spec.captures;
      const bool known = std::any_of(captures.begin(), captures.end(), [&](const abi::CaptureSpec& each) {
        return each.stream == step.stream && each.kind == abi::CaptureKind::Bad;
      });
      if (!known) captures.push_back({step.stream, abi::CaptureKind::Bad, false});
    }
    out_.spec.tests.push_back(std::move(spec));
  }
}

}  // namespace streamc::physical
