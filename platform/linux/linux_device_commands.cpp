// SPDX-License-Identifier: GPL-3.0-or-later
// What an open block device has of a drive's firmware and of encrypted volumes.
#include <fcntl.h>
#include <unistd.h>

#include "linux/device_facts.h"
#include "linux/kernel_request.h"
#include "linux/linux_device.h"
#include "linux/luks_volume.h"
#include "linux/pending_child.h"
#include "posix/posix_error.h"

namespace quietus {
namespace {

constexpr std::string_view kRescan = "have the size read anew of";

/// The attributes that make the kernel ask a drive anew: of a SCSI device, and of a controller, of
/// which a disk of an NVMe subsystem with several paths has several.
std::vector<std::string> rescan_attributes(const SysfsDevice& device) {
  const std::string above = device.disk_folder + "/device";
  std::vector<std::string> files = {above + "/rescan", above + "/rescan_controller"};
  for (const std::string& name : names_below(above)) {
    files.push_back(std::string(above).append("/").append(name).append("/rescan_controller"));
  }
  return files;
}

Status write_one(const std::string& file) {
  const Fd fd(repeat_interrupted([&] { return ::open(file.c_str(), O_WRONLY | O_CLOEXEC); }));
  if (!fd.valid()) return posix_error("open", file);
  const ssize_t put = repeat_interrupted([&] { return ::write(fd.get(), "1", 1); });
  if (put != 1) return posix_error("write", file);
  return {};
}

}  // namespace

Status LinuxDevice::check_takes_commands() const {
  const std::optional<SysfsDevice> found = sysfs_device(identity_.number, folders_);
  // The kernel would pass a command to a part on to all of the drive.
  const DeviceKind kind = found ? kind_of(*found) : DeviceKind::disk;
  const bool is_part = kind == DeviceKind::partition || kind == DeviceKind::device_mapper ||
                       kind == DeviceKind::raid;
  if (!is_part) return {};
  return unsupported("send a command to", name(), "it is not a whole drive");
}

Result<DeviceReply> LinuxDevice::execute(const DeviceCommand& command) {
  const Status whole = check_takes_commands();
  if (!whole) return whole.error();
  const Result<std::unique_ptr<KernelRequest>> request = kernel_request(command);
  if (!request) return request.error();
  return (*request)->reply((*request)->send(descriptor()), name());
}

Result<std::unique_ptr<PendingCommand>> LinuxDevice::begin(const DeviceCommand& command) {
  const Status whole = check_takes_commands();
  if (!whole) return whole.error();
  Result<std::unique_ptr<KernelRequest>> request = kernel_request(command);
  if (!request) return request.error();
  return begin_in_child(*std::move(request), {descriptor(), claim_.lock.descriptor()}, name());
}

Status LinuxDevice::rescan() {
  const std::optional<SysfsDevice> found = sysfs_device(identity_.number, folders_);
  if (!found || found->is_partition())
    return unsupported(kRescan, name(), "it is not a whole drive");
  std::size_t asked = 0;
  for (const std::string& file : rescan_attributes(*found)) {
    if (::access(file.c_str(), F_OK) != 0) continue;
    const Status written = write_one(file);
    if (!written) return written.error();
    ++asked;
  }
  if (asked > 0) return {};
  return unsupported(kRescan, name(), "the system does not offer it");
}

Result<EncryptedVolume> LinuxDevice::encrypted_volume() {
  const Result<std::uint64_t> bytes = size_bytes();
  if (!bytes) return bytes.error();
  const Fd second = reopen(O_RDONLY);
  if (!second.valid()) return replaced();
  return read_luks({second.get(), *bytes, name()});
}

Status LinuxDevice::destroy_key_slots() {
  const Result<std::uint64_t> bytes = size_bytes();
  if (!bytes) return bytes.error();
  if (!claim_.exclusive) {
    return Error{
        Errc::read_only, 0, "cannot destroy keys on " + name() + ": it is open for reading", {}};
  }
  const std::optional<SysfsDevice> found = sysfs_device(identity_.number, folders_);
  if (found && !found->holders.empty()) {
    return Error{
        Errc::busy,
        0,
        "cannot destroy keys on " + name() + ": " + found->holders.front() + " is built on it",
        {}};
  }
  const Fd second = reopen(O_RDWR);
  if (!second.valid()) return replaced();
  note_change();
  return destroy_luks_slots({second.get(), *bytes, name()});
}

}  // namespace quietus
