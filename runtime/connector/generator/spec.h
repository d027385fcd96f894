// The `generator` connector's argument and options.
#pragma once

#include "runtime/connector/spec.h"

namespace streamc::rt::connector {

inline constexpr OptionDoc kGeneratorOptions[] = {
    {"count", OptionType::Int, Use::Source, 0, INT64_MAX, "events in all; without it they never end"},
    {"rate", OptionType::Int, Use::Source, 0, 1'000'000'000, "events a second on the clock; 0 and without it: as fast as they are read"},
    {"seed", OptionType::Int, Use::Source, 0, INT64_MAX, "another seed makes other events (0)"},
    {"partitions", OptionType::Int, Use::Source, 1, 1024, "event n goes to partition n mod this (1)"},
};
inline constexpr ConnectorDoc kGeneratorDoc = {
    "generator", Use::Source, "kind", true, false,
    "Made-up events as JSON: `ysb` (Yahoo Streaming Benchmark), `ysb_ads` (its table of ads), `nexmark`, `counter`.", kGeneratorOptions};

}  // namespace streamc::rt::connector
