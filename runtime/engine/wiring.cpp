#include "runtime/engine/wiring.h"

#include <algorithm>
#include <filesystem>

#include "runtime/connector/options.h"

namespace streamc::rt::engine {

using abi::ActionKind;
using connector::Binding;

connector::Binding Wiring::BindingOf(const std::string& name, const abi::ConnectorSpecRef& declared) const {
  if (auto bound = options_.bindings.find(name); bound != options_.bindings.end()) {
    Binding binding = bound->second;
    binding.name = name;
    return binding;
  }
  Binding binding;
  binding.name = name;
  binding.connector = declared.connector;
  for (const abi::ValueSpec& arg : declared.args) binding.args.push_back(params_.Text(arg));
  for (const abi::OptionSpec& option : declared.options) binding.options[option.name] = params_.Text(option.value);
  return binding;
}

std::map<std::string, std::string> Wiring::FormatOptions(const abi::FormatSpecRef& format) const {
  std::map<std::string, std::string> options;
  for (const abi::OptionSpec& option : format.options) options[option.name] = params_.Text(option.value);
  return options;
}

std::set<std::string> Wiring::DeadLetterTopics() const {
  std::set<std::string> topics;
  auto add = [&](const abi::ActionSpec& action) {
    if (action.kind == ActionKind::DeadLetter) topics.insert(params_.Text(action.topic));
  };
  add(spec_.on_bad);
  for (const abi::SourceSpec& source : spec_.sources) add(source.on_bad), add(source.on_null);
  for (const abi::TableSpec& table : spec_.tables) add(table.on_bad);
  for (const abi::AggregateSpec& aggregate : spec_.aggregates) add(aggregate.bound.on_late);
  for (const abi::TopSpec& top : spec_.tops) add(top.bound.on_late);
  return topics;
}

Status Wiring::Check() const {
  std::set<std::string> names = DeadLetterTopics();
  if (!names.empty()) names.insert("bad");
  for (const abi::SourceSpec& source : spec_.sources) names.insert(source.name);
  for (const abi::TableSpec& table : spec_.tables) names.insert(table.name);
  for (const abi::SinkSpec& sink : spec_.sinks) names.insert(sink.name);
  for (const auto& [name, binding] : options_.bindings) {
    if (names.count(name) != 0) continue;
    std::string all;
    for (const std::string& known : names) all += (all.empty() ? "" : ", ") + known;
    return Status::Error(Exit::Usage, "--bind " + name + ": the job has no such source, sink or table; it has: " + all);
  }
  for (const abi::SourceSpec& source : spec_.sources) {
    if (Status status = NeedBrokers(BindingOf(source.name, source.connector), "source"); !status.ok()) return status;
  }
  for (const abi::SinkSpec& sink : spec_.sinks) {
    if (Status status = NeedBrokers(BindingOf(sink.name, sink.connector), "sink"); !status.ok()) return status;
  }
  if (Status status = CheckStateDir(); !status.ok()) return status;
  return CheckFiles();
}

Status Wiring::CheckStateDir() const {
  if (options_.state_dir.empty() || !options_.durable_log.empty() || SourcesAreOn("kafka") || SourcesAreOn("file")) return Status::Ok();
  std::string sources;
  for (const abi::SourceSpec& source : spec_.sources) {
    sources += (sources.empty() ? "" : ", ") + source.name + " on " + BindingOf(source.name, source.connector).connector;
  }
  return Status::Error(Exit::Usage, "--state-dir needs sources that can be read again from where they were left: all on Kafka, or all in"
                                    " files; the job has " + (sources.empty() ? "none" : sources));
}

// A file that is opened for writing is emptied first, so it can be nothing else in the same job.
Status Wiring::CheckFiles() const {
  std::vector<Binding> files;
  auto add = [&](Binding binding) {
    if (binding.connector == "file" && !binding.args.empty()) files.push_back(std::move(binding));
    return files.size();
  };
  size_t read = 0;
  for (const abi::SourceSpec& source : spec_.sources) read = add(BindingOf(source.name, source.connector));
  for (const abi::TableSpec& table : spec_.tables) read = add(BindingOf(table.name, table.connector));
  for (const abi::SinkSpec& sink : spec_.sinks) add(BindingOf(sink.name, sink.connector));
  for (const std::string& topic : DeadLetterTopics()) add(DeadLetterBinding(topic));
  for (size_t i = read; i < files.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      std::error_code none;
      const std::string &a = files[j].args[0], &b = files[i].args[0];
      bool regular = std::filesystem::is_regular_file(b, none) || !std::filesystem::exists(b, none);
      const bool shared = files[i].name == files[j].name;  // dead letters of several topics
      if (!regular || shared || (a != b && !std::filesystem::equivalent(a, b, none))) continue;
      return Status::Error(Exit::Usage, files[i].name + " would write " + b + ", which " + files[j].name +
                                            (j < read ? " reads" : " writes") + "; name another file");
    }
  }
  return Status::Ok();
}

Status Wiring::NeedBrokers(const Binding& binding, const char* what) const {
  bool named = !options_.brokers.empty() || options_.kafka.count("bootstrap.servers") != 0 ||
               binding.options.count("brokers") != 0 || binding.options.count("bootstrap.servers") != 0;
  if (binding.connector != "kafka" || named) return Status::Ok();
  return Status::Error(Exit::Usage, std::string(what) + " " + binding.name +
                                        " is on Kafka: give --brokers HOST:PORT, or bind it to something else, as in --bind " +
                                        binding.name + (std::string_view(what) == "source" ? "=file:input.jsonl" : "=stdout"));
}

Status Wiring::MakeReader(const abi::SourceSpec& source, int32_t worker, int32_t workers, connector::RevokeListener* listener,
                          std::unique_ptr<connector::Reader>* reader) const {
  connector::ReaderConfig config;
  config.group = group();
  config.brokers = options_.brokers;
  config.instance_id =
      options_.instance.empty() || workers == 1 ? options_.instance : options_.instance + "-" + std::to_string(worker);
  config.kafka = options_.kafka;
  switch (source.start) {
    case abi::StartKind::Earliest: config.start = connector::StartFrom::Earliest; break;
    case abi::StartKind::Latest: config.start = connector::StartFrom::Latest; break;
    case abi::StartKind::At: config.start = connector::StartFrom::At; break;
  }
  config.start_at = params_.Int(source.start_at);
  config.until_end = options_.until_end;
  auto uses = [&](std::initializer_list<abi::ScanOrigin> origins) {
    return std::any_of(source.scan.begin(), source.scan.end(), [&](const abi::ScanColumn& column) {
      return std::find(origins.begin(), origins.end(), column.origin) != origins.end();
    });
  };
  // A bad record is handed on as it came.
  bool forwards =
      source.on_bad.kind == ActionKind::DeadLetter || source.on_bad.kind == ActionKind::ToStream || options_.log_rejections;
  for (const abi::AggregateSpec& aggregate : spec_.aggregates)
    forwards = forwards || aggregate.bound.on_late.kind == ActionKind::DeadLetter;
  config.want_keys = forwards || uses({abi::ScanOrigin::MetaKey, abi::ScanOrigin::RecordKey});
  config.want_headers = forwards || uses({abi::ScanOrigin::MetaHeaders});
  config.worker = options_.instance_number * workers + worker;
  config.workers = options_.instances * workers;
  config.listener = listener;
  config.manual_clock = options_.manual_clock;
  config.stop = stop_;
  config.buffer_bytes = buffer_bytes_;
  Binding binding = BindingOf(source.name, source.connector);
  if (log_ != nullptr && binding.connector == log_connector_) return log_->MakeReader(binding, config, reader);
  return connector::MakeReader(binding, config, reader);
}

Status Wiring::MakeTableReader(const abi::TableSpec& table, std::unique_ptr<connector::Reader>* reader) const {
  connector::ReaderConfig config;
  config.group = group();
  config.brokers = options_.brokers;
  config.until_end = true;
  config.manual_clock = options_.manual_clock;
  return connector::MakeReader(BindingOf(table.name, table.connector), config, reader);
}

connector::WriterConfig Wiring::ConfigOfWriter() const {
  connector::WriterConfig config;
  config.brokers = options_.brokers;
  config.client_id = group();
  config.kafka = options_.kafka;
  config.buffer_bytes = buffer_bytes_;
  return config;
}

Status Wiring::Make(const Binding& binding, std::unique_ptr<connector::Writer>* writer) const {
  if (log_ != nullptr && binding.connector == log_connector_) return log_->MakeWriter(binding, ConfigOfWriter(), writer);
  return connector::MakeWriter(binding, ConfigOfWriter(), writer);
}

Status Wiring::MakeWriter(const abi::SinkSpec& sink, std::unique_ptr<connector::Writer>* writer) const {
  return Make(BindingOf(sink.name, sink.connector), writer);
}

std::string Wiring::DurableConnector(bool keyed) const {
  if (!options_.durable_log.empty()) return options_.durable_log;
  if (!options_.state_dir.empty() && SourcesAreOn("file")) return "file";
  if (!keyed && !spec_.exactly_once) return "";
  return SourcesAreOn("kafka") ? "kafka" : "";
}

bool Wiring::SourcesAreOn(std::string_view connector) const {
  return !spec_.sources.empty() && std::all_of(spec_.sources.begin(), spec_.sources.end(), [&](const abi::SourceSpec& source) {
    return BindingOf(source.name, source.connector).connector == connector;
  });
}

connector::DurableLogConfig Wiring::DurableConfig(bool keyed) const {
  connector::DurableLogConfig config;
  config.group = group();
  config.brokers = options_.brokers;
  config.instance_id = options_.instance;
  config.kafka = options_.kafka;
  config.exactly_once = spec_.exactly_once;
  config.keyed = keyed;
  config.key_groups = spec_.key_groups;
  config.instance = options_.instance_number;
  config.instances = options_.instances;
  config.abort_every = options_.abort_every;
  config.dir = options_.state_dir;
  config.until_end = options_.until_end || std::all_of(spec_.sources.begin(), spec_.sources.end(), [&](const abi::SourceSpec& source) {
    return !connector::BoolOption(BindingOf(source.name, source.connector), "follow", true);
  });
  config.stop = stop_;
  config.buffer_bytes = buffer_bytes_;
  return config;
}

Binding Wiring::DeadLetterBinding(const std::string& topic) const {
  for (const std::string& name : {topic, std::string("bad")}) {
    auto bound = options_.bindings.find(name);
    if (bound == options_.bindings.end()) continue;
    Binding binding = bound->second;
    binding.name = name;
    return binding;
  }
  return {topic, "kafka", {topic}, {}};
}

std::string Wiring::ClusterBindings(std::vector<Binding>* sources, std::vector<Binding>* sinks) const {
  std::string cluster;
  auto add = [&](Binding binding, std::vector<Binding>* to) {
    if (binding.connector != "kafka") return;
    cluster = binding.connector;
    to->push_back(std::move(binding));
  };
  for (const abi::SourceSpec& source : spec_.sources) add(BindingOf(source.name, source.connector), sources);
  for (const abi::SinkSpec& sink : spec_.sinks) add(BindingOf(sink.name, sink.connector), sinks);
  for (const std::string& topic : DeadLetterTopics()) {
    // Without brokers they are counted only.
    if (Binding binding = DeadLetterBinding(topic); NeedBrokers(binding, "dead letter").ok()) add(std::move(binding), sinks);
  }
  return cluster;
}

Status Wiring::MakeDeadLetterWriter(const std::string& topic, std::unique_ptr<connector::Writer>* writer) const {
  Binding binding = DeadLetterBinding(topic);
  if (binding.connector == "kafka" && !NeedBrokers(binding, "dead letter").ok()) {
    writer->reset();
    return Status::Ok();
  }
  return Make(binding, writer);
}

}  // namespace streamc::rt::engine
