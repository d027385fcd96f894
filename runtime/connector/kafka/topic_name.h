// Kafka's rule for names of topics, without the client library: also for what rows name.
#pragma once

#include <string_view>

namespace streamc::rt::connector::kafka {

// 1-249 of [a-zA-Z0-9._-], not "." or "..".
bool ValidTopicName(std::string_view name);

}  // namespace streamc::rt::connector::kafka
