// Every soft word of the grammar can name anything; every reserved one can where a dot or a colon tells it apart.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "test/unit/parse/fixture.h"

namespace streamc::parse {
namespace {

using testing::IsEmpty;

// The words of one rule, read from the grammar, so that a new word is tested without being listed here.
std::vector<std::string> WordsOf(const std::string& rule) {
  std::ifstream file("grammar/Sdl.g4");
  std::stringstream text;
  text << file.rdbuf();
  const std::string grammar = text.str();
  const std::regex head("\n" + rule + "\\s*:");
  std::smatch match;
  if (!std::regex_search(grammar, match, head)) return {};
  const size_t begin = static_cast<size_t>(match.position());
  const std::string body = grammar.substr(begin, grammar.find(';', begin) - begin);
  std::vector<std::string> words;
  const std::regex word("'([a-z_]+)'");
  for (auto it = std::sregex_iterator(body.begin(), body.end(), word); it != std::sregex_iterator(); ++it) {
    words.push_back((*it)[1]);
  }
  return words;
}

std::string Fill(std::string text, const std::string& word) {
  for (size_t at; (at = text.find('#')) != std::string::npos;) text.replace(at, 1, word);
  return text;
}

// `#` stands for the word, in every place that takes a name.
constexpr const char* kSoftPlaces[] = {
    "param #: int = 1",
    "schema # { #: int, a: # }",
    "source #: # from #(\"t\", #: 1) format # key #: # time # watermark lag # idle # start # on bad -> # on null #(1)",
    "source s: T from f() start at # time # idle #",
    "table #: T key #, # from f() refresh every # history #",
    "stream # = # |> where # |> where # == # and # in # or # is null",
    "stream # = merge #, # |> tap",
    "stream s = # |> set # = #, #.# = # |> select #, # = #, #.*, #.#.* |> drop # |> rename # as #, # as #",
    "stream s = # |> expand # in # |> expand outer # in # |> check # else \"x\"",
    "stream s = # |> aggregate # = #(), # = #(#) by #, # = # window #(#)",
    "stream s = # |> aggregate@# # = #(# where #) by # keep # emit changes every #",
    "stream s = # |> aggregate # = #() window #(1) late # on late -> # emit final",
    "stream s = # |> aggregate was \"a/b\" # = #() |> aggregate@# was \"a/b\", \"c/d\" #.# = # |> top was \"a/b\" # by #",
    "stream s = # |> rolling # = # by # over # |> rolling@# # = # by # over # rows keep # ordered",
    "stream s = # |> top # by #, # asc per #, # keep # with ties |> top@# # by # desc",
    "stream s = # |> dedup by # within # |> dedup@# by #, # = # window #(#) |> dedup by # keep #",
    "stream s = # |> latest by # order # delete when # keep # |> latest@# by #",
    "stream s = # |> join # on # |> left join@# # as # on # == #.# between # and # on late -> #",
    "stream s = # |> full join # as # on # keep # |> semi join # on # window #()",
    "stream s = # |> lookup # as # on #, # as of time else drop |> lookup # on # else null",
    "stream s = # |> fold # { #: int = # } by # keep # ordered { on row { let # = #; #.# += #; # = # } }",
    "stream s = # |> fold@# # { #: # } by # { on timer # { emit #, # = # if # { cancel # } for # in # { timer # at # } } }",
    "stream s = # |> pattern@# by # within # { #: # some #: # maybe #: # no #: # }",
    "stream s = # |> route { when # -> # when # -> # else -> # }",
    "stream s = # |> tap sample # in #",
    "sink # to #(#) key #, # value # headers # partition # timestamp # format # delete when # delivery #",
    "sink #@#: # to #()",
    "mirror # from #() to #() where #",
    "fn #(#: #, #: #) -> # = # + #(#, #)",
    "fn #() -> # { let # = #; # }",
    "agg #(#: #) -> # { state { #: # } add { # += # } remove { #.# -= # } merge # { # = # } result = # }",
    "job # { delivery # commit every # key_groups 8 home # on bad -> # #: # }",
    "cluster # { #: #, #.#: # }",
    "test \"t\" { param # = # feed # [{ #: # }] expect # none expect # late [] expect # [] wait # restart instances 2 crash }",
    "stream s = a |> set x = if # { # } else { # }, y = if let # = # { # } else { # }, z = match # { # -> #, else -> # }",
    "stream s = a |> set x = map(#, # -> #), y = reduce(#, (#, #) -> #), z = #?.#[#] ?? #",
};

TEST(SoftWordTest, CanNameAnything) {
  const std::vector<std::string> words = WordsOf("soft");
  ASSERT_GT(words.size(), 100u);
  for (const std::string& word : words) {
    for (const char* place : kSoftPlaces) {
      const Parsed parsed(Fill(place, word));
      EXPECT_THAT(parsed.Messages(), IsEmpty()) << Fill(place, word);
      EXPECT_THAT(FindGrammarConflicts(parsed.id, parsed.sources), IsEmpty()) << Fill(place, word);
    }
  }
}

TEST(SoftWordTest, ReservedWordsCanBehindDotsAndBeforeColons) {
  const std::vector<std::string> words = WordsOf("reserved");
  ASSERT_EQ(words.size(), 13u);
  for (const std::string& word : words) {
    for (const char* place : {"schema S { #: int }", "stream s = a |> set x = b.#, y.# = { #: 1 } |> rename c as #",
                              "stream s = a |> aggregate@# n = f(#: 1)", "stream s = `#` |> where `#`.#"}) {
      const Parsed parsed(Fill(place, word));
      EXPECT_THAT(parsed.Messages(), IsEmpty()) << Fill(place, word);
      EXPECT_THAT(FindGrammarConflicts(parsed.id, parsed.sources), IsEmpty()) << Fill(place, word);
    }
  }
}

}  // namespace
}  // namespace streamc::parse
