#include <utility>

#include "compiler/sema/convert.h"
#include "compiler/sema/fn.h"

namespace streamc::sema {
namespace {

// Inlining copies bodies; both limits stop programs that would grow without bound.
constexpr int kMaxInlineDepth = 64;
constexpr int kMaxInlinedCalls = 20000;

const ast::FnDecl& DeclOf(const Symbol& symbol) {
  return std::get<ast::FnDecl>(symbol.decl->node);
}

// The body in a scope of its parameters alone.
ExprPtr CheckBody(Context& context, const ast::FnDecl& decl, const FnHead& head, std::vector<Local> locals) {
  Scope scope;
  static const Flow kNoColumns;
  scope.flow = &kNoColumns;
  scope.locals = std::move(locals);
  ExprChecker checker(context, std::move(scope));
  const ExprPtr result = checker.CheckBody(decl.body, head.result);
  if (IsError(result)) return result;
  return Coerce(context, result, head.result, "`" + decl.name.text + "` gives " + types::ToString(*head.result));
}

}  // namespace

FnHead HeadOf(Context& context, const ast::FnDecl& decl) {
  FnHead head;
  for (const ast::Param& param : decl.params) head.params.push_back(ResolveType(context, param.type));
  head.result = ResolveType(context, decl.result_type);
  return head;
}

void CheckFn(Context& context, Symbol& symbol) {
  if (symbol.state != CheckState::Waiting) return;
  symbol.state = CheckState::Active;
  // A function's own faults are told even when its first use is only tried out.
  const int muted = std::exchange(context.muted, 0);
  const ast::FnDecl& decl = DeclOf(symbol);
  const size_t errors_before = context.diags.error_count();
  const FnHead head = HeadOf(context, decl);
  std::vector<Local> locals;
  for (size_t i = 0; i < decl.params.size(); ++i) {
    const ast::Name& name = decl.params[i].name;
    for (const Local& local : locals) {
      if (local.name == name.text) context.Report(DiagId::DuplicateField, name.span, name.text);
    }
    locals.push_back({name.text, MakeLocal(context.NewLocal(), name.text, head.params[i], name.span)});
  }
  if (++context.inline_depth > kMaxInlineDepth) {
    context.Report(DiagId::InlineTooDeep, symbol.span, symbol.name, kMaxInlineDepth)
        .Help("make it with fewer functions that call one another");
  } else {
    CheckBody(context, decl, head, std::move(locals));
  }
  --context.inline_depth;
  context.muted = muted;
  symbol.faulty = context.diags.error_count() > errors_before;
  symbol.state = CheckState::Done;
}

ExprPtr InlineFn(Context& context, const Symbol& symbol, const FnHead& head, const std::vector<ExprPtr>& args, Span span) {
  const ast::FnDecl& decl = DeclOf(symbol);
  if (++context.inlined_calls > kMaxInlinedCalls || context.inline_depth >= kMaxInlineDepth) {
    if (context.inlined_calls <= kMaxInlinedCalls + 1) {
      context.Report(DiagId::InlineTooDeep, span, symbol.name, kMaxInlineDepth)
          .Help("make it with fewer functions that call one another");
    }
    return MakeError(span);
  }
  std::vector<Local> locals;
  std::vector<std::pair<typed::LocalId, ExprPtr>> lets;
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& name = decl.params[i].name.text;
    if (IsTrivial(args[i])) {
      locals.push_back({name, args[i]});
      continue;
    }
    const typed::LocalId local = context.NewLocal();
    lets.emplace_back(local, args[i]);
    locals.push_back({name, MakeLocal(local, name, args[i]->type, args[i]->span)});
  }
  ++context.inline_depth;
  ExprPtr result = CheckBody(context, decl, head, std::move(locals));
  --context.inline_depth;
  if (IsError(result)) return MakeError(span);
  for (auto let = lets.rbegin(); let != lets.rend(); ++let) result = MakeLet(let->first, let->second, result);
  return result;
}

}  // namespace streamc::sema
