// Files of one record per line as sources and sinks.
//
// Source: every path, and every file a pattern matches at Open, in order; `partitions: n` cuts each at line starts into n byte ranges
// that are read as partitions of their own. Offsets are byte positions of line starts. With until_end or `follow: false` a file ends
// where it ended at Open, and a last line without newline counts; otherwise readers wait for more lines, which must be complete.
// `start latest` begins at the end. Missing or unreadable files and directories: Exit::BadInput; a file that shrinks too.
// Partitions are numbered over all files of the source. Sink: values as lines, a null value as `null`; keys, headers and timestamps
// are not written. With a journal (file_durable_log.h) readers begin where it says, Exit::Incompatible when the files are others.
#pragma once

#include "runtime/connector/connector.h"

namespace streamc::rt::connector {

class InputFiles;

Status MakeFileReader(const Binding& binding, const ReaderConfig& config, std::unique_ptr<Reader>* reader);
// `inputs` keeps the positions, and outlives the reader.
Status MakeJournaledFileReader(const Binding& binding, const ReaderConfig& config, InputFiles* inputs, std::unique_ptr<Reader>* reader);
Status MakeFileWriter(const Binding& binding, const WriterConfig& config, std::unique_ptr<Writer>* writer);

}  // namespace streamc::rt::connector
