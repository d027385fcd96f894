// A sign of life from code that waits within a turn: for brokers, for a table to be read.
//
// In: Beat, from any thread, wherever a loop goes on for longer than a second. Out: Beats, which stands still only when neither a turn
// nor a wait goes on. One number for the process.
#pragma once

#include <atomic>
#include <cstdint>

namespace streamc::rt::observe {

inline std::atomic<int64_t> heartbeats{0};
inline void Beat() { heartbeats.fetch_add(1, std::memory_order_relaxed); }
inline int64_t Beats() { return heartbeats.load(std::memory_order_relaxed); }

}  // namespace streamc::rt::observe
