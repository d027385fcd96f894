#include "test/unit/sema/harness.h"

#include "compiler/diag/render.h"

namespace streamc::sema {

Checked CheckText(const std::string& text, const SemaOptions& options) {
  source::SourceManager sources;
  diag::Diagnostics diags;
  const source::SourceId id = sources.Add("test.sdl", text);
  const ast::Program program = parse::ParseProgram(id, sources, diags);
  Checked checked;
  checked.program = CheckProgram(program, sources, diags, options);
  for (const diag::Diagnostic& each : diags.Sorted()) checked.codes.emplace_back(each.code());
  if (checked.program) checked.typed = PrintTyped(*checked.program);
  checked.text = diag::RenderText(diags, sources);
  return checked;
}

std::string WithSource(const std::string& declarations) {
  return R"(
job j { on bad drop }
source s: {
  id: int  name: string?  price: decimal(10, 2)  ratio: float  tags: list<string>  at: timestamp(ms)  day: date
  took: duration  kind: enum { view, click }  user: { name: string, age: int?, home: { city: string }? }?
} from kafka("s")
  time at watermark lag 10s
)" + declarations;
}

std::string WithSteps(const std::string& steps) {
  return WithSource("stream x = s\n" + steps + "\n");
}

}  // namespace streamc::sema
