// SPDX-License-Identifier: GPL-3.0-or-later
// Lease: while it lives, nobody else can have a file open: who opens it waits until it is gone or
// the kernel's patience ends (fcntl(2), "Leases").
#pragma once

#include <string>

#include "quietus/result.h"

namespace quietus {

/// Write leases. Another descriptor of ours on the same file counts as somebody else.
class Lease final {
 public:
  /// The descriptor must outlive it.
  explicit Lease(int descriptor);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  [[nodiscard]] bool held() const { return code_ == 0; }
  /// errno of the attempt; EAGAIN: somebody has it open.
  [[nodiscard]] int code() const { return code_; }
  /// Whether nobody who waits has lost patience or is about to: asked anew.
  [[nodiscard]] bool still_held() const;
  /// Why it is not held. Errors: busy, unsupported (the file system has no leases), permission.
  [[nodiscard]] Error error(const std::string& operation, const std::string& object) const;

 private:
  int descriptor_;
  int code_ = 0;
};

}  // namespace quietus
