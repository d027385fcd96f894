// Nexmark events after nexmark-flink's generator (person : auction : bid = 1 : 3 : 46 of every 50 ids). The numbers below are its
// defaults; where its own source draws unseeded random numbers, these come from the event's own stream.
#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/connector/generator/events.h"
#include "runtime/connector/generator/random.h"
#include "runtime/connector/generator/text.h"

namespace streamc::rt::connector {
namespace {

constexpr int64_t kGroup = 50;                 // ids of one round: 1 person, 3 auctions, 46 bids
constexpr int64_t kAuctionsPerGroup = 3;
constexpr int64_t kFirstId = 2;                // first event id 1 plus first event number 1
constexpr int64_t kFirstPerson = 1000, kFirstAuction = 1000, kFirstCategory = 10, kCategories = 5;
constexpr int64_t kActivePeople = 1000, kPersonLead = 10, kAuctionLead = 10, kInFlightAuctions = 100;
constexpr int64_t kHotAuctions = 100, kHotSellers = 100, kHotBidders = 100;
constexpr int64_t kEventsPerSecond = 10'000;   // event time without a rate
constexpr int64_t kPersonBytes = 200, kAuctionBytes = 500, kBidBytes = 100;
constexpr int64_t kChannels = 10'000;
constexpr size_t kTextBytes = 1 << 20;
constexpr uint64_t kTextStream = uint64_t{3} << 61, kChannelStream = kTextStream + 1, kHotChannelStream = kTextStream + 20'000;

constexpr std::string_view kFirstNames[] = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::string_view kLastNames[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"};
constexpr std::string_view kCities[] = {"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland",
                                        "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"};
constexpr std::string_view kStates[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::string_view kHotChannels[] = {"Google", "Facebook", "Baidu", "Apple"};

template <size_t N>
std::string_view OneOf(Random* random, const std::string_view (&values)[N]) { return values[random->Below(N)]; }

int64_t LastPerson(int64_t id) { return id / kGroup; }
int64_t LastAuction(int64_t id) {
  int64_t round = id / kGroup, place = id % kGroup;
  if (place < 1) return kAuctionsPerGroup * (round - 1) + kAuctionsPerGroup - 1;
  if (place > kAuctionsPerGroup) return kAuctionsPerGroup * round + kAuctionsPerGroup - 1;
  return kAuctionsPerGroup * round + place - 1;
}

// Letters, each place a `special` with one chance in 13, of 3 to max - 1 places; blanks at the ends are trimmed.
void AppendWord(Random* random, int64_t max, char special, std::string* out) {
  size_t start = out->size();
  uint64_t length = 3 + random->Below(static_cast<uint64_t>(max - 3));
  for (uint64_t i = 0; i < length; ++i) {
    out->push_back(random->Below(13) == 0 ? special : static_cast<char>('a' + random->Below(26)));
  }
  if (special != ' ') return;
  while (out->size() > start && out->back() == ' ') out->pop_back();
  out->erase(start, out->find_first_not_of(' ', start) - start);
}

int64_t Price(Random* random) { return static_cast<int64_t>(std::llround(100.0 * std::pow(10.0, 6.0 * random->Unit()))); }

int64_t ActivePerson(Random* random, int64_t id) {
  int64_t people = LastPerson(id) + 1, active = std::min(people, kActivePeople);
  return people - active + static_cast<int64_t>(random->Below(static_cast<uint64_t>(active + kPersonLead)));
}

class NexmarkMaker final : public EventMaker {
 public:
  explicit NexmarkMaker(const EventConfig& config)
      : config_(config), rate_(config.rate > 0 ? config.rate : kEventsPerSecond), urls_(kChannels + std::size(kHotChannels)) {
    Random random(config.seed, kTextStream);
    text_.reserve(kTextBytes);
    while (text_.size() < kTextBytes) {
      uint64_t bits = random.Next();
      for (int i = 0; i < 8; ++i, bits >>= 8) text_.push_back(static_cast<char>('a' + (bits & 0xFF) * 26 / 256));
    }
  }

  void Make(int64_t first, int64_t step, int64_t count, std::string* out, std::vector<int64_t>* ends,
            std::vector<int64_t>* times) override {
    for (int64_t i = 0; i < count; ++i) {
      int64_t n = first + i * step;
      int64_t id = kFirstId + n, place = id % kGroup, millis = TimeOf(n);
      Random random(config_.seed, static_cast<uint64_t>(n));
      if (place == 0) {
        Person(&random, id, millis, out);
      } else if (place <= kAuctionsPerGroup) {
        Auction(&random, n, id, millis, out);
      } else {
        Bid(&random, id, millis, out);
      }
      ends->push_back(static_cast<int64_t>(out->size()));
      times->push_back(millis * 1000);
    }
  }

 private:
  // Event time in milliseconds of event n; the generator counts from event number 1.
  int64_t TimeOf(int64_t n) const { return config_.base / 1000 + EventMicros(n + 1, rate_) / 1000; }

  void Extra(Random* random, int64_t used, int64_t target, std::string* out) {
    int64_t missing = target - used;
    if (missing <= 0) return;
    int64_t spread = std::llround(static_cast<double>(missing) * 0.2);
    int64_t length = missing - spread;
    if (spread > 0) length += static_cast<int64_t>(random->Below(static_cast<uint64_t>(2 * spread)));
    size_t start = random->Below(kTextBytes - static_cast<uint64_t>(length));
    out->append(text_, start, static_cast<size_t>(length));
  }

  static void Number(std::string_view before, int64_t value, std::string* out) {
    char digits[24];
    out->append(before);
    out->append(digits, static_cast<size_t>(PutInt(digits, value) - digits));
  }

  void Person(Random* random, int64_t id, int64_t millis, std::string* out) {
    Number("{\"event_type\":0,\"person\":{\"id\":", kFirstPerson + LastPerson(id), out);
    int64_t strings = 0;
    auto text = [&](std::string_view before, auto&& append) {
      out->append(before);
      size_t start = out->size();
      append();
      strings += static_cast<int64_t>(out->size() - start);
      out->push_back('"');
    };
    text(",\"name\":\"", [&] {
      out->append(OneOf(random, kFirstNames)).push_back(' ');
      out->append(OneOf(random, kLastNames));
    });
    text(",\"emailAddress\":\"", [&] {
      AppendWord(random, 7, ' ', out);
      out->push_back('@');
      AppendWord(random, 5, ' ', out);
      out->append(".com");
    });
    text(",\"creditCard\":\"", [&] {
      for (int i = 0; i < 4; ++i) {
        if (i != 0) out->push_back(' ');
        uint64_t group = random->Below(10'000);
        for (uint64_t unit = 1000; unit > 0; unit /= 10) out->push_back(static_cast<char>('0' + group / unit % 10));
      }
    });
    text(",\"city\":\"", [&] { out->append(OneOf(random, kCities)); });
    text(",\"state\":\"", [&] { out->append(OneOf(random, kStates)); });
    Number(",\"dateTime\":", millis, out);
    out->append(",\"extra\":\"");
    Extra(random, 8 + strings, kPersonBytes, out);
    out->append("\"},\"auction\":null,\"bid\":null}");
  }

  void Auction(Random* random, int64_t n, int64_t id, int64_t millis, std::string* out) {
    Number("{\"event_type\":1,\"person\":null,\"auction\":{\"id\":", kFirstAuction + LastAuction(id), out);
    out->append(",\"itemName\":\"");
    size_t start = out->size();
    AppendWord(random, 20, ' ', out);
    int64_t strings = static_cast<int64_t>(out->size() - start);
    out->append("\",\"description\":\"");
    start = out->size();
    AppendWord(random, 100, ' ', out);
    strings += static_cast<int64_t>(out->size() - start);
    int64_t initial = Price(random), reserve = initial + Price(random);
    int64_t ahead = TimeOf(n + kInFlightAuctions * kGroup / kAuctionsPerGroup) - millis;
    int64_t open = 1 + static_cast<int64_t>(random->Below(static_cast<uint64_t>(std::max<int64_t>(2 * ahead, 1))));
    bool hot = random->Below(4) > 0;
    int64_t seller = hot ? LastPerson(id) / kHotSellers * kHotSellers : ActivePerson(random, id);
    Number("\",\"initialBid\":", initial, out);
    Number(",\"reserve\":", reserve, out);
    Number(",\"dateTime\":", millis, out);
    Number(",\"expires\":", millis + open, out);
    Number(",\"seller\":", kFirstPerson + seller, out);
    Number(",\"category\":", kFirstCategory + static_cast<int64_t>(random->Below(kCategories)), out);
    out->append(",\"extra\":\"");
    Extra(random, 48 + strings, kAuctionBytes, out);
    out->append("\"},\"bid\":null}");
  }

  void Bid(Random* random, int64_t id, int64_t millis, std::string* out) {
    int64_t last = LastAuction(id), auction = 0;
    if (random->Below(2) > 0) {
      auction = last / kHotAuctions * kHotAuctions;
    } else {
      int64_t oldest = std::max<int64_t>(last - kInFlightAuctions, 0);
      auction = oldest + static_cast<int64_t>(random->Below(static_cast<uint64_t>(last - oldest + 1 + kAuctionLead)));
    }
    int64_t bidder = random->Below(4) > 0 ? LastPerson(id) / kHotBidders * kHotBidders + 1 : ActivePerson(random, id);
    Number("{\"event_type\":2,\"person\":null,\"auction\":null,\"bid\":{\"auction\":", kFirstAuction + auction, out);
    // The first person's id is added twice there, so bidders run 1000 ahead of persons.
    Number(",\"bidder\":", 2 * kFirstPerson + bidder, out);
    Number(",\"price\":", Price(random), out);
    out->append(",\"channel\":\"");
    if (random->Below(2) > 0) {
      size_t channel = random->Below(std::size(kHotChannels));
      out->append(kHotChannels[channel]).append("\",\"url\":\"").append(HotUrl(channel));
    } else {
      int64_t channel = static_cast<int64_t>(random->Below(kChannels));
      Number("channel-", channel, out);
      out->append("\",\"url\":\"").append(Url(channel));
    }
    Number("\",\"dateTime\":", millis, out);
    out->append(",\"extra\":\"");
    Extra(random, 32, kBidBytes, out);
    out->append("\"}}");
  }

  static std::string BaseUrl(Random* random) {
    std::string url = "https://www.nexmark.com/";
    for (int i = 0; i < 3; ++i) {
      AppendWord(random, 5, '_', &url);
      url += '/';
    }
    return url + "item.htm?query=1";
  }

  const std::string& HotUrl(size_t channel) {
    std::string& url = urls_[kChannels + channel];
    if (url.empty()) {
      Random random(config_.seed, kHotChannelStream + channel);
      url = BaseUrl(&random);
    }
    return url;
  }

  // A channel keeps its url; nine in ten carry the channel's number with its 32 bits reversed.
  const std::string& Url(int64_t channel) {
    std::string& url = urls_[static_cast<size_t>(channel)];
    if (!url.empty()) return url;
    Random random(config_.seed, kChannelStream + static_cast<uint64_t>(channel));
    url = BaseUrl(&random);
    if (random.Below(10) > 0) {
      uint32_t reversed = 0;
      for (int bit = 0; bit < 32; ++bit) reversed |= (static_cast<uint32_t>(channel) >> bit & 1u) << (31 - bit);
      url += "&channel_id=" + std::to_string(std::llabs(static_cast<int64_t>(static_cast<int32_t>(reversed))));
    }
    return url;
  }

  EventConfig config_;
  int64_t rate_;
  std::string text_;
  std::vector<std::string> urls_;  // made at first use
};

}  // namespace

std::unique_ptr<EventMaker> MakeNexmark(const EventConfig& config) { return std::make_unique<NexmarkMaker>(config); }

}  // namespace streamc::rt::connector
