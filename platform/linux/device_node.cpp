// SPDX-License-Identifier: GPL-3.0-or-later
// From a number through sysfs to the node, and back from what was opened to the number.
#include "linux/device_node.h"

#include <fcntl.h>

#include "linux/device_facts.h"
#include "linux/linux_device.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr int kQuietly = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;

}  // namespace

Fd open_device_node(const DeviceFacts& facts, int flags) {
  Fd fd(repeat_interrupted([&] { return ::open(facts.path.c_str(), flags | kQuietly); }));
  if (!fd.valid()) return fd;
  const Result<DeviceIdentity> found = identity_of_device(fd.get(), facts.path);
  const bool is_same = found && found->number == facts.number &&
                       (found->sequence == 0 || found->sequence == facts.sequence);
  if (is_same) return fd;
  errno = ENXIO;
  return {};
}

Error cannot_open_device(const DeviceFacts& facts) {
  Error failure = posix_error("open", facts.path);
  if (failure.code == Errc::busy) {
    failure.hint = "it is mounted, swapped to, or claimed; `quietus list` shows what uses it";
  }
  if (failure.code == Errc::permission) failure.hint = "block devices need root";
  return failure;
}

Result<OpenedDevice> open_device_to_read(std::uint64_t number, const SystemFolders& folders) {
  // A recorded machine's numbers may be those of real devices.
  if (folders != SystemFolders()) {
    return unsupported("open", "a device", "only devices of the running machine are opened");
  }
  const std::optional<SysfsDevice> device = sysfs_device(number, folders);
  if (!device) {
    return Error{Errc::not_found, 0, "cannot open a device: there is none of that number", {}};
  }
  OpenedDevice opened{Fd(), device_facts(*device, folders)};
  opened.fd = open_device_node(opened.facts, O_RDONLY);
  if (!opened.fd.valid()) return cannot_open_device(opened.facts);
  return opened;
}

}  // namespace quietus
