// Names, types and expressions. See print.h.
#include <chrono>
#include <cstdio>

#include "compiler/ast/print_internal.h"
#include "compiler/support/text.h"

namespace streamc::ast {

std::string_view TextOf(BinaryOp op) {
  switch (op) {
#define BINARY_OP(name, text) \
  case BinaryOp::name: return text;
#include "compiler/ast/binary_op.def"
#undef BINARY_OP
  }
  return "?";
}

std::string Quote(std::string_view text) {
  return support::QuoteJson(text);
}

std::string PrintName(const Name& name) {
  return name.quoted ? "`" + name.text + "`" : name.text;
}

std::string PrintPath(const Path& path) {
  std::string out;
  for (const Name& name : path.names) out += (out.empty() ? "" : ".") + PrintName(name);
  return out;
}

std::string PrintPtr(const ExprPtr& expr) {
  return expr == nullptr ? "null" : Print(*expr);
}

std::string PrintDuration(int64_t micros) {
  struct Unit {
    uint64_t micros;
    std::string_view suffix;
  };
  static constexpr Unit kUnits[] = {{86400000000, "d"}, {3600000000, "h"}, {60000000, "m"},
                                    {1000000, "s"},     {1000, "ms"},      {1, "us"}};
  if (micros == 0) return "0s";
  std::string out = micros < 0 ? "-" : "";
  // Unsigned, so that the smallest value has a magnitude.
  uint64_t rest = micros < 0 ? 0 - static_cast<uint64_t>(micros) : static_cast<uint64_t>(micros);
  for (const Unit& unit : kUnits) {
    if (rest < unit.micros) continue;
    out += std::to_string(rest / unit.micros) + std::string(unit.suffix);
    rest %= unit.micros;
  }
  return out;
}

std::string PrintTimestamp(int64_t micros) {
  using namespace std::chrono;
  const sys_time<microseconds> time{microseconds(micros)};
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss clock{time - midnight};
  char text[48];
  std::snprintf(text, sizeof(text), "@%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  std::string out = text;
  if (clock.subseconds().count() != 0) {
    std::snprintf(text, sizeof(text), ".%06d", static_cast<int>(clock.subseconds().count()));
    out += text;
  }
  return out + "Z";
}

// ---- types

std::string PrintRecordType(const RecordType& type) {
  std::string out = "{";
  for (const Field& field : type.fields) {
    out += " " + PrintName(field.name) + ": " + Print(field.type);
    if (field.default_value != nullptr) out += " = " + Print(*field.default_value);
    if (field.outside_name) out += " as " + Quote(field.outside_name->text);
  }
  if (type.has_rest) out += " ..." + (type.rest ? PrintName(*type.rest) : "");
  return out + " }";
}

std::string Print(const Type& type) {
  const std::string core =
      std::visit(Overloaded{[](const NamedType& named) {
                              std::string out = PrintName(named.name);
                              if (!named.type_args.empty()) {
                                out += "<" + JoinMapped(named.type_args, [](const Type& t) { return Print(t); }) + ">";
                              }
                              if (named.value_args.empty()) return out;
                              const auto print_arg = [](const TypeArg& arg) {
                                return std::visit(Overloaded{[](int64_t n) { return std::to_string(n); },
                                                             [](const std::string& s) { return Quote(s); },
                                                             [](const Name& n) { return PrintName(n); }},
                                                  arg.value);
                              };
                              return out + "(" + JoinMapped(named.value_args, print_arg) + ")";
                            },
                            [](const RecordType& record) { return PrintRecordType(record); },
                            [](const EnumType& type) {
                              return "enum { " + JoinMapped(type.items, [](const Text& t) { return Quote(t.text); }) + " }";
                            }},
                 type.node);
  return core + (type.optional ? "?" : "");
}

// ---- expressions

std::string PrintCall(const Call& call) {
  std::string out = PrintName(call.name) + (call.bang ? "!" : "");
  if (!call.has_parens) return out;
  out += "(" + JoinMapped(call.args,
                          [](const Arg& arg) { return (arg.name ? PrintName(*arg.name) + ": " : "") + PrintPtr(arg.value); });
  if (call.where != nullptr) out += (call.args.empty() ? "where " : " where ") + Print(*call.where);
  return out + ")";
}

std::string PrintBlock(const Block& block) {
  std::string out = "{ ";
  for (const Let& let : block.lets) out += "let " + PrintName(let.name) + " = " + PrintPtr(let.value) + "; ";
  return out + PrintPtr(block.result) + " }";
}

namespace {

std::string PrintMatch(const MatchExpr& node) {
  const auto print_arm = [](const MatchArm& arm) {
    const std::string patterns =
        arm.patterns.empty() ? "else" : JoinMapped(arm.patterns, [](const Expr& e) { return Print(e); });
    return patterns + " -> " + PrintBlock(arm.body);
  };
  return "match " + PrintPtr(node.subject) + " { " + JoinMapped(node.arms, print_arm) + " }";
}

std::string PrintInterpolated(const InterpolatedString& node) {
  std::string out = "concat(";
  out += JoinMapped(node.parts, [](const StringPart& part) {
    return std::visit(
        Overloaded{[](const std::string& text) { return Quote(text); }, [](const Path& path) { return PrintPath(path); }},
        part.node);
  });
  return out + ")";
}

std::string PrintLambda(const Lambda& node) {
  return "(" + JoinMapped(node.params, [](const Name& n) { return PrintName(n); }) + " -> " + PrintPtr(node.body) + ")";
}

std::string PrintRecord(const RecordExpr& node) {
  return "{" +
         JoinMapped(node.entries,
                    [](const RecordEntry& entry) { return PrintName(entry.key) + ": " + PrintPtr(entry.value); }) +
         "}";
}

}  // namespace

std::string Print(const Expr& expr) {
  return std::visit(
      Overloaded{
          [](const NullLit&) -> std::string { return "null"; },
          [](const BoolLit& node) -> std::string { return node.value ? "true" : "false"; },
          [](const IntLit& node) { return std::to_string(node.value); },
          [](const FloatLit& node) { return node.text; },
          [](const DurationLit& node) { return PrintDuration(node.micros); },
          [](const SizeLit& node) { return std::to_string(node.bytes) + "B"; },
          [](const TimestampLit& node) { return PrintTimestamp(node.micros); },
          [](const StringLit& node) { return Quote(node.text); },
          [](const InterpolatedString& node) { return PrintInterpolated(node); },
          [](const NameExpr& node) { return PrintName(node.name); },
          [](const FieldExpr& node) { return PrintPtr(node.base) + (node.optional ? "?." : ".") + PrintName(node.field); },
          [](const IndexExpr& node) { return PrintPtr(node.base) + "[" + PrintPtr(node.index) + "]"; },
          [](const UnaryExpr& node) { return (node.op == UnaryOp::Not ? "(not " : "(-") + PrintPtr(node.operand) + ")"; },
          [](const BinaryExpr& node) {
            return "(" + PrintPtr(node.lhs) + " " + std::string(TextOf(node.op)) + " " + PrintPtr(node.rhs) + ")";
          },
          [](const IsNullExpr& node) { return "(" + PrintPtr(node.operand) + (node.negated ? " is not null)" : " is null)"); },
          [](const Call& node) { return PrintCall(node); },
          [](const Lambda& node) { return PrintLambda(node); },
          [](const ListExpr& node) { return "[" + JoinMapped(node.items, [](const Expr& e) { return Print(e); }) + "]"; },
          [](const RecordExpr& node) { return PrintRecord(node); },
          [](const IfExpr& node) {
            return "if " + (node.let_name ? "let " + PrintName(*node.let_name) + " = " : "") + PrintPtr(node.condition) + " " +
                   PrintBlock(node.then_block) + " else " + PrintBlock(node.else_block);
          },
          [](const MatchExpr& node) { return PrintMatch(node); }},
      expr.node);
}

}  // namespace streamc::ast
