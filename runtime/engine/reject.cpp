#include "runtime/engine/reject.h"

#include <algorithm>
#include <limits>

namespace streamc::rt::engine {

using connector::Header;

int64_t Rejections::Number(int32_t source, const connector::Reader* reader, const connector::RawRecords* raw, int64_t index,
                           int64_t n) {
  ranges_.push_back({next_, source, reader, raw, index});
  int64_t first = next_;
  next_ += n;
  return first;
}

RecordRef Rejections::Resolve(int64_t rec) const {
  auto after = std::upper_bound(ranges_.begin(), ranges_.end(), rec,
                                [](int64_t r, const RecordRange& range) { return r < range.first; });
  const RecordRange& range = *(after - 1);
  return {range.source, range.reader, range.raw, static_cast<size_t>(range.index + rec - range.first)};
}

bool Rejections::Add(Rejection rejection) {
  if (rejection.rec >= 0 && rejection.code != kLateRow) {
    if (seen_.size() < static_cast<size_t>(next_)) seen_.resize(static_cast<size_t>(next_));
    if (seen_[static_cast<size_t>(rejection.rec)]) return false;
    seen_[static_cast<size_t>(rejection.rec)] = true;
  }
  all_.push_back(std::move(rejection));
  return true;
}

void Rejections::Sort() {
  auto order = [](const Rejection& r) { return r.rec < 0 ? std::numeric_limits<int64_t>::max() : r.rec; };
  std::stable_sort(all_.begin(), all_.end(), [&](const Rejection& a, const Rejection& b) { return order(a) < order(b); });
}

void Rejections::Clear() {
  ranges_.clear();
  next_ = 0;
  seen_.clear();
  all_.clear();
}

RejectionReport Rejections::Report(const Shared& shared, const Rejection& rejection) const {
  const abi::JobSpec& spec = shared.spec();
  RejectionReport report;
  bool has_site = rejection.site >= 0 && static_cast<size_t>(rejection.site) < spec.sites.size();
  report.code = rejection.code == kLateRow ? "late" : std::string(ErrorText(spec, rejection.site, rejection.code));
  if (has_site) {
    report.stream = spec.sites[static_cast<size_t>(rejection.site)].stream;
    report.place = spec.sites[static_cast<size_t>(rejection.site)].place;
  } else if (rejection.node >= 0) {
    report.stream = shared.plan->node(rejection.node).spec->name;
    report.place = report.stream;
  }
  if (rejection.rec < 0) {
    report.source = report.stream;
    report.value = rejection.row;
    report.has_value = true;
    if (rejection.table < 0) return report;
    report.source = spec.tables[static_cast<size_t>(rejection.table)].name;
    report.place = "table " + report.source;
    report.topic = rejection.topic;
    report.partition = 0;
    report.offset = rejection.offset;
    return report;
  }
  RecordRef record = Resolve(rejection.rec);
  const connector::RawRecords& raw = *record.raw;
  const connector::PartitionId& id = record.reader->partitions()[static_cast<size_t>(raw.slot)].id;
  report.source = spec.sources[static_cast<size_t>(record.source)].name;
  if (report.place.empty()) report.place = "source " + report.source;
  report.topic = id.topic;
  report.partition = id.partition;
  report.offset = raw.offset[record.index];
  report.timestamp = raw.timestamp[record.index];
  report.has_value = raw.value[record.index] != nullptr;
  if (report.has_value) report.value.assign(raw.value[record.index], static_cast<size_t>(raw.value_len[record.index]));
  report.has_key = raw.key.size() > record.index && raw.key[record.index] != nullptr;
  if (report.has_key) report.key.assign(raw.key[record.index], static_cast<size_t>(raw.key_len[record.index]));
  return report;
}

std::string Rejections::Describe(const Shared& shared, const Rejection& rejection) const {
  RejectionReport report = Report(shared, rejection);
  std::string line = report.place + ": " + report.code;
  if (rejection.rec < 0) return line + " in row " + report.value.substr(0, 200);
  return line + " in the record of " + report.source + " at " + report.topic + " partition " +
         std::to_string(report.partition) + " offset " + std::to_string(report.offset);
}

void Rejections::AppendDeadLetter(const Shared& shared, const Rejection& rejection, batch::Arena* text,
                                  connector::OutRecords* out) const {
  auto keep = [&](std::string_view s) -> std::string_view {
    ScStr copy = text->CopyString(s.data(), static_cast<int64_t>(s.size()));
    return {copy.ptr, static_cast<size_t>(copy.len)};
  };
  RejectionReport report = Report(shared, rejection);
  std::vector<Header>& headers = out->headers.emplace_back();
  if (rejection.rec >= 0) {
    RecordRef record = Resolve(rejection.rec);
    const connector::RawRecords& raw = *record.raw;
    if (!raw.handle.empty()) record.reader->Headers(raw, record.index, &headers);
    out->value.push_back(report.has_value ? std::string_view(raw.value[record.index], report.value.size())
                                          : std::string_view());
    out->key.push_back(report.has_key ? std::string_view(raw.key[record.index], report.key.size()) : std::string_view());
    out->timestamp.push_back(report.timestamp);
  } else {
    out->value.push_back(keep(report.value));
    out->key.push_back(std::string_view());
    out->timestamp.push_back(-1);
  }
  auto add = [&](std::string_view key, const std::string& value) { headers.push_back({key, keep(value)}); };
  add("streamc.error.code", report.code);
  add("streamc.error.place", report.place);
  add("streamc.job", shared.spec().name);
  if (rejection.rec < 0 && rejection.table < 0) return;
  add("streamc.source", report.source);
  add("streamc.topic", report.topic);
  add("streamc.partition", std::to_string(report.partition));
  add("streamc.offset", std::to_string(report.offset));
  if (rejection.rec < 0) return;
  add("streamc.timestamp", std::to_string(report.timestamp));
}

}  // namespace streamc::rt::engine
