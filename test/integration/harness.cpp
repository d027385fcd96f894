#include "test/integration/harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <thread>

namespace streamc::test {
namespace {

constexpr int kTimeoutMs = 30000;

template <auto Destroy>
struct Deleter {
  template <typename T>
  void operator()(T* value) const { Destroy(value); }
};
using Handle = std::unique_ptr<rd_kafka_t, Deleter<rd_kafka_destroy>>;
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, Deleter<rd_kafka_topic_partition_list_destroy>>;

void Check(rd_kafka_resp_err_t error, const std::string& what) {
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(what + ": " + rd_kafka_err2str(error));
}

Handle Open(rd_kafka_type_t type, const std::map<std::string, std::string>& properties) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  auto set = [&](const std::string& name, const std::string& value) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(text);
    }
  };
  set("bootstrap.servers", Brokers());
  for (const auto& [name, value] : properties) set(name, value);
  rd_kafka_t* handle = rd_kafka_new(type, conf, text, sizeof text);
  if (!handle) throw std::runtime_error(text);
  return Handle(handle);
}

int CountPartitions(rd_kafka_t* handle, const std::string& topic) {
  rd_kafka_topic_t* named = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  const auto error = rd_kafka_metadata(handle, 0, named, &metadata, kTimeoutMs);
  rd_kafka_topic_destroy(named);
  Check(error, "metadata of " + topic);
  const int count = metadata->topics[0].partition_cnt;
  const auto topic_error = metadata->topics[0].err;
  rd_kafka_metadata_destroy(metadata);
  Check(topic_error, "metadata of " + topic);
  return count;
}

Record ToRecord(const rd_kafka_message_t& message) {
  Record record;
  record.partition = message.partition;
  record.offset = message.offset;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, nullptr);
  if (message.key) record.key.emplace(static_cast<const char*>(message.key), message.key_len);
  if (message.payload) record.value.emplace(static_cast<const char*>(message.payload), message.len);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name;
    const void* value;
    size_t size;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      record.headers.emplace_back(name, std::string(static_cast<const char*>(value), value ? size : 0));
    }
  }
  return record;
}

using Event = std::unique_ptr<rd_kafka_event_t, Deleter<rd_kafka_event_destroy>>;

// The broker's answer to an admin request, which `send` puts on a queue.
template <class Send>
Event Ask(rd_kafka_t* handle, Send&& send) {
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  send(queue);
  Event answer(rd_kafka_queue_poll(queue, kTimeoutMs));
  rd_kafka_queue_destroy(queue);
  if (!answer) throw std::runtime_error("the broker does not answer an admin request");
  if (rd_kafka_event_error(answer.get())) throw std::runtime_error(rd_kafka_event_error_string(answer.get()));
  return answer;
}

void CheckTopics(const rd_kafka_topic_result_t** answers, size_t count, const std::string& what) {
  for (size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(answers[i]) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const char* text = rd_kafka_topic_result_error_string(answers[i]);
    throw std::runtime_error(what + " topic " + rd_kafka_topic_result_name(answers[i]) + ": " +
                             (text ? text : rd_kafka_err2str(rd_kafka_topic_result_error(answers[i]))));
  }
}

void AwaitPartitions(rd_kafka_t* handle, const std::string& topic, int partitions) {
  WaitUntil("topic " + topic, [&] {
    try {
      return CountPartitions(handle, topic) == partitions;
    } catch (const std::runtime_error&) {
      return false;  // the broker has not heard of it from its controller yet
    }
  });
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "streamc-test.XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp: " + std::string(std::strerror(errno)));
  return name;
}

// Folders of compiled jobs, removed when the test process ends.
struct Folders {
  std::vector<std::string> names;
  ~Folders() {
    for (const auto& name : names) std::filesystem::remove_all(name);
  }
};

}  // namespace

std::string Brokers() {
  const char* value = std::getenv("STREAMC_TEST_BROKERS");
  if (!value || !*value) throw std::runtime_error("STREAMC_TEST_BROKERS is not set; run under test/integration/broker.sh run");
  return value;
}

std::string UniqueName(const std::string& stem) {
  static std::atomic<int> counter = 0;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return stem + "-" + std::to_string(getpid()) + "-" + std::to_string(now) + "-" + std::to_string(counter++);
}

void CreateTopic(const std::string& topic, int partitions, const std::map<std::string, std::string>& config) {
  CreateTopics({topic}, partitions, config);
}

void CreateTopics(const std::vector<std::string>& topics, int partitions, const std::map<std::string, std::string>& config) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  char text[512];
  std::vector<rd_kafka_NewTopic_t*> wanted;
  for (const std::string& topic : topics) {
    wanted.push_back(rd_kafka_NewTopic_new(topic.c_str(), partitions, -1, text, sizeof text));
    if (!wanted.back()) throw std::runtime_error(text);
    for (const auto& [name, value] : config) rd_kafka_NewTopic_set_config(wanted.back(), name.c_str(), value.c_str());
  }
  const auto answer = Ask(handle.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_CreateTopics(handle.get(), wanted.data(), wanted.size(), nullptr, queue);
  });
  rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
  size_t count = 0;
  CheckTopics(rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(answer.get()), &count), count, "creating");
  for (const std::string& topic : topics) AwaitPartitions(handle.get(), topic, partitions);
}

void GrowTopic(const std::string& topic, int partitions) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  char text[512];
  rd_kafka_NewPartitions_t* wanted =
      rd_kafka_NewPartitions_new(topic.c_str(), static_cast<size_t>(partitions), text, sizeof text);
  if (!wanted) throw std::runtime_error(text);
  const auto answer = Ask(handle.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_CreatePartitions(handle.get(), &wanted, 1, nullptr, queue);
  });
  rd_kafka_NewPartitions_destroy(wanted);
  size_t count = 0;
  CheckTopics(rd_kafka_CreatePartitions_result_topics(rd_kafka_event_CreatePartitions_result(answer.get()), &count), count,
              "adding partitions to");
  AwaitPartitions(handle.get(), topic, partitions);
}

void DeleteTopic(const std::string& topic) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  rd_kafka_DeleteTopic_t* unwanted = rd_kafka_DeleteTopic_new(topic.c_str());
  const auto answer = Ask(handle.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteTopics(handle.get(), &unwanted, 1, nullptr, queue);
  });
  rd_kafka_DeleteTopic_destroy(unwanted);
  size_t count = 0;
  CheckTopics(rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(answer.get()), &count), count, "deleting");
  WaitUntil("the end of topic " + topic, [&] {
    const std::vector<std::string> left = Topics();
    return std::find(left.begin(), left.end(), topic) == left.end();
  });
}

void TruncateTopic(const std::string& topic) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  const std::vector<int64_t> ends = EndOffsets(topic, true);
  const Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(ends.size())));
  for (size_t i = 0; i < ends.size(); ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<int32_t>(i))->offset = ends[i];
  }
  rd_kafka_DeleteRecords_t* unwanted = rd_kafka_DeleteRecords_new(list.get());
  const auto answer = Ask(handle.get(), [&](rd_kafka_queue_t* queue) {
    rd_kafka_DeleteRecords(handle.get(), &unwanted, 1, nullptr, queue);
  });
  rd_kafka_DeleteRecords_destroy(unwanted);
  const auto* done = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer.get()));
  for (int i = 0; i < done->cnt; ++i) Check(done->elems[i].err, "deleting the records of " + topic);
}

void Produce(const std::string& topic, const std::vector<Record>& records) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {{"linger.ms", "5"}, {"enable.idempotence", "true"},
                                                 {"queue.buffering.max.messages", "10000000"}});
  for (const Record& record : records) {
    rd_kafka_headers_t* headers = rd_kafka_headers_new(record.headers.size());
    for (const auto& [name, value] : record.headers) {
      rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
    }
    // The macros cast their arguments unbracketed, so they get plain names.
    const char* key = record.key ? record.key->data() : nullptr;
    const char* value = record.value ? record.value->data() : nullptr;
    const size_t key_size = record.key ? record.key->size() : 0;
    const size_t value_size = record.value ? record.value->size() : 0;
    const int64_t timestamp = record.timestamp_ms < 0 ? 0 : record.timestamp_ms;
    const auto error = rd_kafka_producev(
        handle.get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_KEY(key, key_size), RD_KAFKA_V_VALUE(const_cast<char*>(value), value_size), RD_KAFKA_V_TIMESTAMP(timestamp),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (error) rd_kafka_headers_destroy(headers);
    Check(error, "produce to " + topic);
  }
  Check(rd_kafka_flush(handle.get(), kTimeoutMs), "flush to " + topic);
}

void ProduceLines(const std::string& topic, const std::vector<std::string>& values, int32_t partition) {
  std::vector<Record> records;
  for (const auto& value : values) {
    Record& record = records.emplace_back();
    record.partition = partition;
    record.value = value;
  }
  Produce(topic, records);
}

std::vector<Record> ReadTopic(const std::string& topic, bool read_committed, const std::vector<int64_t>& from) {
  const Handle handle = Open(RD_KAFKA_CONSUMER, {{"group.id", UniqueName("reader")},
                                                 {"enable.auto.commit", "false"},
                                                 {"enable.partition.eof", "true"},
                                                 {"fetch.wait.max.ms", "10"},
                                                 {"isolation.level", read_committed ? "read_committed" : "read_uncommitted"}});
  rd_kafka_poll_set_consumer(handle.get());
  const int count = CountPartitions(handle.get(), topic);
  const Partitions all(rd_kafka_topic_partition_list_new(count));
  for (int i = 0; i < count; ++i) {
    rd_kafka_topic_partition_list_add(all.get(), topic.c_str(), i)->offset =
        from.empty() ? RD_KAFKA_OFFSET_BEGINNING : from.at(static_cast<size_t>(i));
  }
  Check(rd_kafka_assign(handle.get(), all.get()), "assign " + topic);

  std::vector<std::vector<Record>> found(count);
  std::vector<bool> ended(count, false);
  int left = count;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(kTimeoutMs);
  while (left > 0) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("reading " + topic + " took too long");
    rd_kafka_message_t* message = rd_kafka_consumer_poll(handle.get(), 100);
    if (!message) continue;
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      if (!ended[message->partition]) --left;
      ended[message->partition] = true;
    } else if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      found[message->partition].push_back(ToRecord(*message));
    }
    rd_kafka_message_destroy(message);
  }
  rd_kafka_consumer_close(handle.get());
  std::vector<Record> records;
  for (auto& part : found) std::move(part.begin(), part.end(), std::back_inserter(records));
  return records;
}

std::vector<std::string> ReadValues(const std::string& topic) {
  std::vector<std::string> values;
  for (const Record& record : ReadTopic(topic)) values.push_back(record.value.value_or("(null)"));
  return values;
}

std::vector<std::string> Topics() {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  const struct rd_kafka_metadata* metadata = nullptr;
  Check(rd_kafka_metadata(handle.get(), 1, nullptr, &metadata, kTimeoutMs), "the list of topics");
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (metadata->topics[i].topic[0] != '_') names.emplace_back(metadata->topics[i].topic);
  }
  rd_kafka_metadata_destroy(metadata);
  std::sort(names.begin(), names.end());
  return names;
}

int PartitionCount(const std::string& topic) {
  const Handle handle = Open(RD_KAFKA_PRODUCER, {});
  return CountPartitions(handle.get(), topic);
}

std::vector<int64_t> EndOffsets(const std::string& topic, bool read_committed) {
  const Handle handle =
      Open(RD_KAFKA_CONSUMER, {{"isolation.level", read_committed ? "read_committed" : "read_uncommitted"}});
  std::vector<int64_t> ends(static_cast<size_t>(CountPartitions(handle.get(), topic)));
  for (size_t i = 0; i < ends.size(); ++i) {
    int64_t low = 0;
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    WaitUntil("a leader of " + topic, [&] {  // a new topic or a new broker is known before its partitions are
      error = rd_kafka_query_watermark_offsets(handle.get(), topic.c_str(), static_cast<int32_t>(i), &low, &ends[i], kTimeoutMs);
      return error != RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION && error != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
    });
    Check(error, "end of " + topic);
  }
  return ends;
}

void CommitOffsets(const std::string& group, const std::string& topic, const std::vector<int64_t>& offsets) {
  const Handle handle = Open(RD_KAFKA_CONSUMER, {{"group.id", group}, {"enable.auto.commit", "false"}});
  const Partitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (size_t i = 0; i < offsets.size(); ++i) {
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), static_cast<int32_t>(i))->offset = offsets[i];
  }
  Check(rd_kafka_commit(handle.get(), list.get(), 0), "committing for " + group);
}

std::vector<int64_t> CommittedOffsets(const std::string& group, const std::string& topic, int partitions) {
  const Handle handle = Open(RD_KAFKA_CONSUMER, {{"group.id", group}, {"enable.auto.commit", "false"}});
  const Partitions list(rd_kafka_topic_partition_list_new(partitions));
  for (int i = 0; i < partitions; ++i) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i);
  // A broker that has just begun looks for the group's coordinator itself.
  const auto starting = [](rd_kafka_resp_err_t error) {
    return error == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || error == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS ||
           error == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE;
  };
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  WaitUntil("the coordinator of group " + group, [&] { return !starting(error = rd_kafka_committed(handle.get(), list.get(), kTimeoutMs)); });
  Check(error, "offsets of group " + group);
  std::vector<int64_t> offsets;
  for (int i = 0; i < partitions; ++i) {
    Check(list->elems[i].err, "offset of group " + group);
    offsets.push_back(list->elems[i].offset < 0 ? -1 : list->elems[i].offset);
  }
  return offsets;
}

void WaitUntil(const std::string& what, const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("waited in vain for " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

std::string CompileJob(const std::string& source) {
  const char* compiler = std::getenv("STREAMC");
  if (!compiler) throw std::runtime_error("STREAMC does not name the compiler");
  static Folders folders;
  const std::string folder = folders.names.emplace_back(TemporaryFolder());
  std::ofstream(folder + "/job.sdl") << source;
  Process compile({compiler, folder + "/job.sdl", "-o", folder + "/job"});
  if (compile.Wait() != 0) throw std::runtime_error("the program does not compile:\n" + compile.errors());
  return folder + "/job";
}

std::vector<std::string> JobCommand(const std::string& binary, std::vector<std::string> arguments) {
  std::vector<std::string> command = {binary, "--brokers", Brokers()};
  std::move(arguments.begin(), arguments.end(), std::back_inserter(command));
  return command;
}

Process::Process(std::vector<std::string> command) : folder_(TemporaryFolder()) {
  std::vector<char*> argv;
  for (auto& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = folder_ + "/out", err = folder_ + "/err";
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork: " + std::string(std::strerror(errno)));
  if (pid_ > 0) return;
  // A test that dies takes its jobs with it.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int mode = O_WRONLY | O_CREAT | O_TRUNC;
  if (dup2(open("/dev/null", O_RDONLY), 0) < 0 || dup2(open(out.c_str(), mode, 0600), 1) < 0 ||
      dup2(open(err.c_str(), mode, 0600), 2) < 0) {
    _exit(126);
  }
  execvp(argv[0], argv.data());
  _exit(127);
}

Process::~Process() {
  if (Running()) {
    kill(pid_, SIGKILL);
    Reap(true);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

bool Process::Reap(bool block) {
  if (code_) return true;
  int status = 0;
  if (waitpid(pid_, &status, block ? 0 : WNOHANG) != pid_) return false;
  code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return true;
}

bool Process::Running() { return !Reap(false); }

void Process::Signal(int signal) {
  if (Running()) kill(pid_, signal);
}

int Process::Wait(std::chrono::milliseconds limit) {
  WaitUntil("the end of process " + std::to_string(pid_), [&] { return Reap(false); }, limit);
  return *code_;
}

int Process::Stop() {
  Signal(SIGTERM);
  return Wait();
}

std::string Process::output() const { return ReadFile(folder_ + "/out"); }
std::string Process::errors() const { return ReadFile(folder_ + "/err"); }

std::string AskJob(const Process& job, const std::string& path) {
  const std::string log = job.errors(), before = "url=http://127.0.0.1:";
  const size_t at = log.find(before);
  if (at == std::string::npos) return "";
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(std::stoi(log.substr(at + before.size()))));
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  std::string answer;
  const std::string request = "GET " + path + " HTTP/1.1\r\n\r\n";
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
    char buffer[4096];
    for (ssize_t n = 0; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<size_t>(n));
  }
  close(fd);
  return answer;
}

OwnBroker::OwnBroker() : shared_(Brokers()), folder_((std::filesystem::temp_directory_path() / "streamc-outage.XXXXXX").string()) {
  if (mkdtemp(folder_.data()) == nullptr) throw std::runtime_error("no temporary folder");
  setenv("STREAMC_TEST_BROKERS", Run("start").c_str(), 1);
}

OwnBroker::~OwnBroker() {
  Run("kill");
  setenv("STREAMC_TEST_BROKERS", shared_.c_str(), 1);
  std::error_code none;
  std::filesystem::remove_all(folder_, none);
}

std::string OwnBroker::Run(const std::string& what) const {
  std::vector<std::string> command = {"test/integration/broker.sh", what, folder_};
  if (what == "start") command.insert(command.end(), {"--owner", std::to_string(getpid())});
  Process script(command);
  if (script.Wait(std::chrono::seconds(120)) != 0) throw std::runtime_error("broker.sh " + what + ":\n" + script.errors());
  std::string address = script.output();
  while (!address.empty() && address.back() == '\n') address.pop_back();
  return address;
}

}  // namespace streamc::test
