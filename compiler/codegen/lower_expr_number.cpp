// Arithmetic: every result that leaves its type's range rejects the row.
//
// Decimals are 128-bit integers with a scale known from the type; magnitudes stay below 10^38.
#include <llvm/IR/Intrinsics.h>

#include "compiler/codegen/lower_expr.h"
#include "runtime/abi/abi.h"

namespace streamc::codegen {

using llvm::Intrinsic::ID;
using typed::Expr;
using typed::ExprKind;
using types::TypeKind;

namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;

llvm::Value* Checked(FunctionContext& f, ID operation, llvm::Value* a, llvm::Value* b) {
  llvm::Value* pair = f.b.CreateBinaryIntrinsic(operation, a, b);
  f.RejectIf(f.b.CreateExtractValue(pair, 1), SC_ERR_OVERFLOW);
  return f.b.CreateExtractValue(pair, 0);
}

void RejectIfWide(FunctionContext& f, llvm::Value* decimal, int digits = 38) {
  llvm::Value* high = f.b.CreateICmpSGE(decimal, f.m.PowerOfTen(digits));
  llvm::Value* low = f.b.CreateICmpSLE(decimal, f.b.CreateNeg(f.m.PowerOfTen(digits)));
  f.RejectIf(f.b.CreateOr(high, low), SC_ERR_OVERFLOW);
}

llvm::Value* RejectUnlessFinite(FunctionContext& f, llvm::Value* number) {
  llvm::Value* magnitude = f.b.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, number);
  f.RejectIf(f.b.CreateFCmpUEQ(magnitude, llvm::ConstantFP::getInfinity(f.m.f64)), SC_ERR_NAN);
  return number;
}

llvm::Value* LowerFloat(FunctionContext& f, ExprKind kind, llvm::Value* a, llvm::Value* b) {
  if (kind == ExprKind::Div || kind == ExprKind::Mod)
    f.RejectIf(f.b.CreateFCmpOEQ(b, llvm::ConstantFP::get(f.m.f64, 0)), SC_ERR_DIVIDE);
  switch (kind) {
    case ExprKind::Add: return RejectUnlessFinite(f, f.b.CreateFAdd(a, b));
    case ExprKind::Sub: return RejectUnlessFinite(f, f.b.CreateFSub(a, b));
    case ExprKind::Mul: return RejectUnlessFinite(f, f.b.CreateFMul(a, b));
    case ExprKind::Div: return RejectUnlessFinite(f, f.b.CreateFDiv(a, b));
    default: return f.b.CreateFRem(a, b);
  }
}

// Truncating division and remainder. The most negative number divided by -1 overflows; its remainder is 0.
llvm::Value* LowerQuotient(FunctionContext& f, bool remainder, llvm::Value* a, llvm::Value* b) {
  llvm::Type* type = a->getType();
  f.RejectIf(f.b.CreateICmpEQ(b, llvm::ConstantInt::get(type, 0)), SC_ERR_DIVIDE);
  llvm::Value* minus_one = f.b.CreateICmpEQ(b, llvm::ConstantInt::getSigned(type, -1));
  if (remainder) {
    llvm::Value* safe = f.b.CreateSelect(minus_one, llvm::ConstantInt::get(type, 1), b);
    return f.b.CreateSRem(a, safe);
  }
  llvm::Constant* least =
      llvm::ConstantInt::get(f.function->getContext(), llvm::APInt::getSignedMinValue(type->getIntegerBitWidth()));
  f.RejectIf(f.b.CreateAnd(minus_one, f.b.CreateICmpEQ(a, least)), SC_ERR_OVERFLOW);
  return f.b.CreateSDiv(a, b);
}

llvm::Value* LowerInt(FunctionContext& f, ExprKind kind, llvm::Value* a, llvm::Value* b) {
  switch (kind) {
    case ExprKind::Add: return Checked(f, llvm::Intrinsic::sadd_with_overflow, a, b);
    case ExprKind::Sub: return Checked(f, llvm::Intrinsic::ssub_with_overflow, a, b);
    case ExprKind::Mul: return Checked(f, llvm::Intrinsic::smul_with_overflow, a, b);
    default: return LowerQuotient(f, kind == ExprKind::Mod, a, b);
  }
}

llvm::Value* LowerDecimal(FunctionContext& f, const Expr& expr, const Value& a, const Value& b) {
  const int scale = expr.type->scale;
  const int scale_a = a.type->scale, scale_b = b.type->scale;
  switch (expr.kind) {
    case ExprKind::Mul: {
      llvm::Value* product = Checked(f, llvm::Intrinsic::smul_with_overflow, a.data, b.data);
      RejectIfWide(f, product);
      return Rescale(f, product, scale_a + scale_b, scale);
    }
    case ExprKind::Div: {
      f.RejectIf(f.b.CreateICmpEQ(b.data, f.m.Dec(0)), SC_ERR_DIVIDE);
      const int shift = scale - scale_a + scale_b;
      llvm::Value* pair = f.b.CreateCall(
          f.m.DecimalDivide(), {a.data, f.m.PowerOfTen(std::max(shift, 0)), b.data, f.m.PowerOfTen(std::max(-shift, 0))});
      f.RejectIf(f.b.CreateExtractValue(pair, 1), SC_ERR_OVERFLOW);
      return f.b.CreateExtractValue(pair, 0);
    }
    default: {
      const int common = std::max(scale_a, scale_b);
      llvm::Value* left = Rescale(f, a.data, scale_a, common);
      llvm::Value* right = Rescale(f, b.data, scale_b, common);
      llvm::Value* result = LowerInt(f, expr.kind, left, right);
      RejectIfWide(f, result);
      return Rescale(f, result, common, scale);
    }
  }
}

// A date is its midnight here: whole days of the sum, rounded down.
llvm::Value* LowerDate(FunctionContext& f, const Expr& expr, const Value& a, const Value& b) {
  const Value& date = a.type->kind == TypeKind::Date ? a : b;
  const Value& duration = a.type->kind == TypeKind::Date ? b : a;
  llvm::Value* day = f.m.Int(kMicrosPerDay);
  llvm::Value* midnight = Checked(f, llvm::Intrinsic::smul_with_overflow, date.data, day);
  llvm::Value* sum = LowerInt(f, expr.kind, midnight, duration.data);
  llvm::Value* rest = f.b.CreateSRem(sum, day);
  llvm::Value* days = f.b.CreateSDiv(sum, day);
  return f.b.CreateSub(days, f.b.CreateZExt(f.b.CreateICmpSLT(rest, f.m.Int(0)), f.m.i64));
}

llvm::Value* LowerBinary(FunctionContext& f, const Expr& expr, const Value& a, const Value& b) {
  switch (expr.type->kind) {
    case TypeKind::Float: return LowerFloat(f, expr.kind, a.data, b.data);
    case TypeKind::Decimal: return LowerDecimal(f, expr, a, b);
    case TypeKind::Date: return LowerDate(f, expr, a, b);
    case TypeKind::Duration:
      if (a.type->kind == TypeKind::Date) {
        llvm::Value* days = LowerInt(f, expr.kind, a.data, b.data);
        return Checked(f, llvm::Intrinsic::smul_with_overflow, days, f.m.Int(kMicrosPerDay));
      }
      return LowerInt(f, expr.kind, a.data, b.data);
    default: return LowerInt(f, expr.kind, a.data, b.data);
  }
}

}  // namespace

llvm::Value* Rescale(FunctionContext& f, llvm::Value* decimal, int from, int to) {
  if (from == to) return decimal;
  if (to > from) {
    llvm::Value* wide = Checked(f, llvm::Intrinsic::smul_with_overflow, decimal, f.m.PowerOfTen(to - from));
    RejectIfWide(f, wide);
    return wide;
  }
  if (from - to > 38) return f.m.Dec(0);
  llvm::Value* divisor = f.m.PowerOfTen(from - to);
  llvm::Value* quotient = f.b.CreateSDiv(decimal, divisor);
  llvm::Value* rest = f.b.CreateSub(decimal, f.b.CreateMul(quotient, divisor));
  llvm::Value* negative = f.b.CreateICmpSLT(decimal, f.m.Dec(0));
  llvm::Value* magnitude = f.b.CreateSelect(negative, f.b.CreateNeg(rest), rest);
  llvm::Value* up = f.b.CreateICmpSGE(magnitude, f.b.CreateSub(divisor, magnitude));
  llvm::Value* step = f.b.CreateSelect(negative, f.m.Dec(-1), f.m.Dec(1));
  return f.b.CreateAdd(quotient, f.b.CreateSelect(up, step, f.m.Dec(0)));
}

Value LowerArithmetic(FunctionContext& f, const Expr& expr) {
  Value result;
  Value a = LowerExpr(f, *expr.args[0]);
  if (expr.kind == ExprKind::Neg) {
    if (KindOf(*expr.type) == abi::LeafKind::F64) {
      result.data = f.b.CreateFNeg(a.data);
    } else {
      llvm::Value* zero = llvm::Constant::getNullValue(a.data->getType());
      result.data = Checked(f, llvm::Intrinsic::ssub_with_overflow, zero, a.data);
    }
    return result;
  }
  Value b = LowerExpr(f, *expr.args[1]);
  result.data = LowerBinary(f, expr, a, b);
  return result;
}

Value LowerConversion(FunctionContext& f, const Expr& expr) {
  Value from = LowerExpr(f, *expr.args[0]);
  Value result;
  result.null = from.null;
  const TypeKind kind = from.type->kind;
  if (expr.kind == ExprKind::ToFloat) {
    result.data = kind == TypeKind::Float ? from.data : f.b.CreateSIToFP(from.data, f.m.f64);
  } else {
    llvm::Value* wide = kind == TypeKind::Decimal ? from.data : f.b.CreateSExt(from.data, f.m.i128);
    // What a missing value holds must not reject the row.
    if (from.null != nullptr) wide = f.b.CreateSelect(from.null, f.m.Dec(0), wide);
    result.data = Rescale(f, wide, kind == TypeKind::Decimal ? from.type->scale : 0, expr.type->scale);
    RejectIfWide(f, result.data, expr.type->precision);
  }
  return result;
}

}  // namespace streamc::codegen
