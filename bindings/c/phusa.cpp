#include "bindings/c/phusa.h"

#include "core/client/client.hpp"

#include <cstdlib>
#include <cstring>
#include <new>

static_assert(PHUSA_API_VERSION == phusa::kClientApiVersion,
              "the header and the client speak different versions");

/// What the caller holds: a client and the seams it stands on, which outlive it.
struct phusa_handle {
  phusa::SystemClock clock;
  phusa::SystemRandom random;
  std::unique_ptr<phusa::Client> client;
};

namespace {

phusa::BytesView view_of(const uint8_t* data, size_t size) {
  return data == nullptr ? phusa::BytesView() : phusa::BytesView(reinterpret_cast<const char*>(data), size);
}

/// Hands the bytes to the caller, who frees them with phusa_free.
int give(const phusa::Answer& answer, phusa_buffer* out) {
  if (out == nullptr) return answer.code;
  *out = {nullptr, 0};
  if (answer.bytes.empty()) return answer.code;
  out->data = static_cast<uint8_t*>(std::malloc(answer.bytes.size()));
  if (out->data == nullptr) return static_cast<int>(phusa::ErrorCode::kInternal);
  std::memcpy(out->data, answer.bytes.data(), answer.bytes.size());
  out->size = answer.bytes.size();
  return answer.code;
}

/// Runs `work`; what a library threw (out of memory, mostly) becomes kInternal, for nothing crosses the door.
template <class Work>
int guarded(phusa_buffer* out, Work work) noexcept {
  if (out != nullptr) *out = {nullptr, 0};
  try {
    return give(work(), out);
  } catch (const std::bad_alloc&) {
    return static_cast<int>(phusa::ErrorCode::kInternal);
  } catch (...) {
    return static_cast<int>(phusa::ErrorCode::kInternal);
  }
}

phusa::Answer no_handle() {
  return phusa::refuse(phusa::Error{phusa::ErrorCode::kInvalidArgument, "the handle is null"});
}

}  // namespace

extern "C" {

int phusa_open(const uint8_t* request, size_t size, phusa_handle** handle, phusa_buffer* out) {
  if (handle != nullptr) *handle = nullptr;
  return guarded(out, [&]() -> phusa::Answer {
    if (handle == nullptr) return no_handle();
    auto opened = std::make_unique<phusa_handle>();
    phusa::Answer answer =
        phusa::Client::open(view_of(request, size), opened->clock, opened->random, opened->client);
    if (answer.code == 0) *handle = opened.release();
    return answer;
  });
}

void phusa_close(phusa_handle* handle) {
  guarded(nullptr, [&]() -> phusa::Answer {
    delete handle;
    return {};
  });
}

int phusa_call(phusa_handle* handle, uint32_t method, const uint8_t* request, size_t size,
               phusa_buffer* out) {
  return guarded(out, [&] {
    return handle == nullptr ? no_handle() : handle->client->call(method, view_of(request, size));
  });
}

int phusa_next_event(phusa_handle* handle, phusa_buffer* out) {
  return guarded(out, [&] { return handle == nullptr ? no_handle() : handle->client->next_event(); });
}

int phusa_transport_event(phusa_handle* handle, const uint8_t* event, size_t size, phusa_buffer* out) {
  return guarded(out, [&] {
    return handle == nullptr ? no_handle() : handle->client->transport_event(view_of(event, size));
  });
}

void phusa_cancel(phusa_handle* handle) {
  guarded(nullptr, [&]() -> phusa::Answer {
    if (handle != nullptr) handle->client->cancel();
    return {};
  });
}

void phusa_free(phusa_buffer* buffer) {
  if (buffer == nullptr) return;
  std::free(buffer->data);
  *buffer = {nullptr, 0};
}

const char* phusa_version(void) {
  return "0.1.0";
}

}  // extern "C"
