#include "runtime/observe/progress.h"

#include <algorithm>
#include <limits>

#include "runtime/observe/health.h"
#include "runtime/observe/words.h"

namespace streamc::rt::observe {

int64_t RecordsRead(const JobCounters& counters) {
  int64_t records = 0;
  for (size_t i = 0; i < counters.source_names.size(); ++i) records += counters.OfSource(i, &SourceCounters::records);
  return records;
}

std::string ProgressLine(const JobCounters& counters, int64_t records_before, double seconds) {
  if (const std::string reason = NotReady(counters); !reason.empty() && counters.stopping.get() == 0) return counters.job + ": " + reason;
  const int64_t records = RecordsRead(counters);
  const double rate = seconds > 0 ? static_cast<double>(records - records_before) / seconds : 0;
  int64_t lag = 0, bad = 0, written = 0, watermark = std::numeric_limits<int64_t>::max();
  for (size_t i = 0; i < counters.source_names.size(); ++i) {
    lag += counters.sources[i].lag.get();
    bad += counters.OfSource(i, &SourceCounters::bad);
    watermark = std::min(watermark, counters.sources[i].watermark.get());
  }
  for (size_t i = 0; i < counters.sink_names.size(); ++i) written += counters.OfSink(i, &SinkCounters::records);
  std::string line = counters.job + ": " + ShortNumber(static_cast<double>(records)) + " records in (" + ShortNumber(rate) + "/s), " +
                     ShortNumber(static_cast<double>(written)) + " out, lag " + ShortNumber(static_cast<double>(lag));
  if (bad > 0) line += ", " + ShortNumber(static_cast<double>(bad)) + " bad";
  const bool finite = watermark != std::numeric_limits<int64_t>::max() && watermark != std::numeric_limits<int64_t>::min();
  if (finite) line += ", event time " + Age(counters.clock.get() - watermark) + " behind";
  return line;
}

}  // namespace streamc::rt::observe
