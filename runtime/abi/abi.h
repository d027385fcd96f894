/* The C interface between generated code, stdlib kernels and the runtime.
 *
 * Generated code sees only these structs and the sc_* functions below; no C++ type, exception or virtual call crosses it.
 * All sizes are bytes, all times microseconds since 1970 UTC, all dates days since 1970. Times of durations: microseconds.
 *
 * Leaves: a value of the language is stored as a sequence of leaves (record: its fields' leaves in order; optional record: one
 * Bool leaf, 1 = present, before them; everything else: one leaf). A leaf of an optional field has a state.
 * Column layout: one array per leaf (Bool 1 byte; I64, F64 8; Str, List, Dec 16) plus, if it has one, an array of state bytes.
 * Row layout (keys, list elements, table rows): leaves one after the other, 8-byte aligned: [state 8 bytes if it has one] then the
 * value in 8 (Bool, I64, F64) or 16 bytes (Str, List, Dec). Absent values are zero, so equal rows of fixed leaves are equal bytes.
 */
#ifndef STREAMC_RUNTIME_ABI_ABI_H_
#define STREAMC_RUNTIME_ABI_ABI_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STREAMC_ABI_VERSION 1

typedef struct ScStr { const char* ptr; int64_t len; } ScStr;
typedef struct ScList { const void* ptr; int64_t len; } ScList; /* elements in row layout, len counts them */

/* State bytes: 0 value, 1 null (missing), >= 2 an ScError: the field could not be decoded. */
enum { SC_VALUE = 0, SC_NULL = 1 };

/* Record error codes; the text is what dead letters, metrics and `expect ... bad` show (error_codes.def). */
enum ScError {
  SC_OK = 0,
#define SC_ERROR(id, number, text) SC_ERR_##id = number,
#include "runtime/abi/error_codes.def"
#undef SC_ERROR
};

/* Bump allocator; memory lives until the owner resets it. sc_arena_alloc never returns null (out of memory ends the process with
 * a message); 16-byte aligned. */
typedef struct ScArena { char* cur; char* end; void* owner; } ScArena;
void* sc_arena_grow(ScArena* arena, int64_t size);
static inline void* sc_arena_alloc(ScArena* arena, int64_t size) {
  int64_t rounded = (size + 15) & ~(int64_t)15;
  if (arena->end - arena->cur >= rounded) {
    void* p = arena->cur;
    arena->cur += rounded;
    return p;
  }
  return sc_arena_grow(arena, rounded);
}

typedef struct ScColumn { void* data; uint8_t* state; } ScColumn; /* state null: leaf has none */
typedef struct ScBatch { int64_t rows; int64_t capacity; ScColumn* columns; } ScBatch;

/* Per call context. Generated code reads `arena`, `params`, `now`; the rest belongs to the runtime. */
typedef struct ScCtx {
  ScArena* arena;        /* batch memory */
  const char* params;    /* parameter values in row layout, program order */
  int64_t now;           /* wall clock (or the test's) */
  void* engine;          /* runtime's own */
} ScCtx;

/* Output of a pipeline: columns with room for `capacity` rows; sc_out_grow always raises the capacity (columns move). */
typedef struct ScOut { ScBatch batch; void* owner; } ScOut;
void sc_out_grow(ScCtx* ctx, ScOut* out);

/* A record error of input row `row` at site `site` of the job (JobSpec::sites); code is an ScError, SC_ERR_CHECK takes the site's text. */
void sc_reject(ScCtx* ctx, int64_t row, int32_t site, int32_t code);

/* --- aggregation ------------------------------------------------------------------------------------------------
 * A slice holds one table; generated update code keeps the current slice in the ScAgg head and asks for another only when the row's
 * time leaves [lo, hi) or its partition's watermark has reached first_end (the end of the first window the row would be in). */
typedef struct ScTable { ScArena* arena; void* owner; } ScTable;
typedef struct ScAgg { int64_t lo, hi, first_end; ScTable* table; void* owner; } ScAgg;
/* Sets the head for a row with event time `time` under partition watermark `watermark`; returns its table or null when the row is late. */
ScTable* sc_agg_slice(ScCtx* ctx, ScAgg* agg, int64_t time, int64_t watermark);
/* The slot of a key (row layout, table's key leaves); a new slot has rows = 0 and zeroed state. Slot: ScSlot, key row, states. */
typedef struct ScSlot { int64_t rows; int64_t last_time; } ScSlot; /* rows: net rows; last_time: greatest event time, for keep */
ScSlot* sc_table_slot(ScTable* table, uint64_t hash, const void* key);
uint64_t sc_hash_row(const void* key, int64_t fixed_size); /* no strings inside */
uint64_t sc_hash_mix(uint64_t seed, uint64_t value);       /* combine leaf hashes: seed 0 first */
uint64_t sc_hash_str(const char* ptr, int64_t len);
/* 1 when two strings are equal. */
uint8_t sc_str_equal(const char* a, int64_t alen, const char* b, int64_t blen);
/* <0, 0, >0, bytewise. */
int64_t sc_str_compare(const char* a, int64_t alen, const char* b, int64_t blen);

/* --- lookup tables ----------------------------------------------------------------------------------------------
 * The row (table's row layout) for a key in row layout, null when there is none. `table` is the table's index in the job. */
const void* sc_lookup(ScCtx* ctx, int32_t table, uint64_t hash, const void* key);

/* --- generated functions ----------------------------------------------------------------------------------------
 * Return 0, or an ScError that stops the job (SC_ERR_SUM_OVERFLOW). */
/* Row pipeline: reads `in`, appends to `out`. */
typedef int32_t (*ScRowsFn)(ScCtx* ctx, const ScBatch* in, ScOut* out);
/* Row pipeline ending in an aggregation: updates slots; late rows are appended to `late` (columns of the node's late layout). */
typedef int32_t (*ScUpdateFn)(ScCtx* ctx, const ScBatch* in, ScAgg* agg, ScOut* late);
/* Merges `from` into `into` (slots of equal key): ScSlot head (rows added, last_time max) and states. `arena` is into's table's. */
typedef void (*ScMergeFn)(ScArena* arena, ScSlot* into, const ScSlot* from);
/* The states of a slot as bytes that any build of the same states reads back (state/README.md); head and key are not part of it.
 * One part per aggregate call, each with its length before it. */
typedef struct ScBytes ScBytes; /* a std::string of the runtime's (batch/bytes.h) */
void sc_bytes_append(ScBytes* bytes, const void* data, int64_t size);
/* Between the two, what is appended is one part: open gives the place that close wants. */
int64_t sc_bytes_open(ScBytes* bytes);
void sc_bytes_close(ScBytes* bytes, int64_t place);
/* Takes a part off the front of *data, *size. 0, or 1 when there is none. */
int32_t sc_bytes_part(const char** data, int64_t* size, const char** part, int64_t* part_size);
typedef void (*ScSaveFn)(const ScSlot* slot, ScBytes* out);
/* Into a slot with zeroed states; what states keep goes to the arena of the slot's table. 0, or 1 when the bytes are no such states;
 * what was read before that is in the slot and must be destroyed. */
typedef int32_t (*ScLoadFn)(ScArena* arena, ScSlot* slot, const char* data, int64_t size);
/* Releases what states own outside the arena. */
typedef void (*ScDestroyFn)(ScSlot* slot);
/* Results of `n` slots of one window into out: group columns, items, then hidden window.start, window.end, window.pane (int: 0 early,
 * 1 final, 2 late) and sign as the node's output layout says. A rejecting row is reported with sc_reject(row = index of the slot). */
typedef int32_t (*ScResultFn)(ScCtx* ctx, const ScSlot* const* slots, int64_t n, int64_t start, int64_t end, int64_t pane, int64_t sign,
                              ScOut* out);
/* Event times of a source batch: time[i], state[i] (0, SC_NULL or an ScError). */
typedef int32_t (*ScTimeFn)(ScCtx* ctx, const ScBatch* in, int64_t* time, uint8_t* state);

/* What a compiled job exports as `streamc_job`. `spec` is a serialised JobSpec (runtime/abi/job_spec.h); functions are indexed by it. */
typedef struct ScJob {
  int32_t abi_version;
  int32_t function_count;
  const void* const* functions;
  const char* spec;
  int64_t spec_size;
} ScJob;

#ifdef __cplusplus
}
#endif

#endif  // STREAMC_RUNTIME_ABI_ABI_H_
