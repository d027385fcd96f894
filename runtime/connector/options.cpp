#include "runtime/connector/options.h"

#include <algorithm>
#include <charconv>

namespace streamc::rt::connector {
namespace {

bool ParseWhole(const std::string& text, int64_t* value) {
  auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && stop == text.data() + text.size();
}

bool Serves(Use use, Use wanted) { return (static_cast<int>(use) & static_cast<int>(wanted)) != 0; }

Status Refuse(const Binding& binding, std::string what) {
  return Status::Error(Exit::Usage, (binding.name.empty() ? binding.connector : binding.name) + ": " + std::move(what));
}

}  // namespace

Status CheckBinding(const Binding& binding, const ConnectorDoc& doc, Use use) {
  std::string connector(doc.name);
  if (!Serves(doc.use, use)) {
    return Refuse(binding, "`" + connector + "` cannot be a " + (use == Use::Source ? "source" : "sink"));
  }
  if (binding.args.empty() && doc.argument_required) {
    return Refuse(binding, "`" + connector + "` needs a " + std::string(doc.argument));
  }
  size_t most = doc.argument.empty() ? 0 : doc.many_arguments ? binding.args.size() : 1;
  if (binding.args.size() > most) {
    return Refuse(binding, "`" + connector + "` takes " + (most == 0 ? "no argument" : "one " + std::string(doc.argument)));
  }
  for (const auto& [name, value] : binding.options) {
    auto found = std::find_if(doc.options.begin(), doc.options.end(), [&](const OptionDoc& option) { return option.name == name; });
    if (found == doc.options.end() || !Serves(found->use, use)) {
      std::string known;
      for (const OptionDoc& option : doc.options) {
        if (Serves(option.use, use)) known += (known.empty() ? "; known: " : ", ") + std::string(option.name);
      }
      return Refuse(binding, "`" + connector + "` has no option `" + name + "`" + known);
    }
    int64_t number = 0;
    if (found->type == OptionType::Bool && value != "true" && value != "false") {
      return Refuse(binding, "option `" + name + "` must be true or false, not `" + value + "`");
    }
    if (found->type == OptionType::Int && (!ParseWhole(value, &number) || number < found->lowest || number > found->greatest)) {
      return Refuse(binding, "option `" + name + "` must be a whole number from " + std::to_string(found->lowest) + " to " +
                                 std::to_string(found->greatest) + ", not `" + value + "`");
    }
  }
  return Status::Ok();
}

int64_t IntOption(const Binding& binding, std::string_view name, int64_t deflt) {
  auto found = binding.options.find(std::string(name));
  int64_t value = deflt;
  if (found != binding.options.end()) ParseWhole(found->second, &value);
  return value;
}

bool BoolOption(const Binding& binding, std::string_view name, bool deflt) {
  auto found = binding.options.find(std::string(name));
  return found == binding.options.end() ? deflt : found->second == "true";
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      size_t best = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = row[j];
      row[j] = best;
    }
  }
  return row[b.size()];
}

}  // namespace streamc::rt::connector
