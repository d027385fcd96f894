#include "runtime/engine/channels.h"

#include <algorithm>

namespace streamc::rt::engine {

using time::kEndOfTime;
using time::kNoTime;
using time::PartitionTime;

Channels::Channels(int32_t origins, int32_t groups)
    : groups_(static_cast<size_t>(groups)), owned_(groups_, 0), origins_(static_cast<size_t>(origins)) {}

void Channels::SetCount(int32_t origin, int32_t channels) {
  auto& all = origins_[static_cast<size_t>(origin)];
  while (all.size() < static_cast<size_t>(channels)) {
    Channel& channel = all.emplace_back();
    channel.seen.resize(groups_);
    channel.known.assign(groups_, 0);
  }
}

void Channels::SetLocal(int32_t origin, int32_t channel, const PartitionTime& time) {
  SetCount(origin, channel + 1);
  Channel& at = origins_[static_cast<size_t>(origin)][static_cast<size_t>(channel)];
  bool same = at.local && at.time.watermark == time.watermark && at.time.last_read == time.last_read && at.time.read_watermark == time.read_watermark &&
              at.time.caught_up == time.caught_up && at.time.ended == time.ended;
  at.local = true;
  at.changed = at.changed || !same;
  at.time = time;
}

void Channels::ReleaseLocal(int32_t origin, int32_t channel) {
  if (channel >= count(origin)) return;
  Channel& at = origins_[static_cast<size_t>(origin)][static_cast<size_t>(channel)];
  if (!at.local) return;
  at.local = at.changed = false;
  at.time.caught_up = at.time.ended = false;
  ReceiveForAll({origin, channel, at.time});
}

void Channels::OwnGroup(int32_t group) {
  size_t g = static_cast<size_t>(group);
  owned_[g] = 1;
  for (auto& channels : origins_) {
    for (Channel& channel : channels) {
      channel.known[g] = 0;
      channel.seen[g] = {};
    }
  }
}

void Channels::DropGroup(int32_t group) { owned_[static_cast<size_t>(group)] = 0; }

// Watermarks never go back; the rest is as last heard.
void Channels::Raise(const PartitionTime& from, PartitionTime* to) {
  int64_t watermark = std::max(to->watermark, from.watermark);
  *to = from;
  to->watermark = watermark;
}

void Channels::Receive(int32_t group, const ChannelUpdate& update) {
  SetCount(update.origin, update.channel + 1);
  Channel& channel = At(update);
  Raise(update.time, &channel.seen[static_cast<size_t>(group)]);
  channel.known[static_cast<size_t>(group)] = 1;
}

void Channels::ReceiveForAll(const ChannelUpdate& update) {
  SetCount(update.origin, update.channel + 1);
  Channel& channel = At(update);
  for (size_t g = 0; g < groups_; ++g) {
    if (!owned_[g]) continue;
    if (channel.known[g] && update.time.watermark <= channel.seen[g].watermark) continue;
    Raise(update.time, &channel.seen[g]);
    channel.known[g] = 1;
  }
}

OriginTime Channels::At(int32_t group, int32_t origin) const {
  const auto& channels = origins_[static_cast<size_t>(origin)];
  size_t g = static_cast<size_t>(group);
  OriginTime result;
  int64_t furthest = kNoTime;
  if (channels.empty()) return {kNoTime, kNoTime};
  for (const Channel& channel : channels) {
    if (!channel.local && !channel.known[g]) return {kNoTime, kNoTime};
    const PartitionTime& time = channel.local ? channel.time : channel.seen[g];
    furthest = std::max(furthest, time.watermark);
    if (!time.ended) result.watermark = std::min(result.watermark, time.watermark);
  }
  result.last_finite = result.watermark == kEndOfTime ? furthest : result.watermark;
  return result;
}

std::vector<PartitionTime> Channels::Remote(int32_t origin) const {
  std::vector<PartitionTime> remote;
  for (const Channel& channel : origins_[static_cast<size_t>(origin)]) {
    if (channel.local) continue;
    PartitionTime best;
    for (size_t g = 0; g < groups_; ++g) {
      if (owned_[g] && channel.known[g] && channel.seen[g].watermark >= best.watermark) best = channel.seen[g];
    }
    remote.push_back(best);
  }
  return remote;
}

std::vector<ChannelUpdate> Channels::TakeChanged() {
  std::vector<ChannelUpdate> changed;
  for (size_t origin = 0; origin < origins_.size(); ++origin) {
    for (size_t i = 0; i < origins_[origin].size(); ++i) {
      Channel& channel = origins_[origin][i];
      if (!channel.changed) continue;
      channel.changed = false;
      changed.push_back({static_cast<int32_t>(origin), static_cast<int32_t>(i), channel.time});
    }
  }
  return changed;
}

void Channels::ForgetTaken() {
  for (auto& channels : origins_) {
    for (Channel& channel : channels) channel.changed = channel.local;
  }
}

void Channels::Reset() {
  for (auto& channels : origins_) {
    for (Channel& channel : channels) {
      channel.local = channel.changed = false;
      channel.known.assign(groups_, 0);
      channel.seen.assign(groups_, {});
    }
  }
  std::fill(owned_.begin(), owned_.end(), 0);
}

}  // namespace streamc::rt::engine
