// Event time across instances: how far each channel has come, as every key group sees it.
//
// An origin is what a keyed step gets its time from: a source, or a keyed step before it; its channels are the source's partitions
// or the step's key groups. Channels read here are local and known at once. Those of other instances come with the records of a
// group's partition, so each group has its own view of them and can never see a channel's time before its rows. A group's time for
// an origin is the least of all its channels; one that nobody has spoken for holds it back.
// The coordinator's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/time/watermark.h"

namespace streamc::rt::engine {

struct OriginTime {
  int64_t watermark = time::kEndOfTime;    // kEndOfTime: all channels have ended
  int64_t last_finite = time::kEndOfTime;  // the same, or how far the times of an ended origin have come
};

struct ChannelUpdate {
  int32_t origin = -1, channel = -1;
  time::PartitionTime time;
};

class Channels {
 public:
  Channels(int32_t origins, int32_t groups);

  // Never fewer than before: topics do not lose partitions.
  void SetCount(int32_t origin, int32_t channels);
  int32_t count(int32_t origin) const { return static_cast<int32_t>(origins_[static_cast<size_t>(origin)].size()); }

  // The channel is read here from now on.
  void SetLocal(int32_t origin, int32_t channel, const time::PartitionTime& time);
  // The channel goes to another instance: what is known of it stays.
  void ReleaseLocal(int32_t origin, int32_t channel);
  // A group is taken over, knowing nothing yet of what is read elsewhere.
  void OwnGroup(int32_t group);
  void DropGroup(int32_t group);
  // What came with the records of a group.
  void Receive(int32_t group, const ChannelUpdate& update);
  // What is committed for a channel, for all owned groups that have read everything before it.
  void ReceiveForAll(const ChannelUpdate& update);

  OriginTime At(int32_t group, int32_t origin) const;
  // The channels of an origin that are read elsewhere, as the best informed group sees them; for the rules of idle partitions.
  std::vector<time::PartitionTime> Remote(int32_t origin) const;
  // Local channels that differ from what was taken last.
  std::vector<ChannelUpdate> TakeChanged();
  // All local channels count as changed: others must hear of them (again).
  void ForgetTaken();
  // Forgets everything but the counts.
  void Reset();

 private:
  struct Channel {
    bool local = false, changed = false;
    time::PartitionTime time;                // local
    std::vector<time::PartitionTime> seen;   // by group
    std::vector<uint8_t> known;              // by group
  };
  static void Raise(const time::PartitionTime& from, time::PartitionTime* to);
  Channel& At(const ChannelUpdate& update) {
    return origins_[static_cast<size_t>(update.origin)][static_cast<size_t>(update.channel)];
  }

  size_t groups_;
  std::vector<uint8_t> owned_;
  std::vector<std::vector<Channel>> origins_;
};

}  // namespace streamc::rt::engine
