// What the addon and the tests call: one set of kernels for each level.
#pragma once

#include <cstdint>

namespace resnet {

/** One set of kernels. */
struct Level {
  const char *name;
  /** Whether this processor runs it. */
  bool (*isSupported)();
  /** Does chunks of the job that the control block in memory names, see `native` in assembly/threads.ts. `bytes`: how long the memory is now. */
  int32_t (*take)(char *memory, uint64_t bytes, int32_t left);
};

/** All levels of this build, the best first; ends with one without a name. */
extern const Level levels[];

}  // namespace resnet
