// What a job may touch: the shared memory, checked once for each job, and scratch of the thread.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace resnet {

/** How many floats a tensor of these sizes has; -1 where one is negative or the product does not fit. */
template <class... Sizes> inline int64_t volume(Sizes... sizes) {
  int64_t product = 1;
  for (const int64_t size : {(int64_t)sizes...})
    if (size < 0 || __builtin_mul_overflow(product, size, &product)) return -1;
  return product;
}

/** The shared memory as it is now. Pointers are offsets in bytes, 0 is none. */
class Memory {
 public:
  Memory(char *base, uint64_t bytes) : base_(base), bytes_(bytes) {}

  /** Where `count` floats lie. Outside of the memory, or not aligned: `nullptr`, and `valid` is false from then on. */
  float *floats(uint32_t pointer, int64_t count) {
    const bool fits = count >= 0 && pointer && pointer % 4 == 0 && pointer <= bytes_ && (uint64_t)count <= (bytes_ - pointer) / 4;
    valid_ = valid_ && fits;
    return fits ? reinterpret_cast<float *>(base_ + pointer) : nullptr;
  }

  /** The same where there may be none. */
  float *optional(uint32_t pointer, int64_t count) { return pointer ? floats(pointer, count) : nullptr; }

  /** Notes what else must hold of the arguments. */
  void require(bool holds) { valid_ = valid_ && holds; }

  /** Whether all that was asked for exists. */
  bool valid() const { return valid_; }

 private:
  char *base_;
  uint64_t bytes_;
  bool valid_ = true;
};

/** Memory of one thread that jobs use while they run. It grows, and goes with the thread. */
class Scratch {
 public:
  ~Scratch() { release(); }

  /** Room for `count` floats, aligned to lines of the cache; what it holds is undefined. `nullptr` if there is no memory. */
  float *floats(size_t count) {
    if (count > count_ || !memory_) {
      release();
      // A vector more, which loads of whole vectors may touch.
      memory_ = calloc(count + 32, sizeof(float));
      count_ = memory_ ? count : 0;
    }
    return memory_ ? reinterpret_cast<float *>(((uintptr_t)memory_ + 63) & ~(uintptr_t)63) : nullptr;
  }

 private:
  void release() {
    free(memory_);
    memory_ = nullptr;
    count_ = 0;
  }

  void *memory_ = nullptr;
  size_t count_ = 0;
};

}  // namespace resnet
