// State of one check, shared by every part of sema: the program being built, what names mean, and the diagnostics.
// Internal to sema/. Declarations are checked when first needed, so their order in the text does not matter.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/sema/build.h"
#include "compiler/sema/narrowing.h"
#include "compiler/sema/sema.h"
#include "compiler/sema/typed.h"

namespace streamc::sema {

using diag::DiagId;

enum class SymbolKind : uint8_t { Param, Schema, Source, Table, Stream, Route, Fn, Agg, Cluster, Mirror };
enum class CheckState : uint8_t { Waiting, Active, Done };

// Rows at one point of a pipeline: their columns and everything known of them that later steps depend on.
struct Flow {
  std::string name;                   // the stream, for messages
  std::vector<typed::Column> columns;
  typed::RowKind rows;
  Facts present;
  std::set<int32_t> sources;          // where the rows come from, for time rules and warnings
  bool has_time = false;              // meta.time is an event time
  bool has_watermark = false;
  std::string combined_by;            // the step after which meta.* of records are gone; empty: still there
  bool poisoned = false;              // something before was wrong: unknown columns are not reported

  const typed::Column* Find(std::string_view name, bool hidden) const;
  std::vector<std::string> VisibleNames() const;
};

struct Symbol {
  SymbolKind kind = SymbolKind::Param;
  std::string name;
  Span span;                          // the name in its declaration
  const ast::Decl* decl = nullptr;    // null for Route
  CheckState state = CheckState::Waiting;
  bool faulty = false;
  int32_t index = -1;                 // into the program's list of its kind, once checked
  Flow flow;                          // Source, Table, Stream, Route: rows it gives
  TypeRef type;                       // Schema
  // Route: who sends rows to it.
  struct Origin { enum class Kind : uint8_t { BadOf, BadOfJob, LateOf } kind; std::string of; };
  std::vector<Origin> origins;
  // Stream: late rows of its steps by the route's name, as (step, columns before the step).
  std::map<std::string, std::pair<int32_t, Flow>> late;
};

class Context {
 public:
  Context(const source::SourceManager& sources, diag::Diagnostics& diags, const SemaOptions& options)
      : sources(sources), diags(diags), options(options) {}

  template <typename... Args>
  diag::Builder Report(DiagId id, Span span, const Args&... args) {
    return (muted == 0 && !FollowsBroken(id, {diag::Argument(args)...}) ? diags : unheard_).Report(id, span, args...);
  }
  // True for the message that follows from a declaration which did not parse: its name is unknown, or its clauses are missing.
  bool FollowsBroken(DiagId id, std::initializer_list<diag::Argument> args) const;
  // "`rolling` is not supported yet", with what can be done instead.
  void NotSupported(Span span, std::string_view what, std::string help);

  Symbol* Find(const std::string& name);
  Symbol* FindSchema(const std::string& name);
  std::vector<std::string> NamesOf(std::initializer_list<SymbolKind> kinds) const;

  // Reports a record too large to be laid out; true when it is small enough.
  bool CheckSize(const TypeRef& type, Span span);
  // Reports more of something than nests safely ("values", "arms").
  bool CheckCount(size_t count, const char* what, Span span);

  typed::ColumnId NewColumn() { return program.next_column++; }
  typed::LocalId NewLocal() { return program.next_local++; }
  typed::Column NewColumn(std::string name, TypeRef type, bool hidden = false);
  // The column a chain of plain copies (`select a = b`) started from; changes are keyed by it.
  typed::ColumnId RootOf(typed::ColumnId column) const;

  const source::SourceManager& sources;
  diag::Diagnostics& diags;
  const SemaOptions& options;
  typed::Program program;
  std::map<std::string, Symbol> symbols;
  std::map<std::string, Symbol> schemas;
  std::map<typed::ColumnId, typed::ColumnId> roots;
  std::vector<const ast::Decl*> decls;       // of all files, in order
  const ast::Decl* job_decl = nullptr;
  std::set<std::string> broken;              // names of declarations that did not parse
  bool job_broken = false;                   // one of them is the job
  std::set<int32_t> watermark_used;          // sources
  int schema_depth = 0;                      // schemas being resolved within one another
  int stream_depth = 0;                      // streams being checked within one another
  int muted = 0;                             // something is tried out: messages are not for the user
  std::map<std::string, int32_t> passed_on;  // streams made for sources and tables that are used as such
  int inline_depth = 0;                      // user functions being inlined into one another
  int inlined_calls = 0;
  std::vector<std::string> route_names;      // Action::stream is an index into this until the program is complete

 private:
  struct Size {
    int64_t leaves = 0;
    int depth = 0;
  };
  const Size& SizeOf(const TypeRef& type);

  diag::Diagnostics unheard_;
  std::map<TypeRef, Size> sizes_;            // holds the types, so that no other takes their place
};

std::string_view KindText(SymbolKind kind);

// ---- declarations (decl_*.cpp) ----
// The type as resolved; Error, reported, when a part is unknown.
TypeRef ResolveType(Context& context, const ast::Type& type);
TypeRef ResolveRecord(Context& context, const ast::RecordType& type, const std::string& name);
TypeRef SchemaType(Context& context, Symbol& symbol);

// The declarations of the program and of the files it uses, into Context::decls.
void CollectSymbols(Context& context, const ast::Program& program);
void DeclareSymbols(Context& context);
void CheckJob(Context& context);
void CheckParams(Context& context);
// Each checks its declaration once; later calls return at once.
void CheckSource(Context& context, Symbol& symbol);
void CheckTable(Context& context, Symbol& symbol);
void CheckStream(Context& context, Symbol& symbol);
void CheckRoute(Context& context, Symbol& symbol);
void CheckFn(Context& context, Symbol& symbol);
void CheckSinks(Context& context);
// What is right or wrong only of the program as a whole (whole_program.cpp).
void CheckWhole(Context& context);
void CheckTests(Context& context);

typed::Action CheckAction(Context& context, const ast::Action& action);
// The source, stream, route or table called so, checked; null, reported, when there is none.
Symbol* UseStream(Context& context, const ast::Name& name);
// Index of the program's stream that passes a source's or table's rows on, or of the stream itself.
int32_t StreamIndexOf(Context& context, Symbol& symbol);

}  // namespace streamc::sema
