// Which levels this build has, and which the processor runs.

#include "level.hpp"

namespace avx512 {
int32_t take(char *, uint64_t, int32_t);
}
namespace avx2 {
int32_t take(char *, uint64_t, int32_t);
}
namespace neon {
int32_t take(char *, uint64_t, int32_t);
}

namespace resnet {

#if defined(__x86_64__)

// Both also ask whether the operating system keeps the registers.
static bool hasAvx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("fma");
}
static bool hasAvx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

const Level levels[] = {{"avx512", hasAvx512, avx512::take}, {"avx2", hasAvx2, avx2::take}, {nullptr, nullptr, nullptr}};

#elif defined(__aarch64__)

static bool always() { return true; }

const Level levels[] = {{"neon", always, neon::take}, {nullptr, nullptr, nullptr}};

#else
#error "levels.cpp: this build must be for x86-64 or arm64"
#endif

}  // namespace resnet
