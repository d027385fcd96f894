#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "runtime/connector/generator/events.h"
#include "test/unit/connector/connector_fixture.h"

namespace streamc::rt::connector {
namespace {

using nlohmann::json;

std::vector<Record> Generate(const std::string& kind, std::map<std::string, std::string> options, int64_t batch = 4096, int worker = 0,
                             int workers = 1) {
  ReaderConfig config;
  config.until_end = true;
  config.worker = worker;
  config.workers = workers;
  std::unique_ptr<Reader> reader;
  Status status = MakeReader(Bind("generator:" + kind, std::move(options)), config, &reader);
  EXPECT_TRUE(status.ok()) << status.message;
  EXPECT_TRUE(reader->Open().ok());
  return ReadToEnd(reader.get(), batch);
}

TEST(Generator, SameEventsWhateverTheBatchesAndWorkers) {
  for (const char* kind : {"ysb", "nexmark", "counter"}) {
    std::vector<Record> whole = Generate(kind, {{"count", "1000"}, {"seed", "5"}});
    ASSERT_EQ(whole.size(), 1000u);
    EXPECT_EQ(Generate(kind, {{"count", "1000"}, {"seed", "5"}}, 7), whole);
    EXPECT_NE(Generate(kind, {{"count", "10"}, {"seed", "6"}})[3].value == whole[3].value, std::string(kind) != "counter");
    std::multiset<std::string> values, parts;
    for (const Record& record : whole) values.insert(record.value);
    for (int worker = 0; worker < 2; ++worker) {
      for (const Record& record : Generate(kind, {{"count", "1000"}, {"seed", "5"}, {"partitions", "3"}}, 64, worker, 2)) {
        parts.insert(record.value);
      }
    }
    EXPECT_EQ(parts, values) << kind;
  }
}

TEST(Generator, YsbEventsAreTheBenchmarks) {
  std::vector<Record> records = Generate("ysb", {{"count", "30000"}});
  const std::string uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
  std::regex form("\\{\"user_id\": \"" + uuid + "\", \"page_id\": \"" + uuid + "\", \"ad_id\": \"" + uuid +
                  "\", \"ad_type\": \"(banner|modal|sponsored-search|mail|mobile)\", \"event_type\": \"(view|click|purchase)\", "
                  "\"event_time\": \"[0-9]{13}\", \"ip_address\": \"1\\.2\\.3\\.4\"\\}");
  std::set<std::string> ads, users;
  std::map<std::string, int> events;
  size_t bytes = 0;
  for (size_t i = 0; i < records.size(); ++i) {
    ASSERT_TRUE(i >= 200 || std::regex_match(records[i].value, form)) << records[i].value;
    json event = json::parse(records[i].value);
    ads.insert(event["ad_id"]);
    users.insert(event["user_id"]);
    ++events[event["event_type"]];
    int64_t time = std::stoll(event["event_time"].get<std::string>());
    ASSERT_EQ(time, 1'704'067'200'000 + static_cast<int64_t>(i) * 10);
    ASSERT_EQ(records[i].timestamp, time * 1000);
    bytes += records[i].value.size();
  }
  EXPECT_NEAR(static_cast<double>(bytes) / 30000, 253, 3);
  EXPECT_EQ(ads.size(), 1000u);
  EXPECT_EQ(users.size(), 30000u);
  for (auto& [name, count] : events) EXPECT_NEAR(count, 10000, 500) << name;

  std::vector<Record> table = Generate("ysb_ads", {});
  ASSERT_EQ(table.size(), 1000u);
  std::map<std::string, int> campaigns;
  for (const Record& record : table) {
    json row = json::parse(record.value);
    EXPECT_TRUE(ads.contains(row["ad_id"]));
    ++campaigns[row["campaign_id"]];
  }
  EXPECT_EQ(campaigns.size(), 100u);
  for (auto& [id, count] : campaigns) EXPECT_EQ(count, 10);
  EXPECT_EQ(json::parse(table[123].value)["ad_id"], YsbAdId(0, 123));
  EXPECT_EQ(json::parse(table[123].value)["campaign_id"], YsbCampaignId(0, 12));
}

TEST(Generator, NexmarkKeepsItsProportionsAndReferences) {
  std::vector<Record> records = Generate("nexmark", {{"count", "50000"}});
  std::map<int, int> kinds;
  std::map<int, double> sizes;
  int hot_auctions = 0, hot_bidders = 0, known_channels = 0, with_id = 0, bids = 0;
  int64_t last_auction = 999;
  for (size_t n = 0; n < records.size(); ++n) {
    json event = json::parse(records[n].value);
    int kind = event["event_type"];
    int64_t id = static_cast<int64_t>(n) + 2, place = id % 50;
    ASSERT_EQ(kind, place == 0 ? 0 : place <= 3 ? 1 : 2);
    ++kinds[kind];
    const char* names[] = {"person", "auction", "bid"};
    for (int i = 0; i < 3; ++i) ASSERT_EQ(event[names[i]].is_null(), i != kind);
    const json& row = event[names[kind]];
    int64_t time = row["dateTime"];
    ASSERT_EQ(time, 1'704'067'200'000 + (static_cast<int64_t>(n) + 1) / 10);
    ASSERT_EQ(records[n].timestamp, time * 1000);
    if (kind == 0) {
      ASSERT_EQ(row["id"], 1000 + id / 50);

      sizes[0] += 8 + static_cast<double>(row["name"].get<std::string>().size() + row["emailAddress"].get<std::string>().size() +
                                          row["creditCard"].get<std::string>().size() + row["city"].get<std::string>().size() +
                                          row["state"].get<std::string>().size() + row["extra"].get<std::string>().size());
      ASSERT_TRUE(std::regex_match(row["creditCard"].get<std::string>(), std::regex("[0-9]{4}( [0-9]{4}){3}")));
      ASSERT_TRUE(std::regex_match(row["emailAddress"].get<std::string>(), std::regex("[a-z ]{0,6}@[a-z ]{0,4}\\.com")));
    } else if (kind == 1) {
      ASSERT_EQ(row["id"], 1000 + id / 50 * 3 + place - 1);
      last_auction = row["id"];
      ASSERT_GE(row["reserve"].get<int64_t>(), row["initialBid"].get<int64_t>() + 100);
      ASSERT_GE(row["initialBid"].get<int64_t>(), 100);
      ASSERT_LE(row["initialBid"].get<int64_t>(), 100'000'000);
      ASSERT_GT(row["expires"].get<int64_t>(), time);
      ASSERT_LE(row["expires"].get<int64_t>(), time + 1 + 2 * 167);
      ASSERT_GE(row["category"].get<int>(), 10);
      ASSERT_LE(row["category"].get<int>(), 14);
      ASSERT_LE(row["seller"].get<int64_t>(), 1000 + id / 50 + 10);
      sizes[1] += 48 + static_cast<double>(row["itemName"].get<std::string>().size() + row["description"].get<std::string>().size() +
                                           row["extra"].get<std::string>().size());
    } else {
      ++bids;
      ASSERT_LE(row["auction"].get<int64_t>(), last_auction + 10);
      ASSERT_GE(row["bidder"].get<int64_t>(), 2000);
      ASSERT_LE(row["bidder"].get<int64_t>(), 2000 + id / 50 + 10);
      hot_auctions += (row["auction"].get<int64_t>() - 1000) % 100 == 0;
      hot_bidders += (row["bidder"].get<int64_t>() - 2000) % 100 == 1;
      std::string channel = row["channel"], url = row["url"];
      size_t extra = row["extra"].get<std::string>().size();
      ASSERT_GE(extra, 54u);
      ASSERT_LE(extra, 81u);
      ASSERT_EQ(url.substr(0, 24), "https://www.nexmark.com/");
      ASSERT_NE(url.find("item.htm?query=1"), std::string::npos);
      bool known = channel.compare(0, 8, "channel-") != 0;
      known_channels += known;
      with_id += url.find("&channel_id=") != std::string::npos;
      ASSERT_TRUE(!known || url.find("channel_id") == std::string::npos);
    }
  }
  EXPECT_EQ(kinds[0], 1000);
  EXPECT_EQ(kinds[1], 3000);
  EXPECT_EQ(kinds[2], 46000);
  EXPECT_NEAR(sizes[0] / 1000, 200, 6);
  EXPECT_NEAR(sizes[1] / 3000, 500, 10);
  EXPECT_NEAR(hot_auctions, bids / 2, bids / 25);
  EXPECT_NEAR(hot_bidders, bids * 3 / 4, bids / 25);
  EXPECT_NEAR(known_channels, bids / 2, bids / 50);
  EXPECT_NEAR(with_id, bids * 45 / 100, bids / 25);
}

TEST(Generator, ARateFollowsTheClock) {
  std::atomic<int64_t> clock = 1'000'000'000;
  ReaderConfig config;
  config.manual_clock = &clock;
  std::unique_ptr<Reader> reader;
  ASSERT_TRUE(MakeReader(Bind("generator:counter", {{"rate", "1000"}, {"partitions", "2"}}), config, &reader).ok());
  ASSERT_TRUE(reader->Open().ok());
  std::vector<Record> records;
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 1u);
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 0u);
  clock += 10'000;
  EXPECT_EQ(PollOnce(reader.get(), {}, &records), 10u);
  clock += 990'000;
  PollOnce(reader.get(), {}, &records);
  ASSERT_EQ(records.size(), 1001u);
  std::set<int64_t> numbers;
  for (const Record& record : records) {
    json event = json::parse(record.value);
    numbers.insert(event["n"].get<int64_t>());
    EXPECT_EQ(record.timestamp, 1'000'000'000 + event["n"].get<int64_t>() * 1000);
  }
  EXPECT_EQ(numbers.size(), 1001u);
  EXPECT_EQ(*numbers.rbegin(), 1000);
}

TEST(Generator, NoEventsAndNoEnd) {
  EXPECT_TRUE(Generate("ysb", {{"count", "0"}}).empty());
  EXPECT_EQ(Generate("counter", {{"count", "3"}, {"partitions", "8"}}).size(), 3u);
  ReaderConfig config;
  config.until_end = true;
  std::unique_ptr<Reader> reader;
  ASSERT_TRUE(MakeReader(Bind("generator:ysb"), config, &reader).ok());
  Status status = reader->Open();
  EXPECT_EQ(status.code, Exit::Usage);
  EXPECT_EQ(status.message, "the generator `ysb` has no end to run to: give it a count");
}

}  // namespace
}  // namespace streamc::rt::connector
