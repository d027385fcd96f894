// A program from its text to its typed form, for unit tests of the phases behind the checker.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "compiler/diag/render.h"
#include "compiler/parse/parse.h"
#include "compiler/plan/plan.h"
#include "compiler/sema/sema.h"

namespace streamc::testing {

struct CompiledText {
  source::SourceManager sources;
  diag::Diagnostics diags;
  ast::Program ast;
  std::optional<typed::Program> program;

  // The program must be right; what is reported otherwise is shown.
  explicit CompiledText(const std::string& text) {
    const source::SourceId id = sources.Add("job.sdl", text);
    ast = parse::ParseProgram(id, sources, diags);
    program = sema::CheckProgram(ast, sources, diags);
    for (const diag::Diagnostic& each : diags.Sorted()) {
      if (each.severity() == diag::Severity::Error) ADD_FAILURE() << each.code() << ": " << each.message << "\n" << text;
    }
  }
  plan::Plan Plan(const plan::PlanOptions& options = {}) const { return plan::BuildPlan(*program, options); }
};

// What every program below begins with.
inline const std::string kTweets = R"(
job sample { delivery at_least_once  on bad dead_letter("tweets.bad") }
schema Tweet {
  id: int  lang: string?  text: string  score: float  created_at: timestamp(ms)
  user: { name: string, followers: int }
  place: { city: string, zip: string? }?
}
source tweets: Tweet from kafka("tweets") time created_at watermark lag 10s
)";

// Programs that between them use every operator.
inline const std::vector<std::string> kPrograms = {
    kTweets + R"(
param min_length: int = 3
stream trending = tweets
  |> where lang == "en"
  |> expand word in words(lower(text))
  |> where length(word) >= min_length
  |> aggregate n = count(), reach = sum(user.followers) by word window tumbling(1m)
  |> top 20 by n per window
  |> select minute = window.start, word, n, reach
sink trending to kafka("trending") key word
)",
    kTweets + R"(
stream clean = tweets |> where lang == "en" and id > 0 |> check text != "" else "text.empty" |> set text = trim(text)
stream names = clean |> select id, name = user.name
stream cities = clean |> where place is not null |> select id, city = place.city, long = length(text) > 10
sink names to kafka("names") key id
sink cities to kafka("cities.{city}") key id headers { origin: "job" }
)",
    kTweets + R"(
stream counts = tweets |> aggregate n = count(), last_text = last(text) by lang = lang ?? "none" keep 1h
stream busy = counts |> where n > 1 |> select lang, n
stream log = counts |> as rows |> where change.kind == "insert" |> select lang, n
sink busy to kafka("busy")
sink log to kafka("log")
)",
    kTweets + R"(
schema User { name: string  team: string }
table users: User key name from file("users.jsonl")
stream other = tweets |> where id % 2 == 1
stream both = merge tweets, other |> lookup users as u on user.name else null |> where u is not null |> select id, team = u.team
stream strict = tweets |> lookup users as u on user.name else "unknown.user" |> select id, team = u.team
sink both to kafka("both")
sink strict to kafka("strict")
)",
    kTweets + R"(
stream hourly = tweets
  |> aggregate n = count(), firsts = first(text), best = max(score) by name = user.name
     window hopping(1h, every: 10m) late 5m on late -> stragglers emit changes every 1s
stream total = hourly |> aggregate sum_n = sum(n), names = count() by hour = window.start keep 1d
sink hourly to kafka("hourly")
sink total to kafka("total")
stream shown = stragglers |> select id, text
sink shown to kafka("late")
)",
    R"(
job routes { delivery at_least_once  on bad drop }
source a: { x: int, y: string? } from kafka("a") key k: string on bad -> broken
source b: { x: int, y: string? } from kafka("b")
stream low = a |> where x < 10 |> select x, y
stream all = merge low, b |> where y in ["u", "v"] |> tap sample 1 in 10
stream why = broken |> select code, offset
sink all to kafka("all") value meta.value
sink why to kafka("why")
)",
};

}  // namespace streamc::testing
