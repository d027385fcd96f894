// main of a compiled job: the job module exports its descriptor, everything else is the runtime.
#include "runtime/abi/abi.h"
#include "runtime/engine/job_main.h"

extern "C" const ScJob streamc_job;

int main(int argc, char** argv) {
  return streamc::rt::engine::RunJobMain(&streamc_job, argc, argv);
}
