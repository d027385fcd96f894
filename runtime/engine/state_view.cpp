#include "runtime/engine/state_view.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <utility>

#include "runtime/engine/exchange.h"
#include "runtime/engine/lane.h"
#include "runtime/engine/upgrade.h"
#include "runtime/format/time_text.h"
#include "runtime/observe/log.h"
#include "runtime/state/codec.h"
#include "runtime/state/snapshot.h"

namespace streamc::rt::engine {
namespace {

using abi::NodeKind;
using abi::StepFate;

class StateView {
 public:
  StateView(std::shared_ptr<const Plan> plan, const EngineOptions& options)
      : options_(options), wiring_(plan->spec(), shared_.params, options_) {
    shared_.plan = std::move(plan);
    shared_.durable = true;
  }

  Status Run(const std::vector<std::string>& words) {
    if (words.empty() || (words[0] != "ls" && words[0] != "get" && words[0] != "dump") || (words[0] == "ls" && words.size() > 1) ||
        (words[0] == "get" && words.size() < 2) || (words[0] == "dump" && words.size() > 2)) {
      return Status::Error(Exit::Usage, "state takes: ls, get STEP KEY..., dump [STEP]; flags come behind them");
    }
    if (Status status = Prepare(); !status.ok()) return status;
    if (words.size() > 1) {
      if (Status status = Choose(words[1]); !status.ok()) return status;
    }
    if (words[0] == "get") {
      if (Status status = ReadKey({words.begin() + 2, words.end()}); !status.ok()) return status;
    }
    bool folder = options_.brokers.empty() && options_.kafka.count("bootstrap.servers") == 0 && !options_.state_dir.empty();
    // Of a job that reads files the folder has a log.
    std::error_code none;
    if (folder && std::filesystem::exists(options_.state_dir + "/" + std::string(connector::kFileLogMark), none)) {
      options_.durable_log = "file";
      folder = false;
    }
    if (Status status = folder ? ReadFolder() : ReadLog(); !status.ok()) return status;
    return words[0] == "ls" ? List() : Dump();
  }

 private:
  Status Prepare() {
    const abi::JobSpec& spec = shared_.spec();
    if (Status status = shared_.params.Resolve(spec, options_.params); !status.ok()) return status;
    const auto& nodes = shared_.plan->nodes();
    steps_.aggregates.resize(nodes.size());
    steps_.tops.resize(nodes.size());
    steps_.number.assign(nodes.size(), 0);
    // Results may look rows up.
    for (const abi::TableSpec& table : spec.tables) {
      auto open = [this, &table](std::unique_ptr<connector::Reader>* reader) { return wiring_.MakeTableReader(table, reader); };
      shared_.tables.push_back(std::make_unique<LookupTable>(table, wiring_.FormatOptions(table.format), open));
      if (Status status = shared_.tables.back()->Load(); !status.ok()) return status;
    }
    program_ = abi::MakeManifest(spec, [this](int32_t param) { return shared_.params.Datum(param); });
    if (!program_.steps.empty()) return Status::Ok();
    return Status::Error(Exit::Usage, "the job has no keyed step, so it keeps no state");
  }

  Status Choose(const std::string& name) {
    std::string names;
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (node.spec->kind != NodeKind::Aggregate && node.spec->kind != NodeKind::Top) continue;
      if (node.spec->name == name) chosen_ = node.index;
      names += (names.empty() ? "" : ", ") + node.spec->name;
    }
    return chosen_ >= 0 ? Status::Ok() : Status::Error(Exit::Usage, "there is no keyed step " + name + "; the job has: " + names);
  }

  // The key of the chosen step in the form of its records.
  Status ReadKey(const std::vector<std::string>& texts) {
    const NodePlan& node = shared_.plan->node(chosen_);
    std::vector<const abi::ColumnSpec*> columns;
    std::vector<abi::Leaf> leaves;
    if (node.spec->kind == NodeKind::Aggregate) {
      for (const abi::ColumnSpec& column : shared_.spec().aggregates[static_cast<size_t>(node.spec->index)].key.columns) {
        columns.push_back(&column);
      }
    } else {
      for (int32_t column : shared_.spec().tops[static_cast<size_t>(node.spec->index)].per) {
        columns.push_back(&node.work.layout->columns[static_cast<size_t>(column)]);
      }
    }
    std::string names;
    for (const abi::ColumnSpec* column : columns) names += (names.empty() ? "" : ", ") + column->name;
    if (texts.size() != columns.size()) {
      return Status::Error(Exit::Usage, node.spec->name + " has " +
                                            (columns.empty() ? "one group only and no key" : "the key " + names) + "; " +
                                            std::to_string(texts.size()) + " values are given");
    }
    Number(1);
    const batch::RowShape& shape =
        steps_.aggregates[Chosen()] != nullptr ? steps_.aggregates[Chosen()]->rules().shape.key : steps_.tops[Chosen()]->rules().per_shape;
    std::vector<int64_t> row(static_cast<size_t>(shape.size()) / sizeof(int64_t) + 1);
    batch::Arena arena(1024);
    size_t leaf = 0;
    for (size_t i = 0; i < columns.size(); ++i) {
      const abi::TypeSpec& type = columns[i]->type;
      abi::DatumSpec value;
      bool null = type.optional && texts[i] == "null";
      if ((!null && !ParseDatum(type, texts[i], &value)) ||
          !WriteDatum(shape, leaf, type, value, reinterpret_cast<char*>(row.data()), arena.get())) {
        return Status::Error(Exit::Usage, "\"" + texts[i] + "\" is no value of " + columns[i]->name);
      }
      leaf += abi::FlattenType(type).size();
    }
    state::EncodeRow(shape, row.data(), &key_);
    only_group_ = state::GroupOf(state::HashKey(shape, row.data()), shared_.spec().key_groups);
    return Status::Ok();
  }
  size_t Chosen() const { return static_cast<size_t>(chosen_); }

  // Makes the steps, with these numbers or with `first` and those behind it.
  void Number(uint16_t first) {
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (node.spec->kind == NodeKind::Aggregate || node.spec->kind == NodeKind::Top) Make(node, first++);
    }
  }
  void Make(const NodePlan& node, uint16_t number) {
    size_t i = static_cast<size_t>(node.index);
    steps_.number[i] = number;
    steps_.aggregates[i].reset();
    steps_.tops[i].reset();
    if (node.spec->kind == NodeKind::Aggregate) {
      steps_.aggregates[i] = std::make_unique<Aggregate>(shared_, node, 1, number, true);
    } else {
      steps_.tops[i] = std::make_unique<TopStep>(shared_, node, number, true);
    }
    node_of_[number] = node.index;
  }

  // A step of the state is shown when it is the program's as it is.
  Status NumberBy(const abi::ManifestDiff& diff) {
    node_of_.clear();
    for (const abi::StepDiff& step : diff.steps) {
      if (step.fate == StepFate::Dropped) continue;
      if (step.fate == StepFate::Migrated) {
        return Status::Error(Exit::Incompatible, "the state of " + step.name + " is in the form of an earlier program: ask the binary"
                                                     " of that program, or start this one first\n" + abi::DiffText(diff));
      }
      for (const NodePlan& node : shared_.plan->nodes()) {
        if (node.spec->name == step.name) Make(node, step.id);
      }
    }
    return Status::Ok();
  }

  void Own(int32_t group) {
    for (size_t i = 0; i < steps_.number.size(); ++i) {
      if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->Own(group);
      if (steps_.tops[i] != nullptr) steps_.tops[i]->Own(group);
    }
  }

  bool Take(int32_t group, std::string_view key, std::string_view value) {
    RecordKey record;
    if (!ReadRecordKey(key, &record)) return false;
    auto found = node_of_.find(record.step);
    if (record.kind == RecordKind::Manifest || found == node_of_.end()) return true;
    if (chosen_ >= 0 && found->second != chosen_) return true;
    size_t i = static_cast<size_t>(found->second);
    std::optional<std::string_view> content;
    if (value.data() != nullptr) content = value;
    if (steps_.aggregates[i] != nullptr) {
      return (only_group_ >= 0 && record.row != key_) || steps_.aggregates[i]->group(group)->Load(record, content);
    }
    Top& top = *steps_.tops[i]->group(group);
    return (only_group_ >= 0 && !top.IsOf(record, key_)) || top.Load(record, content);
  }

  std::vector<int32_t> Groups() const {
    std::vector<int32_t> groups;
    for (int32_t group = 0; group < shared_.spec().key_groups; ++group) {
      if (only_group_ < 0 || group == only_group_) groups.push_back(group);
    }
    return groups;
  }

  Status ReadLog() {
    std::string connector = wiring_.DurableConnector(true);
    if (connector.empty()) return Status::Error(Exit::Usage, "only a job that reads Kafka alone keeps state that can be shown");
    if (connector != "file") {
      if (Status status = wiring_.Check(); !status.ok()) return status;
    }
    connector::DurableLogConfig config = wiring_.DurableConfig(true);
    config.read_only = true;
    std::unique_ptr<connector::DurableLog> log;
    Status status = connector::MakeDurableLog(connector, config, &log);
    if (status.ok()) status = log->Open();
    abi::ManifestDiff diff;
    bool known = false;
    if (status.ok()) status = CompareState(*log, program_, {}, &diff, &known);
    if (status.ok()) status = NumberBy(diff);
    if (!status.ok()) return status;
    std::vector<int32_t> groups = Groups();
    std::vector<int64_t> from(groups.size(), 0), next;
    for (int32_t group : groups) Own(group);
    auto take = [&](size_t i, std::string_view key, std::string_view value, int64_t) {
      // A record of an earlier form is followed by one of this form.
      Take(groups[i], key, value);
      return true;
    };
    return log->ReadChangelog(groups, from, take, [&](size_t i) { Own(groups[i]); }, [](const connector::RestoreProgress&) {}, &next);
  }

  Status ReadFolder() {
    std::string manifest;
    Status failure;
    int found = 0;
    for (int32_t group : Groups()) {
      state::SnapshotUse use;
      use.accept = [&](std::string_view text) {
        SnapshotMeta meta;
        if (!ReadSnapshotMeta(text, &meta)) return false;
        if (manifest.empty() && failure.ok()) {
          manifest = meta.manifest;
          failure = NumberAs(manifest);
          for (int32_t each : Groups()) Own(each);
        }
        return failure.ok() && meta.manifest == manifest;
      };
      use.take = [&](std::string_view key, std::string_view value) { return Take(group, key, value); };
      use.restart = [&] { Own(group); };
      found += state::ReadSnapshot(options_.state_dir, group, use).found ? 1 : 0;
      if (!failure.ok()) return failure;
    }
    if (found > 0 || only_group_ >= 0) return Status::Ok();
    return Status::Error(Exit::Usage, "there are no snapshots in " + options_.state_dir);
  }
  Status NumberAs(const std::string& manifest) {
    abi::Manifest old;
    std::string why;
    if (!abi::ReadManifest(manifest, &old, &why)) return Status::Error(Exit::Incompatible, "the snapshots are of a newer build (" + why + ")");
    abi::ManifestDiff diff = abi::CompareManifests(&old, program_);
    return diff.ok ? NumberBy(diff) : Status::Error(Exit::Incompatible, "the snapshots do not fit this program\n" + abi::DiffText(diff));
  }

  Status List() {
    size_t width = 4;
    for (const NodePlan& node : shared_.plan->nodes()) {
      if (steps_.number[static_cast<size_t>(node.index)] != 0) width = std::max(width, node.spec->name.size());
    }
    std::printf("%-*s %10s %14s\n", static_cast<int>(width), "step", "rows", "bytes");
    for (const NodePlan& node : shared_.plan->nodes()) {
      size_t i = static_cast<size_t>(node.index);
      if (steps_.number[i] == 0) continue;
      int64_t rows = 0, bytes = 0;
      auto count = [&](int32_t, auto& group) {
        StateRecords records;
        group.WriteAll(&records);
        for (const StateRecords::Record& record : records.puts()) {
          ++rows;
          bytes += static_cast<int64_t>(record.key.size() + record.value->size());
        }
      };
      if (steps_.aggregates[i] != nullptr) steps_.aggregates[i]->ForEachGroup(count);
      if (steps_.tops[i] != nullptr) steps_.tops[i]->ForEachGroup(count);
      std::printf("%-*s %10lld %14lld\n", static_cast<int>(width), node.spec->name.c_str(), static_cast<long long>(rows),
                  static_cast<long long>(bytes));
    }
    return Status::Ok();
  }

  Status Dump() {
    Call call;
    call.shared = &shared_;
    call.reject = [](Call*, int64_t, int32_t, int32_t) {};
    batch::Arena arena(1 << 16);
    ScCtx ctx{arena.get(), shared_.params.row(), shared_.clock.Now(), &call};
    AdvanceContext turn;
    turn.ctx = &ctx;
    turn.now = ctx.now;
    // What has no result says so itself when the job runs.
    turn.reject = [](const std::string&, int32_t, int32_t) {};
    int32_t code = 0;
    for (const NodePlan& node : shared_.plan->nodes()) {
      size_t i = static_cast<size_t>(node.index);
      if (steps_.number[i] == 0 || (chosen_ >= 0 && node.index != chosen_)) continue;
      auto print = [&](int64_t end, const ScBatch& rows) { Print(node, end, rows); };
      if (steps_.aggregates[i] != nullptr) {
        steps_.aggregates[i]->ForEachGroup([&](int32_t, AggregateGroup& group) {
          group.Loaded(time::kNoTime, time::kNoTime);
          if (code == 0) code = group.Show(turn, print);
          group.FinishTurn();
          arena.Reset();
        });
      } else {
        steps_.tops[i]->ForEachGroup([&](int32_t, Top& group) { group.Show(print); });
      }
      if (code != 0) return Status::Error(Exit::BadInput, node.spec->name + ": " + std::string(ErrorText(shared_.spec(), -1, code)));
    }
    return Status::Ok();
  }

  static void Print(const NodePlan& node, int64_t end, const ScBatch& rows) {
    for (int64_t row = 0; row < rows.rows; ++row) {
      std::string line = "{\"step\":" + observe::JsonQuoted(node.spec->name);
      if (end != 0 && format::InRfc3339Range(end)) {
        line += ",\"window_end\":\"";
        format::AppendRfc3339(end, &line);
        line += "\"";
      }
      line += ",\"row\":" + RowAsJson(node.output, rows, row) + "}\n";
      std::fputs(line.c_str(), stdout);
    }
  }

  EngineOptions options_;
  Shared shared_;
  Wiring wiring_;
  KeyedSteps steps_;
  abi::Manifest program_;
  std::map<uint16_t, int32_t> node_of_;  // by number
  int32_t chosen_ = -1, only_group_ = -1;
  std::string key_;
};

}  // namespace

Status ShowState(std::shared_ptr<const Plan> plan, const EngineOptions& options, const std::vector<std::string>& words) {
  return StateView(std::move(plan), options).Run(words);
}

}  // namespace streamc::rt::engine
