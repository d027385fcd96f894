#include <cstring>

#include "runtime/connector/generator/events.h"
#include "runtime/connector/generator/random.h"
#include "runtime/connector/generator/text.h"

namespace streamc::rt::connector {
namespace {

constexpr int64_t kCampaigns = 100, kAdsPerCampaign = 10, kPool = 100;
// Streams of random numbers beside those of events, which are numbered from 0.
constexpr uint64_t kAdStream = uint64_t{1} << 62, kCampaignStream = kAdStream + 10'000, kUserStream = kAdStream + 20'000,
                   kPageStream = kAdStream + 30'000;

constexpr std::string_view kAdTypes[] = {"banner", "modal", "sponsored-search", "mail", "mobile"};
constexpr std::string_view kEventTypes[] = {"view", "click", "purchase"};

// A random UUID of version 4, 36 bytes at `to`.
void PutUuid(Random* random, char* to) {
  constexpr char kHex[] = "0123456789abcdef";
  uint64_t high = random->Next(), low = random->Next();
  high = (high & 0xFFFFFFFFFFFF0FFFu) | 0x4000;
  low = (low & 0x3FFFFFFFFFFFFFFFu) | 0x8000000000000000u;
  for (int i = 0, digit = 0; i < 36; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      to[i] = '-';
      continue;
    }
    uint64_t half = digit < 16 ? high : low;
    to[i] = kHex[half >> (60 - 4 * (digit & 15)) & 15];
    ++digit;
  }
}

std::string UuidOf(uint64_t seed, uint64_t stream) {
  Random random(seed, stream);
  std::string uuid(36, ' ');
  PutUuid(&random, uuid.data());
  return uuid;
}

class YsbMaker final : public EventMaker {
 public:
  explicit YsbMaker(const EventConfig& config) : config_(config) {
    for (int64_t ad = 0; ad < kCampaigns * kAdsPerCampaign; ++ad) ads_ += YsbAdId(config.seed, ad);
    for (uint64_t i = 0; i < kPool; ++i) {
      users_ += UuidOf(config.seed, kUserStream + i);
      pages_ += UuidOf(config.seed, kPageStream + i);
    }
  }

  void Make(int64_t first, int64_t step, int64_t count, std::string* out, std::vector<int64_t>* ends,
            std::vector<int64_t>* times) override {
    for (int64_t i = 0; i < count; ++i) {
      int64_t n = first + i * step;
      Random random(config_.seed, static_cast<uint64_t>(n));
      int64_t millis = config_.base / 1000 + (config_.rate > 0 ? EventMicros(n, config_.rate) / 1000 : n * 10);
      char buffer[320];
      char* p = buffer;
      p = Put(p, "{\"user_id\": \"");
      p = PutId(p, &random, users_);
      p = Put(p, "\", \"page_id\": \"");
      p = PutId(p, &random, pages_);
      p = Put(p, "\", \"ad_id\": \"");
      p = Put(p, Pooled(ads_, random.Below(kCampaigns * kAdsPerCampaign)));
      p = Put(p, "\", \"ad_type\": \"");
      p = Put(p, kAdTypes[random.Below(std::size(kAdTypes))]);
      p = Put(p, "\", \"event_type\": \"");
      p = Put(p, kEventTypes[random.Below(std::size(kEventTypes))]);
      p = Put(p, "\", \"event_time\": \"");
      p = PutInt(p, millis);
      p = Put(p, "\", \"ip_address\": \"1.2.3.4\"}");
      out->append(buffer, static_cast<size_t>(p - buffer));
      ends->push_back(static_cast<int64_t>(out->size()));
      times->push_back(millis * 1000);
    }
  }

 private:
  static std::string_view Pooled(const std::string& pool, uint64_t index) { return std::string_view(pool).substr(index * 36, 36); }
  char* PutId(char* p, Random* random, const std::string& pool) const {
    if (config_.rate > 0) return Put(p, Pooled(pool, random->Below(kPool)));
    PutUuid(random, p);
    return p + 36;
  }

  EventConfig config_;
  std::string ads_, users_, pages_;  // ids of 36 bytes each, one after the other
};

class YsbAdsMaker final : public EventMaker {
 public:
  explicit YsbAdsMaker(const EventConfig& config) : config_(config) {}
  void Make(int64_t first, int64_t step, int64_t count, std::string* out, std::vector<int64_t>* ends,
            std::vector<int64_t>* times) override {
    for (int64_t i = 0; i < count; ++i) {
      int64_t ad = first + i * step;
      *out += "{\"ad_id\": \"" + YsbAdId(config_.seed, ad) + "\", \"campaign_id\": \"" +
              YsbCampaignId(config_.seed, ad / kAdsPerCampaign) + "\"}";
      ends->push_back(static_cast<int64_t>(out->size()));
      times->push_back(config_.base);
    }
  }
  int64_t limit() const override { return kCampaigns * kAdsPerCampaign; }

 private:
  EventConfig config_;
};

}  // namespace

std::string YsbAdId(uint64_t seed, int64_t ad) { return UuidOf(seed, kAdStream + static_cast<uint64_t>(ad)); }
std::string YsbCampaignId(uint64_t seed, int64_t campaign) { return UuidOf(seed, kCampaignStream + static_cast<uint64_t>(campaign)); }

std::unique_ptr<EventMaker> MakeYsb(const EventConfig& config) { return std::make_unique<YsbMaker>(config); }
std::unique_ptr<EventMaker> MakeYsbAds(const EventConfig& config) { return std::make_unique<YsbAdsMaker>(config); }

}  // namespace streamc::rt::connector
