#include "runtime/connector/durable_log.h"

#include "runtime/connector/file/file_durable_log.h"
#include "runtime/connector/kafka/durable_log.h"
#include "runtime/connector/memory/memory_durable_log.h"

namespace streamc::rt::connector {

Status MakeDurableLog(std::string_view connector, const DurableLogConfig& config, std::unique_ptr<DurableLog>* log) {
  if (connector == "kafka") return kafka::MakeDurableLog(config, log);
  if (connector == "file") return MakeFileDurableLog(config, log);
  if (connector == "memory") return MakeMemoryDurableLog(config, log);
  return Status::Error(Exit::Internal, "there is no durable log on `" + std::string(connector) + "`");
}

}  // namespace streamc::rt::connector
