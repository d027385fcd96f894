// Event makers: event number n as one JSON text. Pure functions of (seed, n, rate, base), so any partition can make any event.
//
// ysb      the Yahoo Streaming Benchmark's events, field by field and blank by blank: seven strings, 1000 ads of 100 campaigns.
//          Without a rate every event has fresh user and page ids and event n is stamped base + 10n ms; with one, ids come from
//          pools of 100 and stamps follow the rate.
// ysb_ads  its table: {"ad_id": ..., "campaign_id": ...}, 1000 rows.
// nexmark  Nexmark's persons, auctions and bids (1 : 3 : 46) as nexmark-flink makes them: ids, hot keys, log-uniform prices, sizes.
//          Partitions interleave one stream of ids. Without a rate the event times are those of 10 000 events a second.
// counter  {"n": n, "time": base + n ms}
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/batch/status.h"

namespace streamc::rt::connector {

struct EventConfig {
  uint64_t seed = 0;
  int64_t rate = 0;   // events a second, 0: none
  int64_t base = 0;   // microseconds: time of the first event
};

class EventMaker {
 public:
  virtual ~EventMaker() = default;
  // Appends events first, first + step, ... (`count` of them) to `out`; appends each one's end position in `out` and event time.
  virtual void Make(int64_t first, int64_t step, int64_t count, std::string* out, std::vector<int64_t>* ends,
                    std::vector<int64_t>* times) = 0;
  // How many events the kind has at most.
  virtual int64_t limit() const { return INT64_MAX; }
};

Status MakeEventMaker(std::string_view kind, const EventConfig& config, std::unique_ptr<EventMaker>* maker);

// Ids of the benchmark's ads and campaigns for a seed: ad 0..999 belongs to campaign ad / 10.
std::string YsbAdId(uint64_t seed, int64_t ad);
std::string YsbCampaignId(uint64_t seed, int64_t campaign);

// The makers behind MakeEventMaker, one file each.
std::unique_ptr<EventMaker> MakeYsb(const EventConfig& config);
std::unique_ptr<EventMaker> MakeYsbAds(const EventConfig& config);
std::unique_ptr<EventMaker> MakeNexmark(const EventConfig& config);
std::unique_ptr<EventMaker> MakeCounter(const EventConfig& config);

}  // namespace streamc::rt::connector
