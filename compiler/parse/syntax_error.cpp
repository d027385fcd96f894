#include "compiler/parse/syntax_error.h"

#include <algorithm>
#include <cctype>

#include "compiler/parse/scan.h"
#include "compiler/support/text.h"

namespace streamc::parse {
namespace {

using antlr4::Token;
using diag::DiagId;
using source::Span;

struct ForeignWord {
  enum class Place { Decl, Step, Expr };
  Place place;
  std::string_view word;
  std::string_view help;
};
constexpr ForeignWord kForeignWords[] = {
#define FOREIGN(place, word, help) {ForeignWord::Place::place, word, help},
#include "compiler/parse/foreign.def"
#undef FOREIGN
};

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string JoinPhrases(const std::vector<std::string>& phrases) {
  std::string out;
  for (size_t i = 0; i < phrases.size(); ++i) {
    if (i > 0) out += i + 1 == phrases.size() ? " or " : ", ";
    out += phrases[i];
  }
  return out;
}

// The unit of durations that a word of other languages stands for; empty when it is none.
std::string_view DurationUnit(std::string_view word) {
  struct Spelling {
    std::string_view word, unit;
  };
  static constexpr Spelling kSpellings[] = {
      {"us", "us"},     {"micros", "us"}, {"ms", "ms"},   {"millis", "ms"}, {"msec", "ms"}, {"s", "s"},    {"sec", "s"},
      {"secs", "s"},    {"second", "s"},  {"m", "m"},     {"min", "m"},     {"mins", "m"},  {"minute", "m"}, {"h", "h"},
      {"hr", "h"},      {"hour", "h"},    {"d", "d"},     {"day", "d"},     {"seconds", "s"}, {"minutes", "m"},
      {"hours", "h"},   {"days", "d"},    {"hrs", "h"},
  };
  for (const Spelling& spelling : kSpellings) {
    if (ToLower(word) == spelling.word) return spelling.unit;
  }
  return {};
}

class Reporter {
 public:
  Reporter(SdlParser& parser, const LexedSource& source, const Failure& failure, diag::Diagnostics& diags)
      : parser_(parser), source_(source), failure_(failure), diags_(diags) {}

  FailureReport Report() {
    const size_t limit = failure_.next_declaration.value_or(source_.count());
    expected_ = FindExpectation(parser_, failure_.position, source_, failure_.first, limit);
    at_ = expected_.token;
    const bool explained = ReportText() || ReportBracket() || ReportOperator() || ReportMissingPipe() || ReportForeignWord();
    if (!explained) ReportGeneral();
    return {at_, is_closed_};
  }

 private:
  std::string_view Found() const { return source_.TextAt(at_); }
  std::string_view Before() const { return at_ > failure_.begin ? source_.TextAt(at_ - 1) : std::string_view(); }
  Span Here() const { return source_.SpanOf(source_.At(at_)); }
  bool AtEnd() const { return source_.At(at_)->getType() == Token::EOF; }
  bool Touches(size_t left, size_t right) const { return source_.Touches(source_.At(left), source_.At(right)); }

  bool IsExpected(std::string_view text) const {
    const std::string literal = "'" + std::string(text) + "'";
    return std::any_of(expected_.types.begin(), expected_.types.end(),
                       [&](size_t type) { return parser_.getVocabulary().getLiteralName(type) == literal; });
  }
  // A value could stand here; a name alone is not enough.
  bool IsValueExpected() const { return expected_.types.contains(SdlParser::FLOAT); }
  bool IsOperatorExpected() const { return IsExpected("+"); }

  // From here to the end of the line, for what is open to there.
  Span RestOfLine() const {
    Span span = Here();
    for (size_t i = at_; i < source_.count() && (i == at_ || !source_.StartsLine(source_.At(i))); ++i) {
      span.end = std::max(span.end, source_.SpanOf(source_.At(i)).end);
    }
    return span;
  }

  // ---- what the lexer could not read
  bool ReportText() {
    if (IsOneOf(Found(), {"/", "*"}) && ReportUnclosedComment()) return true;
    if (source_.At(at_)->getType() != SdlParser::UNKNOWN) return false;
    if (Found() == "\"" || Found() == "#") return ReportUnclosedString();
    if (Found() == "`") {
      diags_.Report(DiagId::UnclosedName, Here()).Help("a name in back-ticks ends on its own line: `` `a name` ``");
      return true;
    }
    if (Found() == "'" || Found() == "\u2018" || Found() == "\u2019" || Found() == "\u201C" || Found() == "\u201D") {
      diags_.Report(DiagId::ForeignQuote, Here(), Found()).Help("strings stand in double quotes: \"text\"");
      return true;
    }
    if (std::isdigit(static_cast<unsigned char>(Found()[0])) || Found()[0] == '@') return ReportBadNumber();
    return ReportUnknownCharacter();
  }

  bool ReportUnclosedComment() {
    const size_t open = Found() == "/" ? at_ : at_ - 1;
    if (source_.TextAt(open) != "/" || source_.TextAt(open + 1) != "*" || !Touches(open, open + 1)) return false;
    at_ = open;
    is_closed_ = false;
    diags_.Report(DiagId::UnclosedComment, {source_.id(), Here().begin, Here().begin + 2}).Help("close it with `*/`");
    return true;
  }

  bool ReportUnclosedString() {
    const bool raw = Before() == "r" && Touches(at_ - 1, at_);
    if (!raw && Found() == "#") return ReportUnknownCharacter();
    if (raw) --at_;
    const bool hash = raw && source_.TextAt(at_ + 1) == "#";
    is_closed_ = !hash;
    auto report = diags_.Report(DiagId::UnclosedString, RestOfLine());
    if (hash) {
      report.Help("close it with `\"#`");
    } else {
      report.Help("close it with `\"` on the same line; a line end inside is written `\\n`, or use r#\"...\"#");
    }
    return true;
  }

  bool ReportBadNumber() {
    const Span number = Here();
    const Span unit = source_.SpanOf(source_.At(at_ + 1));
    const std::string text = std::string(Found()) + std::string(source_.TextAt(at_ + 1));
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    auto report = diags_.Report(DiagId::BadNumber, source::Join(number, unit), text);
    if (Found()[0] == '@') {
      report.Help("a timestamp is `@2026-01-31` or `@2026-01-31T10:00:00Z`");
    } else if (Found().find('.') != std::string_view::npos) {
      report.Help("durations are whole numbers with a unit: `1h30m`, `1500ms`");
    } else if (const std::string_view meant = DurationUnit(std::string_view(text).substr(digits)); !meant.empty()) {
      report.Help("write `" + text.substr(0, digits) + std::string(meant) + "`");
    } else {
      report.Help("units are `us ms s m h d` for time and `KB MB GB` for sizes; a name starts with a letter");
    }
    return true;
  }

  bool ReportUnknownCharacter() {
    const std::string pair = std::string(Found()) + std::string(source_.TextAt(at_ + 1));
    const bool doubled = Touches(at_, at_ + 1) && (pair == "&&" || pair == "||");
    if (doubled || Found() == "&" || Found() == "|") {
      const Span span = doubled ? source::Join(Here(), source_.SpanOf(source_.At(at_ + 1))) : Here();
      const std::string_view written = doubled ? std::string_view(pair) : Found();
      ReportSpelling(span, written, Found() == "&" ? "and" : "or");
      return true;
    }
    const unsigned char first = static_cast<unsigned char>(Found()[0]);
    const bool control = first < 0x20 || first == 0x7F;
    static constexpr char kHex[] = "0123456789ABCDEF";
    const std::string shown = control ? std::string("U+00") + kHex[first >> 4] + kHex[first & 15] : std::string(Found());
    auto report = diags_.Report(DiagId::UnknownCharacter, Here(), shown);
    if (Found() == "#") report.Help("a comment is `// to the end of the line` or `/* ... */`");
    else report.Help("names have letters, digits and `_`; other text stands in a string, other names in back-ticks");
    return true;
  }

  void ReportSpelling(Span span, std::string_view written, std::string_view meant) {
    diags_.Report(DiagId::ForeignOperator, span, written, meant).Help("write `" + std::string(meant) + "`");
  }

  // ---- brackets
  bool ReportBracket() {
    const bool stops = AtEnd() || failure_.next_declaration || IsCloseBracket(Found()) || Found() == "|>";
    if (!stops) return false;
    std::vector<size_t> open;
    for (size_t i = failure_.begin; i < at_; ++i) {
      if (IsOpenBracket(source_.TextAt(i))) open.push_back(i);
      if (IsCloseBracket(source_.TextAt(i)) && !open.empty()) open.pop_back();
    }
    if (open.empty()) return ReportStrayBracket();
    const std::string_view bracket = source_.TextAt(open.back());
    const std::string_view close = bracket == "(" ? ")" : bracket == "[" ? "]" : "}";
    if (Found() == close) return false;
    // No step stands inside brackets: a `|>` shows where they should have ended, and reading can go on there.
    is_closed_ = Found() == "|>";
    auto report = diags_.Report(DiagId::UnclosedBracket, source_.SpanOf(source_.At(open.back())), bracket);
    if (failure_.next_declaration) report.Label(Here(), "the next declaration starts here");
    if (IsCloseBracket(Found())) report.Label(Here(), "this closes something else");
    report.Help("close it with `" + std::string(close) + "`");
    return true;
  }

  bool ReportStrayBracket() {
    if (!IsCloseBracket(Found())) return false;
    diags_.Report(DiagId::StrayBracket, Here(), Found()).Help("take it away, or open the bracket it should close");
    return true;
  }

  // ---- operators of other languages
  bool ReportOperator() {
    const std::string_view found = Found();
    const std::string_view next = source_.TextAt(at_ + 1);
    if (found == "!" && (IsValueExpected() || IsExpected("not"))) {
      ReportSpelling(Here(), "!", "not");
      return true;
    }
    if (found == ">" && Before() == "<" && Touches(at_ - 1, at_)) {
      ReportSpelling(source::Join(source_.SpanOf(source_.At(at_ - 1)), Here()), "<>", "!=");
      return true;
    }
    if (IsOneOf(found, {"=", "=="}) && IsOneOf(Before(), {"==", "!="}) && Touches(at_ - 1, at_)) {
      const Span span = source::Join(source_.SpanOf(source_.At(at_ - 1)), Here());
      ReportSpelling(span, std::string(Before()) + std::string(found), Before());
      return true;
    }
    if (found == "=" && next == ">" && Touches(at_, at_ + 1)) {
      ReportSpelling(source::Join(Here(), source_.SpanOf(source_.At(at_ + 1))), "=>", "->");
      return true;
    }
    if (IsOneOf(found, {"=", "is"}) && IsExpected("==")) {
      auto report = diags_.Report(DiagId::NotAComparison, Here(), found);
      report.Help(found == "=" ? "equality is `==`" : "equality is `==`; `is` stands only in `is null` and `is not null`");
      return true;
    }
    if (found == "?" && IsOperatorExpected()) {
      diags_.Report(DiagId::ForeignConditional, Here())
          .Help("write `if c { a } else { b }`; `??` gives a default for a missing value");
      return true;
    }
    if (IsOneOf(found, {"==", "!=", "<", "<=", ">", ">=", "in", "is"}) && failure_.in_comparison && IsExpected("and")) {
      diags_.Report(DiagId::ChainedComparison, Here()).Help("compare twice: `a < x and x < b`");
      return true;
    }
    if (found == "." && std::isdigit(static_cast<unsigned char>(next.empty() ? ' ' : next[0])) && Touches(at_, at_ + 1)) {
      const Span span = source::Join(Here(), source_.SpanOf(source_.At(at_ + 1)));
      diags_.Report(DiagId::BadNumber, span, "." + std::string(next)).Help("write `0." + std::string(next) + "`");
      return true;
    }
    return ReportTimestamp();
  }

  bool ReportTimestamp() {
    const bool here = Found() == "@" && IsValueExpected();
    if (!here) return false;
    diags_.Report(DiagId::BadTimestamp, Here(), "it is not written out")
        .Help("a timestamp is `@2026-01-31` or `@2026-01-31T10:00:00Z`");
    return true;
  }

  // ---- words
  bool ReportMissingPipe() {
    const auto& steps = StepWords();
    const bool step = std::find(steps.begin(), steps.end(), Found()) != steps.end();
    if (!step || !IsExpected("|>") || (Found() == "as" && source_.TextAt(at_ + 1) != "rows")) return false;
    diags_.Report(DiagId::MissingPipe, Here(), Found()).Help("write `|> " + std::string(Found()) + "`");
    return true;
  }

  bool ReportForeignWord() {
    if (failure_.next_declaration || !IsNameLike(Found())) return false;
    const std::string word = ToLower(Found());
    const auto place = expected_.phrases == std::vector<std::string>{"a step"} ? ForeignWord::Place::Step
                       : IsExpected("job")                                     ? ForeignWord::Place::Decl
                                                                               : ForeignWord::Place::Expr;
    for (const ForeignWord& foreign : kForeignWords) {
      // Behind a complete expression a declaration could start as well as the expression go on.
      const bool fits = foreign.place == place || (foreign.place == ForeignWord::Place::Expr && IsOperatorExpected());
      if (!fits || foreign.word != word) continue;
      diags_.Report(DiagId::ForeignWord, Here(), Found()).Help(std::string(foreign.help));
      return true;
    }
    return false;
  }

  // ---- everything else
  void ReportGeneral() {
    auto report = diags_.Report(DiagId::UnexpectedToken, Here(), ExpectedText(), FoundText());
    if (failure_.next_declaration) {
      report.Label(Here(), "the next declaration starts here");
    }
    LabelContext(report);
    if (HelpByToken(report) || failure_.next_declaration || !IsNameLike(Found())) return;
    if (HasPhrase("a name")) {
      report.Help("`" + std::string(Found()) + "` is a reserved word; in back-ticks it can be a name");
    } else if (const auto nearest = support::FindNearest(Found(), ExpectedWords())) {
      report.Help("did you mean `" + *nearest + "`?");
    } else {
      HelpByPlace(report);
    }
  }

  bool HasPhrase(std::string_view phrase) const {
    return std::find(expected_.phrases.begin(), expected_.phrases.end(), phrase) != expected_.phrases.end();
  }

  std::string ExpectedText() const {
    std::vector<std::string> phrases = expected_.phrases;
    // A bare sign that goes without saying where a clearer way on exists.
    const auto drop = [&](std::string_view phrase) {
      if (phrases.size() > 1) std::erase(phrases, phrase);
    };
    drop("`!`");
    drop("`.`");
    if (HasPhrase("a declaration")) {
      // What may follow a complete declaration is said in two words.
      std::erase_if(phrases, [](const std::string& p) { return p == "a declaration" || p == "the end" || p == "`;`"; });
      phrases.push_back(at_ == failure_.begin ? "a declaration" : "the next declaration");
    }
    if (IsNameLike(Found()) && IsOperatorExpected() && phrases.size() < 5) phrases.insert(phrases.begin(), "an operator");
    return JoinPhrases(phrases);
  }

  std::string FoundText() const {
    if (AtEnd()) return "the end of the text";
    std::string text(Found());
    if (text.size() > 40 || text.find('\n') != std::string::npos) {
      text = text.substr(0, std::min<size_t>(text.find('\n'), 36));
      while (!text.empty() && support::FindInvalidUtf8(text)) text.pop_back();
      text += "...";
    }
    return "`" + text + "`";
  }

  std::vector<std::string> ExpectedWords() const {
    std::vector<std::string> words;
    for (const size_t type : expected_.types) {
      const std::string literal = parser_.getVocabulary().getLiteralName(type);
      if (literal.size() > 2 && std::isalpha(static_cast<unsigned char>(literal[1]))) {
        words.push_back(literal.substr(1, literal.size() - 2));
      }
    }
    return words;
  }

  // Names the step or declaration that is being read, when it began somewhere else.
  void LabelContext(diag::Builder& report) const {
    const size_t lead = failure_.step.value_or(failure_.begin);
    if (lead == at_ || !IsNameLike(source_.TextAt(lead))) return;
    const std::string word(source_.TextAt(lead));
    report.Label(source_.SpanOf(source_.At(lead)), "in this `" + word + "`");
  }

  // Mistakes that the found token and its neighbours tell. True when one was.
  bool HelpByToken(diag::Builder& report) const {
    const std::string before(Before());
    const std::string found(Found());
    const std::string lead(source_.TextAt(failure_.step.value_or(failure_.begin)));
    const auto help = [&](std::string text) {
      report.Help(std::move(text));
      return true;
    };
    const bool after_int = at_ > 0 && source_.At(at_ - 1)->getType() == SdlParser::INT;
    if (after_int && !DurationUnit(found).empty()) return help("write `" + before + std::string(DurationUnit(found)) + "`");
    if (after_int && IsOneOf(found, {"KB", "MB", "GB"})) return help("write `" + before + found + "`");
    if (before == "is" && IsOneOf(ToLower(found), {"none", "nil", "undefined", "na"})) {
      return help("a value that may be missing is tested with `is null` or `is not null`");
    }
    if (before == "is") return help("equality is `==`; `is` stands only in `is null` and `is not null`");
    if (before == "not" && found == "null") return help("write `is not null`");
    if (found == "," && IsExpected(")")) return help("a list stands in square brackets: `[a, b]`");
    if (found == "(" && lead == "aggregate" && IsExpected("=")) return help("give it a name: `n = " + before + "()`");
    if (found == "|>" && at_ > 0 && source_.TextAt(at_ - 1) == ";")
      return help("take away the `;` before it: it ends the stream");
    if (found == ">=" && IsExpected(">")) return help("put a blank between `>` and `=`");
    if (lead == "fn" && IsExpected("->"))
      return help("the result type stands before the body: `fn name(a: int) -> int = a + 1`");
    if (HasPhrase("`;`") && !HasPhrase("a declaration") && !IsExpected("|>")) return help("`let` ends with `;`");
    if (HelpBySqlHabit(report, before, found, lead)) return true;
    if (lead == "stream" && IsExpected(",") && source_.TextAt(failure_.begin + 3) == "merge" && !IsExpected("|>")) {
      return help("`merge` puts two or more streams together: `merge a, b`");
    }
    if (lead == "job" && before == "key_groups") return help("the number is written out, it never changes: `key_groups 64`");
    if (lead == "job" && IsExpected(":")) {
      if (const auto word = support::FindNearest(before, {"delivery", "commit", "key_groups", "home"}))
        return help("did you mean `" + *word + "`?");
    }
    return false;
  }

  // What people write who come from SQL or from Python. True when it was one of these.
  bool HelpBySqlHabit(diag::Builder& report, const std::string& before, const std::string& found, const std::string& lead) const {
    const auto help = [&](std::string text) {
      report.Help(std::move(text));
      return true;
    };
    const std::string_view two_before = at_ > failure_.begin + 1 ? source_.TextAt(at_ - 2) : std::string_view();
    if (found == "-" && source_.TextAt(at_ + 1) == "-" && Touches(at_, at_ + 1)) return help("a comment is `// to the end of the line` or `/* ... */`");
    if (found == "*" && before == "*" && Touches(at_ - 1, at_)) return help("a power is `pow(x, 2)`");
    if (found == "*" && before == "select") {
      return help("without a `select` all columns stay; one of them more is `set a = e`, one less `drop a`; all fields of a record are `r.*`");
    }
    if (found == "*" && before == "(") return help("`count()` counts the rows, `count(where e)` those that pass");
    if (found == "as" && IsExpected(")")) return help("a value is read as another type by a function: `to_int(s)`, `to_float(s)`, `to_string(x)`");
    if (found == "as" && IsExpected("|>")) return help("the name stands first: `" + std::string(source_.TextAt(at_ + 1)) + " = " + before + "`");
    if (before == "distinct") return help("rows are made distinct by their key: `aggregate first_at = first(at) by key window tumbling(1m)`");
    if (before == "case") return help("write `if c { a } else { b }` or `match x { \"a\" -> 1, else -> 0 }`");
    if (before == "lambda") return help("a lambda is `x -> length(x)`");
    if (found == "(" && two_before == "." && IsNameLike(before)) {
      return help("functions stand before their values: `f(x, y)`, not `x.f(y)`");
    }
    if (found == "late" && lead == "aggregate") return help("`late` belongs to a window: `window tumbling(1m) late 30s`");
    if (lead == "top" && HasPhrase("`by`")) return help("say by what they are the greatest: `top 10 by n per window`");
    if (found == "by" && IsExpected("=") && lead == "aggregate") {
      return help("columns of an aggregate have a name and sum up: `n = count()`; what it groups by stands after `by`");
    }
    if (before == "emit") return help("`emit final` sends each result once, `emit changes` corrects it as rows come");
    if (before == "watermark") return help("`watermark lag 10s` waits ten seconds for stragglers");
    if (IsExpected("(") && IsOneOf(two_before, {"bad", "null", "late"})) {
      return help("actions are `drop`, `stop`, `dead_letter(\"topic\")` and `-> stream`");
    }
    if (found == "-" && IsOneOf(before, {"exactly", "at"})) return help("names have no `-`: `exactly_once`, `at_least_once`");
    if (lead == "select" && IsExpected(",") && IsNameLike(found)) return help("columns are parted by `,`");
    return false;
  }

  void HelpByPlace(diag::Builder& report) const {
    if (HasPhrase("a step")) report.Help("the steps are " + support::JoinWords(StepWords(), "and"));
    if (expected_.phrases.front() == "a declaration") {
      report.Help("a declaration starts with " + support::JoinWords(DeclarationWords(), "or"));
    }
    if (HasPhrase("a source clause")) {
      report.Help("clauses are `format`, `key`, `time`, `watermark`, `idle`, `start`, `on bad` and `on null`");
    }
    if (HasPhrase("a sink clause")) {
      report.Help("clauses are `key`, `value`, `headers`, `partition`, `timestamp`, `format`, `delete when` and `delivery`");
    }
    if (HasPhrase("a job setting")) report.Help("settings are `delivery`, `commit every`, `on bad` and `home`");
    if (HasPhrase("a test statement")) {
      report.Help("statements are `feed`, `expect`, `wait`, `param`, `start at`, `crash` and `restart`");
    }
  }

  SdlParser& parser_;
  const LexedSource& source_;
  const Failure& failure_;
  diag::Diagnostics& diags_;
  Expectation expected_;
  size_t at_ = 0;
  bool is_closed_ = true;
};

}  // namespace

FailureReport ReportSyntaxError(SdlParser& parser, const LexedSource& source, const Failure& failure,
                                diag::Diagnostics& diags) {
  return Reporter(parser, source, failure, diags).Report();
}

}  // namespace streamc::parse
