// Names, paths and types. See tree_builder.h.
#include "compiler/parse/tree_builder.h"

namespace streamc::parse {

using source::Span;

bool TreeBuilder::ClauseGuard::First(const std::string& word, Span span) {
  const auto [earlier, added] = seen_.try_emplace(word, span);
  if (!added) {
    builder_.diags_.Report(diag::DiagId::DuplicateClause, span, word)
        .Label(earlier->second, "first here")
        .Help("keep one of them");
  }
  return added;
}

std::string_view TreeBuilder::WordAt(const antlr4::ParserRuleContext* context, size_t child) const {
  auto* node = child < context->children.size() ? dynamic_cast<antlr4::tree::TerminalNode*>(context->children[child]) : nullptr;
  return node == nullptr ? std::string_view() : source_.TextOf(node->getSymbol());
}

Span TreeBuilder::WordSpan(const antlr4::ParserRuleContext* context, size_t child) const {
  auto* node = dynamic_cast<antlr4::tree::TerminalNode*>(context->children[child]);
  return node == nullptr ? SpanOf(context) : source_.SpanOf(node->getSymbol());
}

bool TreeBuilder::HasWord(const antlr4::ParserRuleContext* context, std::string_view word) const {
  for (size_t i = 0; i < context->children.size(); ++i) {
    if (WordAt(context, i) == word) return true;
  }
  return false;
}

Span TreeBuilder::FirstTwoWords(const antlr4::ParserRuleContext* context) const {
  return source::Join(WordSpan(context, 0), WordSpan(context, 1));
}

ast::Name TreeBuilder::BuildNameToken(const antlr4::ParserRuleContext* context) const {
  const std::string_view text = source_.TextOf(context->start);
  if (text.starts_with('`')) return {std::string(text.substr(1, text.size() - 2)), SpanOf(context), true};
  return {std::string(text), SpanOf(context), false};
}

ast::Name TreeBuilder::BuildOptionName(P::OptionNameContext* context) const {
  ast::Name name = BuildFieldName(context->fieldName(0));
  name.span = SpanOf(context);
  for (size_t i = 1; i < context->fieldName().size(); ++i) name.text += "." + BuildFieldName(context->fieldName(i)).text;
  return name;
}

std::optional<ast::Name> TreeBuilder::BuildLabel(P::LabelContext* context) const {
  if (context == nullptr) return std::nullopt;
  return BuildFieldName(context->fieldName());
}

ast::Path TreeBuilder::BuildPath(P::PathContext* context) const {
  ast::Path path{SpanOf(context), {}};
  path.names.push_back(BuildName(context->name()));
  for (P::FieldNameContext* field : context->fieldName()) path.names.push_back(BuildFieldName(field));
  return path;
}

ast::Type TreeBuilder::BuildType(P::TypeContext* context) {
  ast::Type type;
  type.span = SpanOf(context);
  type.optional = HasWord(context, "?");
  P::TypeCoreContext* core = context->typeCore();
  if (core->enumType() != nullptr) {
    type.node = BuildEnumType(core->enumType());
  } else if (core->recordType() != nullptr) {
    type.node = BuildRecordType(core->recordType());
  } else {
    type.node = BuildNamedType(core->namedType());
  }
  return type;
}

ast::NamedType TreeBuilder::BuildNamedType(P::NamedTypeContext* context) {
  ast::NamedType named;
  named.name = BuildName(context->name());
  for (P::TypeContext* argument : context->type()) named.type_args.push_back(BuildType(argument));
  for (P::TypeArgContext* argument : context->typeArg()) {
    ast::TypeArg& out = named.value_args.emplace_back();
    out.span = SpanOf(argument);
    if (argument->INT() != nullptr) {
      out.value = BuildCount(argument->INT());
    } else if (argument->string() != nullptr) {
      out.value = BuildText(argument->string()).text;
    } else {
      out.value = BuildName(argument->name());
    }
  }
  return named;
}

ast::EnumType TreeBuilder::BuildEnumType(P::EnumTypeContext* context) {
  ast::EnumType type;
  for (P::EnumItemContext* item : context->enumItem()) {
    if (item->string() != nullptr) {
      type.items.push_back(BuildText(item->string()));
    } else {
      const ast::Name name = BuildFieldName(item->fieldName());
      type.items.push_back({name.text, name.span});
    }
  }
  return type;
}

ast::RecordType TreeBuilder::BuildRecordType(P::RecordTypeContext* context) {
  ast::RecordType record;
  record.span = SpanOf(context);
  for (P::FieldContext* field : context->field()) record.fields.push_back(BuildField(field));
  record.has_rest = HasWord(context, "...");
  if (context->name() != nullptr) record.rest = BuildName(context->name());
  return record;
}

ast::Field TreeBuilder::BuildField(P::FieldContext* context) {
  ast::Field field;
  field.span = SpanOf(context);
  field.name = BuildFieldName(context->fieldName());
  field.type = BuildType(context->type());
  field.default_value = BuildExprPtr(context->expr());
  if (context->string() != nullptr) field.outside_name = BuildText(context->string());
  field.doc = source_.DocBefore(context->start);
  return field;
}

}  // namespace streamc::parse
