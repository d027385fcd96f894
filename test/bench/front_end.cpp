// Text to typed program: the first time in a process and warm.
//
//   front_end PROGRAM.sdl [ROUNDS=50]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "compiler/driver/compilation.h"

using namespace streamc;

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "front_end PROGRAM.sdl [ROUNDS]\n");
    return 64;
  }
  const int rounds = argc > 2 ? std::max(2, std::atoi(argv[2])) : 50;
  std::vector<double> milliseconds;
  for (int round = 0; round < rounds; ++round) {
    driver::Compilation compilation({});
    std::string problem;
    if (!compilation.LoadFile(argv[1], &problem) || compilation.Check() == nullptr) {
      std::fprintf(stderr, "front_end: %s does not compile %s\n", argv[1], problem.c_str());
      return 1;
    }
    double sum = 0;
    for (const driver::PhaseTime& time : compilation.times()) sum += time.milliseconds;
    milliseconds.push_back(sum);
  }
  const double first = milliseconds.front();
  std::sort(milliseconds.begin(), milliseconds.end());
  std::printf("text to typed program: first %.2f ms, warm median %.2f ms, least %.2f ms\n", first, milliseconds[milliseconds.size() / 2],
              milliseconds.front());
  return 0;
}
