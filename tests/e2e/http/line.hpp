#pragma once

#include <chrono>
#include <string>

namespace phusa::test {

/// One TCP connection that sends exactly what it is told and says in a few words what came back.
class Line {
 public:
  /// `from`: a loopback address of our own to come from; empty: any.
  explicit Line(const std::string& address, const std::string& from = {});
  ~Line();
  Line(Line&& other) noexcept;
  Line& operator=(Line&&) = delete;

  bool is_open() const { return fd_ >= 0; }
  /// What the peer takes of it; the rest is dropped once it has closed or stopped reading for 5 s.
  void send(const std::string& bytes);
  /// Each byte in a packet of its own.
  void drip(const std::string& bytes);
  void shut_down_sending() const;
  /// Gone without a goodbye: the peer sees a reset.
  void reset();
  void close();

  /// Takes in what has arrived, without waiting.
  void listen();
  /// The same, until `heard()` is `wanted` or nothing came for `patience`.
  void listen_for(const std::string& wanted, std::chrono::seconds patience = std::chrono::seconds(20));
  /// The statuses of the replies so far, "bare" for bytes without a head, and "closed" once the peer has
  /// closed: "400, closed". "nothing" when nothing came.
  std::string heard() const;
  const std::string& bytes() const { return in_; }

 private:
  bool wait(short events, std::chrono::milliseconds patience) const;

  int fd_ = -1;
  bool closed_by_peer_ = false;
  std::string in_;
};

}  // namespace phusa::test
