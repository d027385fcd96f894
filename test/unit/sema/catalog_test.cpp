// The catalogue: every descriptor can be read, overloads are chosen as the language says.
#include <gtest/gtest.h>

#include "compiler/catalog/connectors.h"
#include "compiler/catalog/functions.h"
#include "compiler/catalog/signature.h"

namespace streamc::catalog {
namespace {

using types::Make;
using types::TypeKind;
using types::TypeRef;

TEST(Signatures, EveryDescriptorIsWellFormed) {
  for (const stdlib::ScalarFn* function : stdlib::ScalarFunctions()) {
    if (function->signature.find("->") != function->signature.rfind("->")) continue;  // takes a lambda: known to the checker
    const auto signature = ParseSignature(function->signature, function->for_types);
    ASSERT_TRUE(signature) << function->signature;
    EXPECT_EQ(signature->name, function->name);
  }
  for (const stdlib::AggregateFn* function : stdlib::Aggregates()) {
    const auto signature = ParseSignature(function->signature, function->for_types);
    ASSERT_TRUE(signature) << function->signature;
    EXPECT_EQ(signature->name, function->name);
  }
}

TEST(Signatures, MalformedOnesAreRefused) {
  for (const char* text :
       {"", "f", "f(", "f(a int) -> int", "f(a: int)", "f(a: nosuch) -> int", "f(a: int) -> int x", "f(a: list<int) -> int"}) {
    EXPECT_FALSE(ParseSignature(text, "")) << text;
  }
}

TEST(Overloads, ExactBeforeWidening) {
  EXPECT_EQ(FindScalar("abs", {Make(TypeKind::Int)})->result->kind, TypeKind::Int);
  EXPECT_EQ(FindScalar("abs", {Make(TypeKind::Float)})->result->kind, TypeKind::Float);
  EXPECT_EQ(FindScalar("sqrt", {Make(TypeKind::Int)})->params[0]->kind, TypeKind::Float);
  EXPECT_EQ(types::ToString(*FindScalar("abs", {types::MakeDecimal(10, 2)})->result), "decimal(10, 2)");
  EXPECT_FALSE(FindScalar("lower", {Make(TypeKind::Int)}));
  EXPECT_FALSE(FindScalar("lower", {}));
}

TEST(Overloads, VariablesBind) {
  const TypeRef strings = types::MakeList(Make(TypeKind::String));
  EXPECT_TRUE(FindScalar("contains", {strings, Make(TypeKind::String)}));
  EXPECT_FALSE(FindScalar("contains", {strings, Make(TypeKind::Int)}));
}

TEST(Overloads, FallibleFunctionsGiveOptionals) {
  EXPECT_TRUE(FindScalar("to_int", {Make(TypeKind::String)})->result->optional);
}

TEST(Overloads, SumsOfDecimalsAreWide) {
  EXPECT_EQ(types::ToString(*FindAggregate("sum", {types::MakeDecimal(10, 2)})->result), "decimal(38, 2)");
}

TEST(Options, KafkaPropertiesByEitherSpelling) {
  const ConnectorInfo& kafka = *FindConnector("kafka");
  EXPECT_EQ(FindOption(kafka, "fetch_min_bytes").option.name, "fetch.min.bytes");
  EXPECT_EQ(FindOption(kafka, "fetch.min.bytes").kind, OptionMatch::Kind::Known);
  EXPECT_EQ(FindOption(kafka, "group_id").kind, OptionMatch::Kind::Refused);
  EXPECT_EQ(FindOption(kafka, "fetch").kind, OptionMatch::Kind::Unknown);
  EXPECT_EQ(FindOption(kafka, "sasl_password").option.kind, OptionKind::Secret);
}

}  // namespace
}  // namespace streamc::catalog
