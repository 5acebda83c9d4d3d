// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDevice: an open block device with what Linux knows of it: sizes, counters, signatures, its
// partition table.
#pragma once

#include <cstdint>
#include <string>

#include "linux/disk_locks.h"
#include "linux/system_folders.h"
#include "posix/posix_medium.h"

namespace quietus {

/// What tells an open device from another that has its number later.
struct DeviceIdentity {
  std::uint64_t number = 0;
  std::uint64_t sequence = 0;  ///< of its disk since boot (Linux 5.15); 0: not told

  auto operator<=>(const DeviceIdentity&) const = default;
};

/// Of an open block device, from the descriptor alone. Errors: unsupported (it is none), io.
[[nodiscard]] Result<DeviceIdentity> identity_of_device(int descriptor, const std::string& shown);

/// Its identity is {number, sequence, 0} and its size never changes by our doing. Direct I/O needs
/// a mounted /proc.
class LinuxDevice final : public PosixMedium {
 public:
  /// What a device opened for writing holds, and one opened for reading does not.
  struct Claim {
    bool exclusive = false;
    DiskLocks::Share lock;
  };

  /// `identity` is the descriptor's. `folders` and the lock's table must outlive it.
  LinuxDevice(Fd fd, std::string name, DeviceIdentity identity, Claim claim,
              const SystemFolders& folders)
      : PosixMedium(std::move(fd), std::move(name)),
        folders_(folders),
        identity_(identity),
        claim_(std::move(claim)) {}

  Result<Geometry> geometry() override;
  Result<Attributes> attributes() override;
  /// Writes back what is left, forgets the cache (BLKFLSBUF) and closes the direct descriptor.
  /// Errors: permission (it needs root); those of flush where direct writes were not flushed yet.
  Status drop_cache() override;
  Result<std::vector<Placement>> placements() override;
  Result<std::vector<Extent>> data_extents() override;
  Result<Counters> counters() override;
  /// False for a device opened for writing: nobody else can have claimed it. Errors: unsupported.
  Result<bool> open_elsewhere() override;
  Status resize(std::uint64_t size_bytes) override;

  /// Besides the interface's errors: changed (the number belongs to another device by now).
  Result<DeviceFacts> device() override;
  /// Besides the interface's errors: permission (forgetting the cache needs root), changed.
  Result<std::vector<ContentSignature>> signatures() override;
  Status reread_partitions() override;
  Result<std::int32_t> temperature_millicelsius() override;

  // Besides the interface's errors: invalid (no such command can be). Commands to a partition or to
  // what is built on drives are unsupported: the kernel would pass them on.
  Result<DeviceReply> execute(const DeviceCommand& command) override;
  /// The claim and the disk's lock stay until the command is over, even without this object.
  Result<std::unique_ptr<PendingCommand>> begin(const DeviceCommand& command) override;
  /// An NVMe drive is asked in the background. What libata knows of a drive's size stays until the
  /// drive is plugged in anew or the machine starts again.
  Status rescan() override;
  /// Besides the interface's errors: changed.
  Result<EncryptedVolume> encrypted_volume() override;
  Status destroy_key_slots() override;

 protected:
  Direct open_direct() override;

 private:
  /// A second descriptor on the very device; invalid if that can't be had.
  [[nodiscard]] Fd reopen(int flags) const;
  [[nodiscard]] Result<std::uint64_t> size_bytes() const;
  [[nodiscard]] Status forget_cache() const;
  [[nodiscard]] Status check_takes_commands() const;
  [[nodiscard]] Error replaced() const;

  const SystemFolders& folders_;
  const DeviceIdentity identity_;
  // Given back before the base closes the descriptor, which makes udev look at the device.
  Claim claim_;
};

}  // namespace quietus
