// The `file` connector's argument and options.
#pragma once

#include "runtime/connector/spec.h"

namespace streamc::rt::connector {

inline constexpr OptionDoc kFileOptions[] = {
    {"partitions", OptionType::Int, Use::Source, 1, 1024, "parts of each file that are read side by side (1)"},
    {"follow", OptionType::Bool, Use::Source, 0, 0, "waits for lines that are appended later (true, false with --until end)"},
    {"append", OptionType::Bool, Use::Sink, 0, 0, "keeps what the file holds instead of starting it anew (false)"},
    {"fsync", OptionType::Bool, Use::Sink, 0, 0, "a result counts as written when the disk has it (false)"},
};
inline constexpr ConnectorDoc kFileDoc = {
    "file", Use::Both, "path", true, true,
    "A file of one record per line. Sources take several paths and patterns (`logs/*.jsonl`); each file is a partition.", kFileOptions};

}  // namespace streamc::rt::connector
