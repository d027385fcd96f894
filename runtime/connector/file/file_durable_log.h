// A durable log in a folder: exactly once for a job whose sources are files, in one process.
//
// Each commit appends one checksummed frame (frame.h) to the folder's journal and syncs it; only then do output files get their bytes, so
// nobody reads a result that is not committed, and a start writes what a crash has kept from them. The job owns all key groups; their
// state is a snapshot in the folder and the changes in the journal behind it. At a start, and when the journal has grown, both become the
// next generation; the one before it stays until then, and takes the place of a snapshot that is damaged. Damage that costs committed
// turns is found and ends the start: Exit::Incompatible. The folder is locked: Exit::TryAgain for another process.
#pragma once

#include <memory>

#include "runtime/connector/durable_log.h"

namespace streamc::rt::connector {

Status MakeFileDurableLog(const DurableLogConfig& config, std::unique_ptr<DurableLog>* log);

}  // namespace streamc::rt::connector
