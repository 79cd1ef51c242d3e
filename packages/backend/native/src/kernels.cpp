// The jobs of one level. Compiled once for each, with RESNET_LEVEL its name and RESNET_WIDTH the floats of its vectors.

#include "jobs.hpp"
#include "level.hpp"

namespace RESNET_LEVEL {

using resnet::Job;
using resnet::NATIVE_FINISHED;
using resnet::NATIVE_REFUSED;
using resnet::Scratch;

static thread_local Scratch scratch;

static int32_t *word(char *memory, int32_t address) { return reinterpret_cast<int32_t *>(memory + address); }
static int32_t current(char *memory, int32_t address) { return __atomic_load_n(word(memory, address), __ATOMIC_SEQ_CST); }

/** Does chunks as `take`. Whoever has a chunk that is not done keeps the job, its arguments and its number from changing. */
template <class Arguments> static int32_t takeJob(char *base, uint64_t bytes, int32_t left) {
  const int32_t chunks = current(base, resnet::CHUNKS), serial = current(base, resnet::SERIAL);
  // A copy: what was checked must be what is used.
  Arguments arguments;
  memcpy(&arguments, base + resnet::ARGUMENTS, sizeof arguments);
  Memory memory(base, bytes);
  memory.require(chunks > 0 && left <= chunks);
  const Plan<Arguments> plan(arguments, memory, chunks > 0 ? chunks : 1);
  float *room = memory.valid() ? scratch.floats(plan.scratch) : nullptr;
  if (!room) return NATIVE_REFUSED;
  if (left == 0) {
    for (int32_t chunk = 0; chunk < chunks; chunk++) plan(chunk, room);
    return NATIVE_FINISHED;
  }
  while (true) {
    plan(chunks - left, room);
    if (__atomic_add_fetch(word(base, resnet::DONE), 1, __ATOMIC_SEQ_CST) == chunks) return NATIVE_FINISHED;
    left = __atomic_fetch_sub(word(base, resnet::REMAINING), 1, __ATOMIC_SEQ_CST);
    if (left <= 0) return 0;
    if (current(base, resnet::SERIAL) != serial) return left;
  }
}

/** One job: like `take`, but also returns a chunk of another job that came meanwhile. `known`: whether the level has it. */
static int32_t takeOne(char *base, uint64_t bytes, int32_t left, bool &known) {
#define JOB(NAME) \
  case Job::NAME: return takeJob<resnet::NAME>(base, bytes, left)
  switch ((Job)*word(base, resnet::JOB)) {
    JOB(WinogradFilterTransform);
    JOB(WinogradForward);
    JOB(WinogradFilterGradient);
    JOB(WinogradBackward);
    JOB(WinogradFilterGradientFinish);
    JOB(PackFilter);
    JOB(ImplicitGemm);
    JOB(ImplicitGemmFilterGradient);
    JOB(ImplicitGemmFilterGradientFinish);
    JOB(NormStatistics);
    JOB(NormApply);
    JOB(NormGradientSums);
    JOB(NormGradientApply);
    JOB(Relu);
    JOB(ReluGradient);
    JOB(MaxPool);
    JOB(MaxPoolGradient);
    JOB(AveragePool);
    JOB(AveragePoolGradient);
    JOB(SpatialSum);
    default:
      known = false;
      return left ? left : 1;
  }
#undef JOB
}

int32_t take(char *base, uint64_t bytes, int32_t left) {
  bool known = true;
  do left = takeOne(base, bytes, left, known);
  while (known && left > 0);
  return left;
}

}  // namespace RESNET_LEVEL
