#include <iomanip>
#include <iostream>

#include "compiler/diag/render.h"
#include "compiler/driver/options.h"

namespace streamc::driver {

bool Load(Compilation& compilation, const Options& options) {
  std::string problem;
  if (compilation.LoadFile(options.file, &problem)) return true;
  std::cerr << "streamc: " << problem << "\n";
  return false;
}

bool Finish(Compilation& compilation, const Options& options) {
  if (options.json_diagnostics) {
    std::cout << diag::RenderJson(compilation.diagnostics(), compilation.sources());
  } else {
    std::cerr << diag::RenderText(compilation.diagnostics(), compilation.sources());
  }
  if (options.time_phases) {
    double sum = 0;
    for (const PhaseTime& time : compilation.times()) {
      sum += time.milliseconds;
      std::cerr << std::left << std::setw(12) << time.phase << std::right << std::fixed << std::setprecision(2) << std::setw(9)
                << time.milliseconds << " ms\n";
    }
    std::cerr << std::left << std::setw(12) << "all" << std::right << std::setw(9) << sum << " ms\n";
  }
  return !compilation.diagnostics().has_errors();
}

}  // namespace streamc::driver
