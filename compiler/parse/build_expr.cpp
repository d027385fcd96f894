// Expressions and literals. See tree_builder.h.
#include "compiler/parse/literal.h"
#include "compiler/parse/tree_builder.h"

namespace streamc::parse {
namespace {

using ast::Expr;
using ast::ExprPtr;
using diag::DiagId;
using source::Span;

struct OpText {
  std::string_view text;
  ast::BinaryOp op;
};
constexpr OpText kOps[] = {
#define BINARY_OP(name, text) {text, ast::BinaryOp::name},
#include "compiler/ast/binary_op.def"
#undef BINARY_OP
};

ast::BinaryOp FindOp(std::string_view text) {
  for (const OpText& entry : kOps) {
    if (entry.text == text) return entry.op;
  }
  return ast::BinaryOp::Add;
}

ExprPtr Box(Expr expr) {
  return std::make_unique<Expr>(std::move(expr));
}

template <typename Node>
Expr MakeExpr(Span span, Node node) {
  Expr expr;
  expr.span = span;
  expr.node = std::move(node);
  return expr;
}

}  // namespace

ExprPtr TreeBuilder::BuildExprPtr(P::ExprContext* context) {
  return context == nullptr ? nullptr : Box(BuildExpr(context));
}

ExprPtr TreeBuilder::BuildValuePtr(P::ValueContext* context) {
  return context == nullptr ? nullptr : Box(BuildValue(context));
}

std::vector<Expr> TreeBuilder::BuildExprs(const std::vector<P::ExprContext*>& contexts) {
  std::vector<Expr> exprs;
  for (P::ExprContext* context : contexts) exprs.push_back(BuildExpr(context));
  return exprs;
}

std::vector<Expr> TreeBuilder::BuildValues(const std::vector<P::ValueContext*>& contexts) {
  std::vector<Expr> exprs;
  for (P::ValueContext* context : contexts) exprs.push_back(BuildValue(context));
  return exprs;
}

Expr TreeBuilder::BuildBinary(Expr lhs, ast::BinaryOp op, Span op_span, Expr rhs) {
  const Span span = source::Join(lhs.span, rhs.span);
  return MakeExpr(span, ast::BinaryExpr{op, op_span, Box(std::move(lhs)), Box(std::move(rhs))});
}

Expr TreeBuilder::BuildExpr(P::ExprContext* context) {
  if (context->comparison() != nullptr) return BuildComparison(context->comparison());
  if (context->children.size() == 2) {
    return MakeExpr(SpanOf(context), ast::UnaryExpr{ast::UnaryOp::Not, WordSpan(context, 0), Box(BuildExpr(context->expr(0)))});
  }
  Expr binary =
      BuildBinary(BuildExpr(context->expr(0)), FindOp(WordAt(context, 1)), WordSpan(context, 1), BuildExpr(context->expr(1)));
  binary.span = SpanOf(context);
  return binary;
}

Expr TreeBuilder::BuildComparison(P::ComparisonContext* context) {
  Expr lhs = BuildValue(context->value(0));
  if (context->children.size() == 1) return lhs;
  Expr result;
  if (context->compareOp() != nullptr) {
    const Span op = SpanOf(context->compareOp());
    result =
        BuildBinary(std::move(lhs), FindOp(source_.TextOf(context->compareOp()->start)), op, BuildValue(context->value(1)));
  } else if (WordAt(context, 1) == "is") {
    result = MakeExpr(SpanOf(context), ast::IsNullExpr{WordAt(context, 2) == "not", Box(std::move(lhs))});
  } else {
    const bool negated = WordAt(context, 1) == "not";
    const Span op = negated ? source::Join(WordSpan(context, 1), WordSpan(context, 2)) : WordSpan(context, 1);
    result = BuildBinary(std::move(lhs), negated ? ast::BinaryOp::NotIn : ast::BinaryOp::In, op, BuildValue(context->value(1)));
  }
  result.span = SpanOf(context);
  return result;
}

Expr TreeBuilder::BuildValue(P::ValueContext* context) {
  if (context->primary() != nullptr) return BuildPrimary(context->primary());
  if (context->children.size() == 2) return BuildNegation(context);
  if (context->fieldName() != nullptr) {
    const bool optional = WordAt(context, 1) == "?.";
    return MakeExpr(SpanOf(context),
                    ast::FieldExpr{Box(BuildValue(context->value(0))), optional, BuildFieldName(context->fieldName())});
  }
  if (context->expr() != nullptr) {
    return MakeExpr(SpanOf(context), ast::IndexExpr{BuildValuePtr(context->value(0)), BuildExprPtr(context->expr())});
  }
  Expr binary = BuildBinary(BuildValue(context->value(0)), FindOp(WordAt(context, 1)), WordSpan(context, 1),
                            BuildValue(context->value(1)));
  binary.span = SpanOf(context);
  return binary;
}

// A minus belongs to the literal behind it, so that the smallest int can be written.
Expr TreeBuilder::BuildNegation(P::ValueContext* context) {
  P::PrimaryContext* primary = context->value(0)->primary();
  P::LiteralContext* literal = primary == nullptr ? nullptr : primary->literal();
  const bool number =
      literal != nullptr && (literal->INT() != nullptr || literal->FLOAT() != nullptr || literal->DURATION() != nullptr);
  if (number) {
    Expr expr = BuildLiteral(literal, true);
    expr.span = SpanOf(context);
    return expr;
  }
  return MakeExpr(SpanOf(context),
                  ast::UnaryExpr{ast::UnaryOp::Negate, WordSpan(context, 0), BuildValuePtr(context->value(0))});
}

Expr TreeBuilder::BuildPrimary(P::PrimaryContext* context) {
  if (context->literal() != nullptr) return BuildLiteral(context->literal());
  if (context->call() != nullptr) return MakeExpr(SpanOf(context), BuildCall(context->call()));
  if (context->name() != nullptr) return MakeExpr(SpanOf(context), ast::NameExpr{BuildName(context->name())});
  if (context->list() != nullptr) return BuildList(context->list());
  if (context->record() != nullptr) return BuildRecord(context->record());
  if (context->ifExpr() != nullptr) return BuildIf(context->ifExpr());
  if (context->matchExpr() != nullptr) return BuildMatch(context->matchExpr());
  Expr inner = BuildExpr(context->parens()->expr());
  inner.parenthesized = true;
  return inner;
}

Expr TreeBuilder::BuildLiteral(P::LiteralContext* context, bool negative) {
  const Span span = SpanOf(context);
  if (context->string() != nullptr) return BuildString(context->string());
  const std::string_view text = source_.TextOf(context->start);
  const int64_t sign = negative ? -1 : 1;
  switch (context->start->getType()) {
    case SdlParser::INT: return MakeExpr(span, ast::IntLit{Fits(DecodeInt(text, negative), span)});
    case SdlParser::DURATION: return MakeExpr(span, ast::DurationLit{sign * Fits(DecodeDuration(text), span)});
    case SdlParser::SIZE: return MakeExpr(span, ast::SizeLit{Fits(DecodeSize(text), span)});
    case SdlParser::FLOAT: {
      const auto value = DecodeFloat(text);
      if (!value) diags_.Report(DiagId::NumberTooLarge, span, text).Help("a float is at most about 1.8e308");
      std::string digits = negative ? "-" : "";
      for (const char c : text) {
        if (c != '_') digits += c;
      }
      return MakeExpr(span, ast::FloatLit{static_cast<double>(sign) * value.value_or(0), std::move(digits)});
    }
    case SdlParser::TIMESTAMP: {
      const DecodedTimestamp decoded = DecodeTimestamp(text);
      if (!decoded.problem.empty()) {
        diags_.Report(DiagId::BadTimestamp, span, decoded.problem)
            .Help("a timestamp is `@2026-01-31` or `@2026-01-31T10:00:00Z`");
      }
      return MakeExpr(span, ast::TimestampLit{decoded.micros});
    }
    default: break;
  }
  if (text == "null") return MakeExpr(span, ast::NullLit{});
  return MakeExpr(span, ast::BoolLit{text == "true"});
}

int64_t TreeBuilder::Fits(std::optional<int64_t> value, Span span) {
  if (value) return *value;
  const std::string_view text = source_.TextOf(span);
  auto report = diags_.Report(DiagId::NumberTooLarge, span, text);
  if (text.ends_with('B')) {
    report.Help("the largest size is 8589934591GB");
  } else if (text.find_first_not_of("0123456789_") != std::string_view::npos) {
    report.Help("the longest duration is 106751991d");
  } else {
    report.Help("the largest int is 9223372036854775807; with a point and a `decimal` type numbers may be longer");
  }
  return 0;
}

int64_t TreeBuilder::BuildCount(antlr4::tree::TerminalNode* digits) {
  return Fits(DecodeInt(source_.TextOf(digits->getSymbol()), false), source_.SpanOf(digits->getSymbol()));
}

void TreeBuilder::ReportStringProblems(Span token, const std::vector<StringProblem>& problems) {
  for (const StringProblem& problem : problems) {
    const Span span{token.source, token.begin + static_cast<uint32_t>(problem.begin),
                    token.begin + static_cast<uint32_t>(problem.end)};
    const std::string_view text = source_.TextOf(span);
    switch (problem.kind) {
      case StringProblem::Kind::Escape:
        diags_.Report(DiagId::BadEscape, span, text)
            .Help("escapes are \\n \\r \\t \\0 \\\\ \\\" \\{ \\} and \\u{1F600}; a raw string r\"...\" has none");
        break;
      case StringProblem::Kind::UnclosedBrace:
        diags_.Report(DiagId::UnclosedInterpolation, span)
            .Help("a brace itself is `\\{`; a raw string r\"...\" has no columns");
        break;
      case StringProblem::Kind::NotAPath:
        diags_.Report(DiagId::BadInterpolation, span, text)
            .Help(
                "only a column or parameter can stand there, such as `{user.name}`; a brace itself is `\\{`, a raw string "
                "r\"...\" has no columns");
        break;
    }
  }
}

Expr TreeBuilder::BuildString(P::StringContext* context) {
  const Span span = SpanOf(context);
  const auto at = [&](size_t begin, size_t end) {
    return Span{span.source, span.begin + static_cast<uint32_t>(begin), span.begin + static_cast<uint32_t>(end)};
  };
  DecodedString decoded = DecodeString(source_.TextOf(context->start));
  ReportStringProblems(span, decoded.problems);
  auto& pieces = decoded.pieces;
  if (pieces.empty()) return MakeExpr(span, ast::StringLit{"", decoded.raw});
  if (pieces.size() == 1 && pieces[0].path.empty())
    return MakeExpr(span, ast::StringLit{std::move(pieces[0].text), decoded.raw});
  ast::InterpolatedString interpolated;
  for (StringPiece& piece : pieces) {
    ast::StringPart& part = interpolated.parts.emplace_back();
    part.span = at(piece.begin, piece.end);
    if (piece.path.empty()) {
      part.node = std::move(piece.text);
      continue;
    }
    ast::Path path{at(piece.begin + 1, piece.end - 1), {}};
    for (auto& name : piece.path) path.names.push_back({std::move(name.text), at(name.begin, name.end), name.quoted});
    part.node = std::move(path);
  }
  return MakeExpr(span, std::move(interpolated));
}

ast::Text TreeBuilder::BuildText(P::StringContext* context) {
  const Span span = SpanOf(context);
  DecodedString decoded = DecodeString(source_.TextOf(context->start));
  ReportStringProblems(span, decoded.problems);
  ast::Text text{"", span};
  for (const StringPiece& piece : decoded.pieces) {
    text.text += piece.text;
    if (piece.path.empty()) continue;
    const Span place{span.source, span.begin + static_cast<uint32_t>(piece.begin),
                     span.begin + static_cast<uint32_t>(piece.end)};
    diags_.Report(DiagId::NoColumnHere, place).Help("a brace itself is `\\{`; a raw string r\"...\" has no columns");
  }
  return text;
}

Expr TreeBuilder::BuildList(P::ListContext* context) {
  return MakeExpr(SpanOf(context), ast::ListExpr{BuildExprs(context->expr())});
}

Expr TreeBuilder::BuildRecord(P::RecordContext* context) {
  ast::RecordExpr record;
  for (P::EntryContext* entry : context->entry()) {
    ast::RecordEntry& out = record.entries.emplace_back();
    if (entry->string() != nullptr) {
      ast::Text key = BuildText(entry->string());
      out.key = {std::move(key.text), key.span, true};
    } else {
      out.key = BuildFieldName(entry->fieldName());
    }
    out.value = BuildExprPtr(entry->expr());
  }
  return MakeExpr(SpanOf(context), std::move(record));
}

ast::Call TreeBuilder::BuildCall(P::CallContext* context) {
  ast::Call call;
  call.span = SpanOf(context);
  call.name = BuildName(context->name());
  call.bang = WordAt(context, 1) == "!";
  for (P::ArgContext* argument : context->arg()) call.args.push_back(BuildArg(argument));
  call.where = BuildExprPtr(context->expr());
  return call;
}

ast::Call TreeBuilder::BuildCallOrName(P::CallOrNameContext* context) {
  if (context->call() != nullptr) return BuildCall(context->call());
  ast::Call call;
  call.span = SpanOf(context);
  call.name = BuildName(context->name());
  call.has_parens = false;
  return call;
}

ast::Arg TreeBuilder::BuildArg(P::ArgContext* context) {
  ast::Arg arg;
  arg.span = SpanOf(context);
  if (context->optionName() != nullptr) arg.name = BuildOptionName(context->optionName());
  arg.value = context->lambda() != nullptr ? Box(BuildLambda(context->lambda())) : BuildExprPtr(context->expr());
  return arg;
}

Expr TreeBuilder::BuildLambda(P::LambdaContext* context) {
  ast::Lambda lambda;
  for (P::NameContext* name : context->name()) lambda.params.push_back(BuildName(name));
  lambda.body = BuildExprPtr(context->expr());
  return MakeExpr(SpanOf(context), std::move(lambda));
}

ast::Let TreeBuilder::BuildLet(P::LetContext* context) {
  return {SpanOf(context), BuildName(context->name()), BuildExprPtr(context->expr())};
}

ast::Block TreeBuilder::BuildBlock(P::BlockContext* context) {
  ast::Block block;
  block.span = SpanOf(context);
  for (P::LetContext* let : context->let()) block.lets.push_back(BuildLet(let));
  block.result = BuildExprPtr(context->expr());
  return block;
}

ast::Block TreeBuilder::BlockOf(Expr result) {
  ast::Block block;
  block.span = result.span;
  block.result = Box(std::move(result));
  return block;
}

Expr TreeBuilder::BuildIf(P::IfExprContext* context) {
  ast::IfExpr node;
  if (context->name() != nullptr) node.let_name = BuildName(context->name());
  node.condition = BuildExprPtr(context->expr());
  node.then_block = BuildBlock(context->block(0));
  node.else_block = context->ifExpr() != nullptr ? BlockOf(BuildIf(context->ifExpr())) : BuildBlock(context->block(1));
  return MakeExpr(SpanOf(context), std::move(node));
}

// An arm is `pattern, pattern -> result`: of its expressions the last is the result unless a block is.
Expr TreeBuilder::BuildMatch(P::MatchExprContext* context) {
  ast::MatchExpr node;
  node.subject = BuildValuePtr(context->value());
  for (P::MatchArmContext* arm : context->matchArm()) {
    ast::MatchArm& out = node.arms.emplace_back();
    out.span = SpanOf(arm);
    out.patterns = BuildExprs(arm->expr());
    if (arm->block() != nullptr) {
      out.body = BuildBlock(arm->block());
    } else {
      out.body = BlockOf(std::move(out.patterns.back()));
      out.patterns.pop_back();
    }
  }
  return MakeExpr(SpanOf(context), std::move(node));
}

}  // namespace streamc::parse
