// A shared memory as the jobs know it, with tensors that have forbidden ground between them.
#pragma once

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "contract.h"
#include "reference.hpp"
#include "level.hpp"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(at, size) (void)(at), (void)(size)
#define ASAN_UNPOISON_MEMORY_REGION(at, size) (void)(at), (void)(size)
#endif



/** Memory for one test. Bytes between tensors have a pattern; a kernel that writes there is found by `intact`, one that reads there by the sanitizer. */
class Arena {
 public:
  explicit Arena(size_t bytes) : bytes_(bytes), base_(static_cast<char *>(aligned_alloc(4096, bytes))), top_(resnet::HEAP) {
    memset(base_, 0, resnet::HEAP);
    memset(base_ + top_, PATTERN, bytes_ - top_);
    ASAN_POISON_MEMORY_REGION(base_ + top_, bytes_ - top_);
  }
  ~Arena() {
    ASAN_UNPOISON_MEMORY_REGION(base_, bytes_);
    free(base_);
  }
  Arena(const Arena &) = delete;

  /** Room for floats that are NaN until a kernel writes them. */
  uint32_t room(size_t count) {
    const uint32_t pointer = top_;
    top_ += (uint32_t)((count * 4 + GUARD + 63) / 64 * 64);
    if (top_ > bytes_) abort();
    tensors_.push_back({pointer, pointer + (uint32_t)count * 4});
    ASAN_UNPOISON_MEMORY_REGION(base_ + pointer, count * 4);
    memset(base_ + pointer, 0xff, count * 4);
    return pointer;
  }
  uint32_t put(const Values &values) {
    const uint32_t pointer = room(values.size());
    memcpy(base_ + pointer, values.data(), values.size() * 4);
    return pointer;
  }
  Values get(uint32_t pointer, size_t count) const {
    Values values(count);
    memcpy(values.data(), base_ + pointer, count * 4);
    return values;
  }

  /** Does a job of `chunks` on `threads` as assembly/threads.ts does. Returns whether it was done. */
  template <class Arguments> bool run(const resnet::Level &level, resnet::Job job, int chunks, const Arguments &arguments, int threads = 1) {
    memset(base_ + resnet::ARGUMENTS, 0, resnet::MAX_ARGUMENTS * 4);
    memcpy(base_ + resnet::ARGUMENTS, &arguments, sizeof arguments);
    set(resnet::JOB, (int)job);
    set(resnet::CHUNKS, chunks);
    if (threads == 1) return level.take(base_, bytes_, 0) == resnet::NATIVE_FINISHED;
    set(resnet::DONE, 0);
    set(resnet::SERIAL, get(resnet::SERIAL) + 1);
    set(resnet::REMAINING, chunks);
    const auto work = [&] {
      const int left = __atomic_fetch_sub(reinterpret_cast<int32_t *>(base_ + resnet::REMAINING), 1, __ATOMIC_SEQ_CST);
      if (left > 0) level.take(base_, bytes_, left);
    };
    std::vector<std::thread> others;
    for (int i = 1; i < threads; i++) others.emplace_back(work);
    work();
    for (std::thread &other : others) other.join();
    return get(resnet::DONE) == chunks;
  }

  /** Whether nothing was written between tensors. */
  bool intact() const {
    ASAN_UNPOISON_MEMORY_REGION(base_ + resnet::HEAP, bytes_ - resnet::HEAP);
    uint32_t at = resnet::HEAP;
    for (const auto &[from, to] : tensors_) {
      for (; at < from; at++)
        if (base_[at] != PATTERN) return false;
      at = to;
    }
    for (; at < top_; at++)
      if (base_[at] != PATTERN) return false;
    return true;
  }

 private:
  static constexpr char PATTERN = 0x55;
  static constexpr size_t GUARD = 128;

  void set(int32_t address, int32_t value) { memcpy(base_ + address, &value, 4); }
  int32_t get(int32_t address) const {
    int32_t value;
    memcpy(&value, base_ + address, 4);
    return value;
  }

  size_t bytes_;
  char *base_;
  uint32_t top_;
  std::vector<std::pair<uint32_t, uint32_t>> tensors_;
};
