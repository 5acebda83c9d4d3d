// SPDX-License-Identifier: GPL-3.0-or-later
// F_SETLEASE.
#include "linux/lease.h"

#include <csignal>
#include <fcntl.h>

#include "posix/posix_error.h"

namespace quietus {

Lease::Lease(int descriptor) : descriptor_(descriptor) {
  // Somebody who opens the file meanwhile makes the kernel signal us: by one that nothing acts on.
  ::fcntl(descriptor_, F_SETSIG, SIGURG);
  if (::fcntl(descriptor_, F_SETLEASE, F_WRLCK) != 0) code_ = errno;
}

Lease::~Lease() {
  if (held()) ::fcntl(descriptor_, F_SETLEASE, F_UNLCK);
}

bool Lease::still_held() const { return held() && ::fcntl(descriptor_, F_GETLEASE) == F_WRLCK; }

Error Lease::error(const std::string& operation, const std::string& object) const {
  if (code_ == EINVAL) {
    return unsupported(operation, object, "the file system does not offer leases");
  }
  return posix_error(operation, object, code_);
}

}  // namespace quietus
