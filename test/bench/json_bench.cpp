// Nanoseconds per record of reading one YSB event (about 253 bytes): the decoder with 3 of 7 fields and with all, and simdjson's
// On-Demand and DOM readers of the same three fields for comparison. `items_per_second` is records per second of one core.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include "runtime/batch/arena.h"
#include "runtime/batch/batch.h"
#include "runtime/format/format.h"

namespace {

using namespace streamc;

constexpr size_t kRecords = 4096;

struct Corpus {
  std::string text;
  std::vector<const char*> value;
  std::vector<int64_t> size;
};

Corpus MakeCorpus() {
  std::mt19937_64 random(7);
  auto uuid = [&] {
    char out[40];
    std::snprintf(out, sizeof out, "%08x-%04x-4%03x-a%03x-%012llx", static_cast<unsigned>(random()),
                  static_cast<unsigned>(random() & 0xFFFF), static_cast<unsigned>(random() & 0xFFF),
                  static_cast<unsigned>(random() & 0xFFF), static_cast<unsigned long long>(random() & 0xFFFFFFFFFFFF));
    return std::string(out);
  };
  const char* ad_types[] = {"banner", "modal", "sponsored-search", "mail", "mobile"};
  const char* event_types[] = {"view", "click", "purchase"};
  Corpus corpus;
  std::vector<size_t> starts;
  for (size_t i = 0; i < kRecords; ++i) {
    starts.push_back(corpus.text.size());
    corpus.text += "{\"user_id\": \"" + uuid() + "\", \"page_id\": \"" + uuid() + "\", \"ad_id\": \"" + uuid() +
                   "\", \"ad_type\": \"" + ad_types[random() % 5] + "\", \"event_type\": \"" + event_types[random() % 3] +
                   "\", \"event_time\": \"" + std::to_string(1700000000000 + i * 10) + "\", \"ip_address\": \"1.2.3.4\"}";
  }
  starts.push_back(corpus.text.size());
  corpus.text.append(simdjson::SIMDJSON_PADDING, ' ');
  for (size_t i = 0; i < kRecords; ++i) {
    corpus.value.push_back(corpus.text.data() + starts[i]);
    corpus.size.push_back(static_cast<int64_t>(starts[i + 1] - starts[i]));
  }
  return corpus;
}
const Corpus& TheCorpus() {
  static const Corpus corpus = MakeCorpus();
  return corpus;
}

abi::TypeSpec Schema() {
  abi::TypeSpec record;
  record.logical = abi::Logical::Record;
  for (const char* name : {"user_id", "page_id", "ad_id", "ad_type", "event_type", "event_time", "ip_address"}) {
    abi::FieldSpec field;
    field.name = field.outside_name = name;
    field.type.logical = abi::Logical::String;
    record.fields.push_back(field);
  }
  record.fields[4].type.logical = abi::Logical::Enum;
  record.fields[4].type.enum_values = {"view", "click", "purchase"};
  record.fields[5].type.logical = abi::Logical::Timestamp;
  record.fields[5].type.time_format = abi::TimeFormat::Millis;
  return record;
}

void Decode(benchmark::State& state, std::vector<bool> needed) {
  const Corpus& corpus = TheCorpus();
  abi::TypeSpec schema = Schema();
  rt::format::DecoderConfig config;
  config.schema = &schema;
  config.needed = needed;
  config.options["quoted_numbers"] = "true";
  std::unique_ptr<rt::format::Decoder> decoder;
  if (rt::Status status = rt::format::MakeDecoder("json", config, &decoder); !status.ok()) return state.SkipWithError(status.message.c_str());
  std::vector<bool> absent = needed;
  absent.flip();
  rt::batch::Batch batch(abi::FlattenType(schema, true), absent);
  batch.Resize(kRecords);
  rt::batch::Arena arena;
  std::vector<uint8_t> result(kRecords);
  for (auto _ : state) {
    decoder->Decode(corpus.value.data(), corpus.size.data(), kRecords, 0, batch.columns(), arena.get(), result.data());
    arena.Reset();
    benchmark::DoNotOptimize(result.data());
  }
  for (size_t i = 0; i < kRecords; ++i) {
    if (result[i] != 0 || batch.state(5, static_cast<int64_t>(i)) != 0) return state.SkipWithError("a record was refused");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

void SimdjsonOnDemand(benchmark::State& state) {
  const Corpus& corpus = TheCorpus();
  simdjson::ondemand::parser parser;
  int64_t sum = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kRecords; ++i) {
      size_t size = static_cast<size_t>(corpus.size[i]);
      simdjson::ondemand::document document = parser.iterate(corpus.value[i], size, size + simdjson::SIMDJSON_PADDING);
      std::string_view ad = document["ad_id"], event = document["event_type"], time = document["event_time"];
      sum += static_cast<int64_t>(ad.size() + event.size() + time.size());
    }
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

void SimdjsonDom(benchmark::State& state) {
  const Corpus& corpus = TheCorpus();
  simdjson::dom::parser parser;
  int64_t sum = 0;
  for (auto _ : state) {
    for (size_t i = 0; i < kRecords; ++i) {
      simdjson::dom::element document = parser.parse(corpus.value[i], static_cast<size_t>(corpus.size[i]), false);
      std::string_view ad = document["ad_id"], event = document["event_type"], time = document["event_time"];
      sum += static_cast<int64_t>(ad.size() + event.size() + time.size());
    }
  }
  benchmark::DoNotOptimize(sum);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

BENCHMARK_CAPTURE(Decode, three_of_seven, std::vector<bool>{false, false, true, false, true, true, false});
BENCHMARK_CAPTURE(Decode, all_seven, std::vector<bool>(7, true));
BENCHMARK(SimdjsonOnDemand);
BENCHMARK(SimdjsonDom);

}  // namespace

BENCHMARK_MAIN();
