#include "runtime/engine/state_digest.h"

#include <cstdlib>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "runtime/observe/log.h"

namespace streamc::rt::engine {

bool StateDigestsWanted() {
  static const bool wanted = std::getenv("STREAMC_STATE_DIGEST") != nullptr;
  return wanted;
}

void TellStateDigest(int32_t group, int64_t end, const StateRecords& records) {
  uint64_t digest = 0;
  for (const StateRecords::Record& record : records.puts()) {
    const uint64_t key = XXH3_64bits(record.key.data(), record.key.size());
    digest += XXH3_64bits_withSeed(record.value->data(), record.value->size(), key);
  }
  observe::Log(observe::LogLevel::Info, "state_digest", {{"group", group}, {"end", end}, {"rows", records.size()}, {"digest", digest}});
}

}  // namespace streamc::rt::engine
