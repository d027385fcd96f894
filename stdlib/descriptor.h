// What a builtin says of itself: name, signature, null rule, prose, worked examples, kernel.
//
// One file per scalar function, aggregate and window; the lists are scalar/scalar.def, aggregate/aggregate.def and
// window/window.def. The compiler's catalogue reads these descriptors; generated code calls the kernels by symbol;
// REFERENCE.md is generated from them. No descriptor or kernel includes anything of compiler/; kernels see
// runtime/abi/ only.
//
// Signatures are text: `name(a: T, b: list<T>) -> T?`. Types are the language's. One upper-case letter is a type
// variable, bound by the first argument that has it; `for_types` lists what it may be ("int timestamp date").
//
// Kernel C ABI (extern "C", never throws, System V):
//   [ScArena*] if `allocates`, then [int64_t element stride] if `generic_list`, then the arguments in order:
//     bool -> uint8_t; int, timestamp, date, duration, enum -> int64_t; float -> double;
//     decimal -> __int128, int64_t scale; string, bytes, uuid -> const char*, int64_t; list -> const void*, int64_t.
//   Result::Plain: returns the value (string, bytes, uuid: ScStr; list: ScList; decimal: __int128, in the scale of the
//     signature's result: one it writes out, else the first decimal argument's; a type variable gives all one scale).
//   Result::Optional, Result::Rejects: returns uint8_t, 1 with the value in a trailing `T* out`, 0 without one. Optional makes the
//     call's type `T?`; Rejects makes 0 a record error with code `reject_code`.
// An empty `kernel` is a form the compiler builds itself: now() reads the call's context, map, filter, exists, for_all and reduce
// take a lambda (`f: T -> U` in the signature, which is for readers only). header(name) gets the record's headers, a
// list of { key: string, value: bytes? }, as a first argument that its signature does not show.
// Memory: strings may be views into arguments; what is new is allocated in the arena and lives as long as the batch.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace streamc::stdlib {

// `expression` and `result` are source text; the suite evaluates both and compares.
struct Example {
  std::string_view expression = {};
  std::string_view result = {};
};

enum class Result : uint8_t { Plain, Optional, Rejects };

struct ScalarFn {
  std::string_view name = {};
  std::string_view family = {};      // heading in the reference: "strings", "numbers", "time", "lists", "json", "hashing", ...
  std::string_view signature = {};
  std::string_view for_types = {};   // values of the type variable, blank-separated; empty when there is none
  std::string_view kernel = {};      // symbol: streamc_fn_<name>[_<variant>]
  Result result = Result::Plain;
  bool allocates = false;       // takes ScArena*
  bool generic_list = false;    // takes the element stride in bytes
  bool pure = true;             // false: sees the clock; never folded or shared
  std::string_view reject_code = {}; // Result::Rejects
  std::string_view summary = {};     // one or two sentences of prose
  std::span<const Example> examples = {};
  std::string_view constant_args = {}; // names of parameters that must be literals ("pattern"), blank-separated
};

// Aggregate kernels over a state block of `state_size` bytes, 16-byte aligned, starting as zeros:
//   void    add   ([ScArena*,] State*, args..., [int64_t time, int64_t order])
//   void    remove([ScArena*,] State*, args...)                               empty symbol: not removable
//   void    merge ([ScArena*,] State* into, const State* from)                associative, commutative
//   uint8_t result([ScArena*,] const State*, T* out)    0: no value (only after a filter), 1: value, 2: does not fit, the job stops
//   void    destroy(State*)                                                   empty symbol: nothing to free
//   void    save  (const State*, ScBytes*)                                    empty symbols: a saved state is the bytes of the
//   int32_t load  ([ScArena*,] State* zeros, const char* data, int64_t size)  state. 0, or 1: no such state; what is read so far is
//                                                                             in the state, which can be destroyed
// A state that owns memory outside the arena needs `destroy`; one in the arena must be copied by merge into the target's arena.
// A state with pointers needs `save` and `load`, one without never writes its padding. What is saved outlives the build: equal states
// give equal bytes, little-endian, and a loaded state merges and gives results exactly as the saved one.
struct AggregateFn {
  std::string_view name = {};
  std::string_view signature = {};   // `sum(x: int) -> int`; `count() -> int`; `min(x: T) -> T`
  std::string_view for_types = {};
  int32_t state_size = 0;
  std::string_view add = {}, remove = {}, merge = {}, result = {}, destroy = {}, save = {}, load = {};
  bool allocates = false;       // kernels take ScArena* (the table's arena)
  bool ordered = false;         // add takes event time and record order
  bool always_value = false;    // a result even when the filter let nothing through (count, sum, any, every, count_distinct)
  std::string_view summary = {};
  std::span<const Example> examples = {};  // expression: aggregate over a list in tests, e.g. "sum([1, 2, 3])"
};

struct WindowParam { std::string_view name = {}; bool required = false; };
struct WindowDesc {
  std::string_view name = {};        // "tumbling", "hopping"
  std::span<const WindowParam> params = {};  // first is positional
  std::string_view summary = {};
  std::string_view example = {};
};

// Every registered descriptor, in the order of the .def files.
std::span<const ScalarFn* const> ScalarFunctions();
std::span<const AggregateFn* const> Aggregates();
std::span<const WindowDesc* const> Windows();

}  // namespace streamc::stdlib
