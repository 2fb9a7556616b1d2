#include "bindings/cli/door.hpp"

#include <utility>

namespace phusa::cli {
namespace {

const std::uint8_t* data_of(const std::string& bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

/// Copies what the door handed out and gives it back.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { phusa_free(&buffer_); }

  phusa_buffer* out() { return &buffer_; }
  std::string text() const {
    return buffer_.size == 0 ? std::string()
                             : std::string(reinterpret_cast<const char*>(buffer_.data), buffer_.size);
  }

 private:
  phusa_buffer buffer_{};
};

v1::ErrorReply error_of(int code, const std::string& bytes) {
  v1::ErrorReply error;
  if (!error.ParseFromString(bytes)) error.Clear();
  if (error.code() == 0) error.set_code(static_cast<std::uint32_t>(code));
  return error;
}

}  // namespace

v1::ErrorReply make_error(ErrorCode code, std::string key, std::string message) {
  v1::ErrorReply error;
  error.set_code(static_cast<std::uint32_t>(code));
  error.set_key(std::move(key));
  error.set_message(std::move(message));
  return error;
}

Answer<Door> Door::open(const v1::OpenRequest& request) {
  Buffer out;
  phusa_handle* handle = nullptr;
  const auto bytes = request.SerializeAsString();
  const int code = phusa_open(data_of(bytes), bytes.size(), &handle, out.out());
  if (code != 0) return tl::unexpected(error_of(code, out.text()));
  return Door(handle);
}

Answer<std::string> Door::call_bytes(v1::Method method, const std::string& request) {
  Buffer out;
  const int code = phusa_call(handle_.get(), static_cast<std::uint32_t>(method), data_of(request),
                              request.size(), out.out());
  if (code != 0) return tl::unexpected(error_of(code, out.text()));
  return out.text();
}

Answer<std::optional<v1::Event>> Door::next_event() {
  Buffer out;
  const int code = phusa_next_event(handle_.get(), out.out());
  if (code != 0) return tl::unexpected(error_of(code, out.text()));
  const auto bytes = out.text();
  if (bytes.empty()) return std::nullopt;
  v1::Event event;
  if (!event.ParseFromString(bytes)) {
    return tl::unexpected(make_error(ErrorCode::kInternal, "", "the library's event cannot be read"));
  }
  return event;
}

Answer<void> Door::transport_event(const v1::TransportEvent& event) {
  Buffer out;
  const auto bytes = event.SerializeAsString();
  const int code = phusa_transport_event(handle_.get(), data_of(bytes), bytes.size(), out.out());
  if (code != 0) return tl::unexpected(error_of(code, out.text()));
  return {};
}

}  // namespace phusa::cli
