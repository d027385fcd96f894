#include "runtime/connector/connector.h"

#include "runtime/connector/file/file.h"
#include "runtime/connector/generator/generator.h"
#include "runtime/connector/kafka/reader.h"
#include "runtime/connector/kafka/writer.h"
#include "runtime/connector/memory/memory.h"
#include "runtime/connector/stdio/stdio.h"

namespace streamc::rt::connector {
namespace {

std::string KnownConnectors() {
  std::string known;
#define CONNECTOR(name, reader, writer) known += known.empty() ? #name : ", " #name;
#include "runtime/connector/connectors.def"
#undef CONNECTOR
  return known;
}

Status Unknown(const Binding& binding) {
  return Status::Error(Exit::Usage, binding.name + ": unknown connector `" + binding.connector + "`; known: " + KnownConnectors());
}

Status NoReader(const Binding& binding, const ReaderConfig&, std::unique_ptr<Reader>*) {
  return Status::Error(Exit::Usage, binding.name + ": `" + binding.connector + "` cannot be a source");
}
Status NoWriter(const Binding& binding, const WriterConfig&, std::unique_ptr<Writer>*) {
  return Status::Error(Exit::Usage, binding.name + ": `" + binding.connector + "` cannot be a sink");
}

// `ysb,count=1000,rate=50`: the kind and options.
Status ParseGenerator(std::string_view text, Binding* binding) {
  size_t comma = text.find(',');
  binding->args = {std::string(text.substr(0, comma))};
  while (comma != std::string_view::npos) {
    text.remove_prefix(comma + 1);
    comma = text.find(',');
    std::string_view option = text.substr(0, comma);
    size_t equals = option.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Status::Error(Exit::Usage, "`" + std::string(option) + "` is no option; write generator:ysb,count=1000");
    }
    binding->options[std::string(option.substr(0, equals))] = std::string(option.substr(equals + 1));
  }
  return Status::Ok();
}

}  // namespace

Status ParseBinding(std::string_view text, Binding* binding) {
  size_t colon = text.find(':');
  std::string_view connector = text.substr(0, colon);
  std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  binding->connector = connector;
  binding->args.clear();
  binding->options.clear();
  bool has_rest = colon != std::string_view::npos;
  if (connector == "stdin" || connector == "stdout" || connector == "stderr" || connector == "stdio") {
    if (!has_rest) return Status::Ok();
  } else if (connector == "file" || connector == "kafka") {
    binding->args = {std::string(rest)};
    if (!rest.empty()) return Status::Ok();
  } else if (connector == "generator") {
    if (!rest.empty()) return ParseGenerator(rest, binding);
  } else if (connector == "memory") {
    if (!rest.empty()) binding->args = {std::string(rest)};
    if (!has_rest || !rest.empty()) return Status::Ok();
  }
  return Status::Error(Exit::Usage, "cannot bind to `" + std::string(text) +
                                        "`; known: file:PATH, kafka:TOPIC, stdin, stdout, stderr, generator:KIND, memory");
}

Status MakeReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader) {
#define CONNECTOR(label, make_reader, make_writer) \
  if (binding.connector == #label) return make_reader(binding, config, reader);
#include "runtime/connector/connectors.def"
#undef CONNECTOR
  return Unknown(binding);
}

Status MakeWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer) {
#define CONNECTOR(label, make_reader, make_writer) \
  if (binding.connector == #label) return make_writer(binding, config, writer);
#include "runtime/connector/connectors.def"
#undef CONNECTOR
  return Unknown(binding);
}

}  // namespace streamc::rt::connector
