// Standard input as a source, standard output and standard error as sinks, one record a line.
//
// The source has one partition, read by worker 0; offsets are byte positions; it ends with the input, whose last line needs no newline.
// A sink writes at the end of every batch, so that a reader sees rows as they come. When the reader has gone (broken pipe), Write
// says so instead of a signal ending the process: Open ignores SIGPIPE.
#pragma once

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

Status MakeStdioReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);
Status MakeStdioWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

}  // namespace streamc::rt::connector
