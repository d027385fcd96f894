#include "compiler/codegen/value.h"

#include <llvm/IR/Constants.h>

#include "compiler/codegen/function_context.h"

namespace streamc::codegen {

using abi::LeafKind;
using types::TypeRef;

namespace {

bool HasSize(const types::Type& type) {
  return KindOf(type) == LeafKind::Str || KindOf(type) == LeafKind::List;
}

// Appends the row layout of a constant to `bytes`; false when it holds a text or list, whose place is not known yet.
bool AppendRowBytes(const types::Type& type, const types::Datum& datum, bool missing, std::string* bytes) {
  auto append = [&](const void* data, size_t size) { bytes->append(static_cast<const char*>(data), size); };
  auto append64 = [&](int64_t value) { append(&value, sizeof value); };
  missing = missing || datum.is_null();
  if (IsRecord(type)) {
    if (type.optional) append64(missing ? 0 : 1);
    const auto* fields = missing ? nullptr : &std::get<std::vector<types::Datum>>(datum.value);
    for (size_t i = 0; i < type.fields.size(); ++i) {
      if (!AppendRowBytes(*type.fields[i].type, fields ? (*fields)[i] : types::Datum{}, missing, bytes)) return false;
    }
    return true;
  }
  if (type.optional) append64(missing ? 1 : 0);
  switch (KindOf(type)) {
    case LeafKind::Bool: append64(!missing && std::get<bool>(datum.value)); return true;
    case LeafKind::I64: append64(missing ? 0 : std::get<int64_t>(datum.value)); return true;
    case LeafKind::F64: {
      double value = missing ? 0 : std::get<double>(datum.value);
      append(&value, sizeof value);
      return true;
    }
    case LeafKind::Dec: {
      types::Int128 value = missing ? 0 : std::get<types::Int128>(datum.value);
      append(&value, sizeof value);
      return true;
    }
    default: return false;
  }
}

}  // namespace

llvm::Value* OrNull(FunctionContext& f, llvm::Value* a, llvm::Value* b) {
  if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
  return f.b.CreateOr(a, b);
}

llvm::Value* IsNull(FunctionContext& f, const Value& value) {
  return value.null == nullptr ? f.m.Bool(false) : value.null;
}

Value ZeroValue(FunctionContext& f, const TypeRef& type) {
  Value value;
  value.type = type;
  if (type->optional || type->kind == types::TypeKind::Null) value.null = f.m.Bool(true);
  if (IsRecord(*type)) {
    for (const types::Field& field : type->fields) value.fields.push_back(ZeroValue(f, field.type));
    return value;
  }
  value.data = llvm::Constant::getNullValue(f.m.ValueType(KindOf(*type)));
  if (HasSize(*type)) value.size = f.m.Int(0);
  return value;
}

Value ConstantValue(FunctionContext& f, const TypeRef& type, const types::Datum& datum) {
  if (datum.is_null()) return ZeroValue(f, types::Optional(type));
  Value value;
  value.type = type;
  switch (KindOf(*type)) {
    case LeafKind::Bool:
      if (IsRecord(*type)) {
        const auto& fields = std::get<std::vector<types::Datum>>(datum.value);
        for (size_t i = 0; i < fields.size(); ++i) value.fields.push_back(ConstantValue(f, type->fields[i].type, fields[i]));
      } else {
        value.data = f.m.Bool(std::get<bool>(datum.value));
      }
      break;
    case LeafKind::I64: value.data = f.m.Int(std::get<int64_t>(datum.value)); break;
    case LeafKind::F64: value.data = llvm::ConstantFP::get(f.m.f64, std::get<double>(datum.value)); break;
    case LeafKind::Dec: value.data = f.m.Dec(std::get<types::Int128>(datum.value)); break;
    case LeafKind::Str: {
      const auto& text = std::get<std::string>(datum.value);
      value.data = f.m.Bytes(text);
      value.size = f.m.Int(static_cast<int64_t>(text.size()));
      break;
    }
    case LeafKind::List: {
      const auto& elements = std::get<std::vector<types::Datum>>(datum.value);
      const TypeRef& element = type->element;
      value.size = f.m.Int(static_cast<int64_t>(elements.size()));
      std::string bytes;
      bool fixed = true;
      for (const types::Datum& one : elements) fixed = fixed && AppendRowBytes(*element, one, false, &bytes);
      if (fixed) {
        value.data = elements.empty() ? f.m.ZeroRow(16) : f.m.Bytes(bytes, true);
        break;
      }
      const int64_t stride = RowSize(*element);
      value.data = f.b.CreateCall(f.m.Allocate(), {f.Arena(), f.m.Int(stride * static_cast<int64_t>(elements.size()))});
      int64_t offset = 0;
      for (const types::Datum& one : elements)
        offset = StoreRow(f, value.data, offset, WithType(ConstantValue(f, element, one), element));
      break;
    }
  }
  return value;
}

Value WithType(Value value, const TypeRef& type) {
  if (!type->optional && type->kind != types::TypeKind::Null) value.null = nullptr;
  value.type = type;
  return value;
}

Value FieldOf(FunctionContext& f, const Value& record, int32_t index) {
  Value field = record.fields.at(static_cast<size_t>(index));
  if (record.null == nullptr) return field;
  field.null = OrNull(f, field.null, record.null);
  field.type = types::Optional(field.type);
  return field;
}

Value Select(FunctionContext& f, llvm::Value* condition, const Value& a, const Value& b) {
  Value value;
  value.type = a.type;
  if (a.null != nullptr || b.null != nullptr) value.null = f.b.CreateSelect(condition, IsNull(f, a), IsNull(f, b));
  for (size_t i = 0; i < a.fields.size(); ++i) value.fields.push_back(Select(f, condition, a.fields[i], b.fields[i]));
  if (a.data != nullptr) value.data = f.b.CreateSelect(condition, a.data, b.data);
  if (a.size != nullptr) value.size = f.b.CreateSelect(condition, a.size, b.size);
  return value;
}

// --- joins -------------------------------------------------------------------------------------------------------

Join::Join(FunctionContext& f, TypeRef type, const llvm::Twine& name)
    : f_(f), type_(std::move(type)), block_(f.NewBlock(name)) {}

void Join::Add(const Value& value) {
  values_.push_back(value);
  from_.push_back(f_.b.GetInsertBlock());
  f_.b.CreateBr(block_);
}

Value Join::Merge(const TypeRef& type, const std::vector<const Value*>& parts) {
  Value value;
  value.type = type;
  auto phi = [&](llvm::Value* Value::* member, llvm::Value* absent) -> llvm::Value* {
    auto get = [&](const Value* part) { return part->*member == nullptr ? absent : part->*member; };
    bool same = true;
    for (const Value* part : parts) same = same && get(part) == get(parts[0]) && llvm::isa<llvm::Constant>(get(part));
    if (same) return get(parts[0]);
    auto* node = f_.b.CreatePHI(get(parts[0])->getType(), static_cast<unsigned>(parts.size()));
    for (size_t i = 0; i < parts.size(); ++i) node->addIncoming(get(parts[i]), from_[i]);
    return node;
  };
  bool nullable = false;
  for (const Value* part : parts) nullable = nullable || part->null != nullptr;
  if (nullable) value.null = phi(&Value::null, f_.m.Bool(false));
  if (parts[0]->data != nullptr) value.data = phi(&Value::data, nullptr);
  if (parts[0]->size != nullptr) value.size = phi(&Value::size, nullptr);
  for (size_t k = 0; k < parts[0]->fields.size(); ++k) {
    std::vector<const Value*> inner;
    for (const Value* part : parts) inner.push_back(&part->fields[k]);
    value.fields.push_back(Merge(parts[0]->fields[k].type, inner));
  }
  return value;
}

Value Join::Finish() {
  f_.b.SetInsertPoint(block_);
  std::vector<const Value*> parts;
  for (const Value& value : values_) parts.push_back(&value);
  return WithType(Merge(type_, parts), type_);
}

// --- rows --------------------------------------------------------------------------------------------------------

namespace {

Value LoadRowTree(FunctionContext& f, llvm::Value* base, int64_t* offset, const TypeRef& type) {
  auto load = [&](llvm::Type* memory, int64_t at) { return f.b.CreateAlignedLoad(memory, f.At(base, at), llvm::Align(8)); };
  Value value;
  value.type = type;
  if (type->optional) {
    llvm::Value* state = load(f.m.i64, *offset);
    *offset += 8;
    value.null = IsRecord(*type) ? f.b.CreateICmpEQ(state, f.m.Int(0)) : f.b.CreateICmpNE(state, f.m.Int(0));
  }
  if (IsRecord(*type)) {
    for (const types::Field& field : type->fields) value.fields.push_back(LoadRowTree(f, base, offset, field.type));
    return value;
  }
  const LeafKind kind = KindOf(*type);
  if (kind == LeafKind::Bool) {
    value.data = f.b.CreateICmpNE(load(f.m.i64, *offset), f.m.Int(0));
  } else {
    value.data = load(f.m.ValueType(kind), *offset);
    if (HasSize(*type)) value.size = load(f.m.i64, *offset + 8);
  }
  *offset += abi::RowWidth(kind);
  return value;
}

int64_t StoreRowTree(FunctionContext& f, llvm::Value* base, int64_t offset, const Value& value, llvm::Value* missing) {
  const types::Type& type = *value.type;
  auto store = [&](llvm::Value* what, int64_t at) { f.b.CreateAlignedStore(what, f.At(base, at), llvm::Align(8)); };
  llvm::Value* null = OrNull(f, missing, type.optional ? value.null : nullptr);
  auto kept = [&](llvm::Value* what) {
    return null == nullptr ? what : f.b.CreateSelect(null, llvm::Constant::getNullValue(what->getType()), what);
  };
  if (type.optional) {
    llvm::Value* flag = null == nullptr ? f.m.Bool(false) : null;
    store(f.b.CreateZExt(IsRecord(type) ? f.b.CreateNot(flag) : flag, f.m.i64), offset);
    offset += 8;
  }
  if (IsRecord(type)) {
    for (const Value& field : value.fields) offset = StoreRowTree(f, base, offset, field, null);
    return offset;
  }
  const LeafKind kind = KindOf(type);
  store(kind == LeafKind::Bool ? f.b.CreateZExt(kept(value.data), f.m.i64) : kept(value.data), offset);
  if (HasSize(type)) store(kept(value.size), offset + 8);
  return offset + abi::RowWidth(kind);
}

}  // namespace

Value LoadRow(FunctionContext& f, llvm::Value* base, int64_t offset, const TypeRef& type) {
  return LoadRowTree(f, base, &offset, type);
}

int64_t StoreRow(FunctionContext& f, llvm::Value* base, int64_t offset, const Value& value) {
  return StoreRowTree(f, base, offset, value, nullptr);
}

}  // namespace streamc::codegen
