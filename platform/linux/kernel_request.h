// SPDX-License-Identifier: GPL-3.0-or-later
// KernelRequest: one command to a drive as the kernel takes it: an ioctl with all the memory that
// it reads and writes, in pages that a child process shares.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "quietus/device_command.h"
#include "quietus/result.h"

namespace quietus {

/// Zeroed pages, which a child process sees as its parent does: a page for the request itself, the
/// rest for its data.
class RequestMemory final {
 public:
  static constexpr std::size_t kFrameBytes = 4096;

  /// Holds `data.out`, or room for `data.in_bytes`. Errors: invalid (both ways at once, or more
  /// than 16 MiB), io (no memory).
  [[nodiscard]] static Result<RequestMemory> make(const CommandData& data);
  RequestMemory(RequestMemory&& other) noexcept;
  RequestMemory& operator=(RequestMemory&&) = delete;
  ~RequestMemory();

  [[nodiscard]] std::byte* frame() const { return pages_.data(); }
  /// The request as it lies there; null pointers and zeros at first.
  template <class Frame>
  [[nodiscard]] Frame& as() const {
    static_assert(sizeof(Frame) <= kFrameBytes && std::is_trivially_copyable_v<Frame>);
    return *std::launder(reinterpret_cast<Frame*>(frame()));
  }
  [[nodiscard]] std::span<std::byte> data() const {
    return pages_.subspan(kFrameBytes, data_bytes_);
  }
  /// Null where there are no data.
  [[nodiscard]] std::byte* data_or_null() const {
    return data_bytes_ == 0 ? nullptr : data().data();
  }

 private:
  RequestMemory(std::span<std::byte> pages, std::size_t data_bytes)
      : pages_(pages), data_bytes_(data_bytes) {}

  std::span<std::byte> pages_;
  std::size_t data_bytes_;
};

/// How an ioctl ended: what it returned, and errno where that is negative.
struct RequestEnd {
  int returned = -1;
  int code = 0;
};

class KernelRequest {
 public:
  KernelRequest(unsigned long request, RequestMemory memory)
      : request_(request), memory_(std::move(memory)) {}
  KernelRequest(const KernelRequest&) = delete;
  KernelRequest& operator=(const KernelRequest&) = delete;
  virtual ~KernelRequest() = default;

  /// Sends it, once: EINTR means that the kernel gave the command up, and a repetition would be a
  /// second command. Async-signal-safe.
  [[nodiscard]] virtual RequestEnd send(int descriptor) const;
  /// What the device answered. Errors: as Medium::execute.
  [[nodiscard]] virtual Result<DeviceReply> reply(const RequestEnd& end,
                                                  std::string_view shown) const = 0;

  [[nodiscard]] unsigned long request() const { return request_; }
  /// As it goes to the kernel, and as that left it.
  [[nodiscard]] const RequestMemory& memory() const { return memory_; }

 protected:
  /// The first bytes of the data, as many as arrived.
  [[nodiscard]] Bytes arrived(std::size_t bytes) const;

 private:
  const unsigned long request_;
  const RequestMemory memory_;
};

/// The request for a command. Errors: invalid (no such command can be), io (no memory).
[[nodiscard]] Result<std::unique_ptr<KernelRequest>> kernel_request(const DeviceCommand& command);

/// What a request that the kernel refused means; the one place that knows.
[[nodiscard]] Error request_refused(int code, std::string_view shown);
/// Errc::io: `why` no answer came, and that nobody knows what became of the command.
[[nodiscard]] Error command_lost(std::string_view shown, std::string_view why);
/// Errc::invalid: `why` no such command can be.
[[nodiscard]] Error no_such_request(std::string_view why);

}  // namespace quietus
