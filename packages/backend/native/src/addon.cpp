// The kernels as a Node-API addon.
//
//   levels(): string[]                    the levels that this processor runs, best first
//   load(memory: Int32Array, level): take  for one shared memory; take(left, pages): number is `native` of assembly/threads.ts
//
// There is no state but what `take` is bound to, so that any thread may load the addon and any number of memories may be in use.

#include <node_api.h>

#include <cstdlib>
#include <cstring>

#include "level.hpp"

namespace {

/** What a `take` is bound to. */
struct Binding {
  const resnet::Level *level;
  char *memory;
};

napi_value fail(napi_env env, const char *message) {
  napi_throw_type_error(env, nullptr, message);
  return nullptr;
}

napi_value take(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  void *data;
  int32_t left = 0;
  uint32_t pages = 0;
  napi_get_cb_info(env, info, &count, arguments, nullptr, &data);
  if (count < 2 || napi_get_value_int32(env, arguments[0], &left) != napi_ok || napi_get_value_uint32(env, arguments[1], &pages) != napi_ok || left < 0)
    return fail(env, "take: left and pages must be whole numbers. Pass a chunk and the length of the memory.");
  const Binding *binding = static_cast<Binding *>(data);
  napi_value answer;
  napi_create_int32(env, binding->level->take(binding->memory, uint64_t{pages} << 16, left), &answer);
  return answer;
}

const resnet::Level *levelOf(napi_env env, napi_value name) {
  char text[16];
  if (napi_get_value_string_utf8(env, name, text, sizeof text, nullptr) != napi_ok) return nullptr;
  for (const resnet::Level *level = resnet::levels; level->name; level++)
    if (strcmp(level->name, text) == 0) return level->isSupported() ? level : nullptr;
  return nullptr;
}

napi_value load(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  napi_typedarray_type type;
  void *memory = nullptr;
  size_t length = 0;
  if (count < 2 || napi_get_typedarray_info(env, arguments[0], &type, &length, &memory, nullptr, nullptr) != napi_ok || type != napi_int32_array || !memory)
    return fail(env, "load: memory must be an Int32Array of the shared memory. Pass new Int32Array(memory.buffer).");
  const resnet::Level *level = levelOf(env, arguments[1]);
  if (!level) return fail(env, "load: level must be one that this processor runs. See levels().");
  // Small, and there is one for each thread and memory: it stays as long as the process, for `take` may be called from WebAssembly to the last.
  Binding *binding = static_cast<Binding *>(malloc(sizeof(Binding)));
  if (!binding) return fail(env, "load: memory must be available. End other programs.");
  *binding = {level, static_cast<char *>(memory)};
  napi_value function;
  napi_create_function(env, "take", NAPI_AUTO_LENGTH, take, binding, &function);
  return function;
}

napi_value levels(napi_env env, napi_callback_info) {
  napi_value names;
  napi_create_array(env, &names);
  uint32_t count = 0;
  for (const resnet::Level *level = resnet::levels; level->name; level++) {
    if (!level->isSupported()) continue;
    napi_value name;
    napi_create_string_utf8(env, level->name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, count++, name);
  }
  return names;
}

}  // namespace

NAPI_MODULE_INIT() {
  const napi_property_descriptor properties[] = {
      {"levels", nullptr, levels, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"load", nullptr, load, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, 2, properties);
  return exports;
}
