// AST of declarations and tests. See ast.h.
// A clause given twice is reported by the parser, which keeps the first; a missing one is the checker's to judge.
#pragma once

#include "compiler/ast/step.h"

namespace streamc::ast {

// `name: value`.
struct Setting {
  Span span;
  Name name;
  ExprPtr value;
};

// A clause of one whole number: `key_groups 64`.
struct CountClause {
  Span span;
  int64_t count = 0;
};

struct UseDecl {
  Text path;
};
struct JobDecl {
  Name name;
  std::optional<Name> delivery;
  std::optional<ValueClause> commit_every;
  std::optional<CountClause> key_groups;
  std::optional<Name> home;
  std::optional<ActionClause> on_bad;
  std::vector<Setting> settings;
};
struct ParamDecl {
  Name name;
  Type type;
  ExprPtr default_value;
};
struct ClusterDecl {
  Name name;
  std::vector<Setting> settings;
};
struct SchemaDecl {
  Name name;
  RecordType type;
};

// ---- sources and tables
struct Watermark {
  Span word_span;
  ExprPtr lag;
  ExprPtr ahead;
};
// `key name: T`.
struct KeyColumn {
  Span word_span;
  Name name;
  Type type;
};
// `start earliest` (word) or `start at t` (at); exactly one is set.
struct StartClause {
  Span word_span;
  std::optional<Name> word;
  ExprPtr at;
};
struct SourceClauses {
  std::optional<Call> format;
  std::optional<KeyColumn> key;
  std::optional<ValueClause> time;
  std::optional<Watermark> watermark;
  std::optional<ValueClause> idle;
  std::optional<StartClause> start;
  std::optional<ActionClause> on_bad;
  std::optional<ActionClause> on_null;
  std::optional<ValueClause> refresh_every;  // tables only
  std::optional<ValueClause> history;        // tables only
};
struct SourceDecl {
  Name name;
  Type type;
  Call connector;
  SourceClauses clauses;
};
struct TableDecl {
  Name name;
  Type type;
  std::vector<Name> keys;
  Call connector;
  SourceClauses clauses;
};

struct StreamDecl {
  Name name;
  Pipeline pipeline;
};

struct SinkKey {
  Span word_span;
  std::vector<Expr> values;
};
struct SinkDecl {
  Name stream;
  std::optional<Name> label;
  std::optional<Type> schema;
  Call connector;
  std::optional<SinkKey> key;
  std::optional<ValueClause> value;
  std::optional<ValueClause> headers;
  std::optional<ValueClause> partition;
  std::optional<ValueClause> timestamp;
  std::optional<Call> format;
  std::optional<ValueClause> delete_when;
  std::optional<Name> delivery;
};
struct MirrorDecl {
  Name name;
  Call from;
  Call to;
  ExprPtr where;
};

// ---- functions and aggregates
struct Param {
  Name name;
  Type type;
};
struct FnDecl {
  Name name;
  std::vector<Param> params;
  Type result_type;
  Block body;  // `= expr` is a block without lets
};
struct AggDecl {
  Name name;
  std::vector<Param> params;
  Type result_type;
  RecordType state;
  Body add;
  std::optional<Body> remove;
  Name merge_name;
  Body merge;
  Block result;
};

// ---- tests
// `5s`: since the test's start; `@2026-01-01`: absolute. Microseconds.
struct Instant {
  Span span;
  bool relative = true;
  int64_t micros = 0;
};
struct Rows {
  enum class Kind : uint8_t { Rows, Null, Raw, File, None };
  Span span;
  Kind kind = Kind::Rows;
  std::vector<Expr> rows;  // Kind::Rows: a record per row, or whatever was written there
  Text text;               // Kind::Raw: the record itself; Kind::File: a path
};

struct TestParam {
  Name name;
  ExprPtr value;
};
struct TestStart {
  Instant at;
};
struct TestFeed {
  Name source;
  std::optional<int64_t> partition;
  std::optional<Instant> at;
  ExprPtr key;
  ExprPtr headers;
  Rows rows;
};
struct TestWait {
  ExprPtr duration;
};
struct TestCrash {};
struct TestRestart {
  std::optional<int64_t> instances;
};
struct TestExpect {
  enum class Mode : uint8_t { All, InOrder, Now, Deleted, Late, Bad };
  Name stream;
  Mode mode = Mode::All;
  Rows rows;
};
struct TestStmt {
  Span span;
  std::variant<TestParam, TestStart, TestFeed, TestWait, TestCrash, TestRestart, TestExpect> node;
};
struct TestDecl {
  Text name;
  std::vector<TestStmt> stmts;
};

struct Decl {
  Span span;
  Span word_span;   // the word that leads it
  std::string doc;  // text of the `///` lines before it, without the slashes; lines joined by '\n'
  std::variant<UseDecl, JobDecl, ParamDecl, ClusterDecl, SchemaDecl, SourceDecl, TableDecl, StreamDecl, SinkDecl, MirrorDecl,
               FnDecl, AggDecl, TestDecl>
      node;
};

// One file. Declarations that do not parse are reported and left out; `broken` has the names they would have declared,
// so that uses of them need no second message; `job_broken`: one of them is the job.
struct Program {
  SourceId source;
  std::vector<Decl> decls;
  std::vector<Name> broken;
  bool job_broken = false;
};

}  // namespace streamc::ast
