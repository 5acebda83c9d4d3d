// SPDX-License-Identifier: GPL-3.0-or-later
// Fd: owns one open descriptor and closes it. Does no I/O and reports no errors: what must be
// known of a file is asked for (fsync) before it is closed.
#pragma once

#include <unistd.h>
#include <utility>

namespace quietus {

/// A descriptor, or none (-1). Movable, not copyable.
class Fd final {
 public:
  Fd() = default;
  explicit Fd(int descriptor) : descriptor_(descriptor) {}
  Fd(Fd&& other) noexcept : descriptor_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      close_now();
      descriptor_ = other.release();
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { close_now(); }

  [[nodiscard]] bool valid() const { return descriptor_ >= 0; }
  [[nodiscard]] int get() const { return descriptor_; }
  /// Gives the descriptor away; the caller closes it.
  [[nodiscard]] int release() { return std::exchange(descriptor_, -1); }

 private:
  void close_now() {
    // close() is not repeated on EINTR: under Linux the descriptor is gone either way.
    if (descriptor_ >= 0) ::close(release());
  }

  int descriptor_ = -1;
};

}  // namespace quietus
