// What the parser's tests share: a text parsed, and its messages in a short form that tests can compare.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "compiler/ast/ast.h"
#include "compiler/diag/diag.h"
#include "compiler/parse/parse.h"
#include "compiler/source/source.h"

namespace streamc::parse {

struct Parsed {
  explicit Parsed(std::string text, bool as_cell = false) {
    id = sources.Add("job.sdl", std::move(text));
    if (as_cell) {
      cell = ParseCell(id, sources, diags);
    } else {
      program = ParseProgram(id, sources, diags);
    }
  }

  // "E0110 2:5 expected a step, found `x`", in order of place.
  std::vector<std::string> Messages() const {
    std::vector<std::string> out;
    for (const diag::Diagnostic& d : diags.Sorted()) {
      const source::LineColumn at = sources.Locate(d.span.source, d.span.begin);
      out.push_back(std::string(d.code()) + " " + std::to_string(at.line) + ":" + std::to_string(at.column) + " " + d.message);
    }
    return out;
  }

  std::vector<std::string> Helps() const {
    std::vector<std::string> out;
    for (const diag::Diagnostic& d : diags.Sorted()) out.insert(out.end(), d.helps.begin(), d.helps.end());
    return out;
  }

  source::SourceManager sources;
  source::SourceId id;
  diag::Diagnostics diags;
  ast::Program program;
  Cell cell;
};

// The first page of the language, which other tests measure.
inline constexpr const char* kTrending = R"sdl(/// The most used words in English tweets, minute by minute.
job trending { delivery exactly_once  on bad dead_letter("tweets.bad") }

param min_length: int = 3

schema Tweet {
  id: int  lang: string?  text: string  created_at: timestamp(ms)
  user: { name: string, followers: int }
}

source tweets: Tweet from kafka("tweets") format json
  time created_at watermark lag 10s idle 30s

stream trending = tweets
  |> where lang == "en"
  |> expand word in words(lower(text))
  |> where length(word) >= min_length
  |> aggregate n = count(), reach = sum(user.followers) by word window tumbling(1m)
  |> top 20 by n per window
  |> select minute = window.start, word, n, reach

sink trending to kafka("trending") key word format json
)sdl";

}  // namespace streamc::parse
