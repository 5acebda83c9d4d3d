// SPDX-License-Identifier: GPL-3.0-or-later
// DeviceFacts: what a machine says of one block device: what it is, what is on it, who uses it.
// Plain facts; "unknown" is a value, never an empty success.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/drive_abilities.h"
#include "quietus/extent.h"

namespace quietus {

enum class DeviceKind { disk, partition, loop, zram, device_mapper, raid, other };

/// What the bytes are kept on, as far as the system says.
enum class Storage {
  rotational,
  flash,
  virtual_,  ///< another machine's, file's or memory's: loop, zram, virtio, a hypervisor's disk
  unknown,
};

/// Whether addresses may exist that a host's write can't reach (ATA HPA, AMAC, DCO).
enum class HiddenArea {
  none,     ///< this kind of device has none (loop, zram, virtual disks, partitions), or the drive
            ///< was asked and has none
  unknown,  ///< not asked, or no answer
  present,  ///< the drive was asked, and has one
};

[[nodiscard]] std::string_view name_of(DeviceKind kind);
[[nodiscard]] std::string_view name_of(Storage storage);
[[nodiscard]] std::string_view name_of(HiddenArea hidden);

/// Something that a low-level probe recognises: a partition table, a file system, a member of a
/// larger whole.
struct ContentSignature {
  std::string usage;  ///< as libblkid says: "partition_table", "filesystem", "raid", "crypto", ...
  std::string type;   ///< "gpt", "ext4", "LVM2_member", "crypto_LUKS", "zfs_member", "swap"
  std::string label;
  std::string uuid;
  std::uint64_t offset = 0;  ///< of the magic, in bytes

  auto operator<=>(const ContentSignature&) const = default;
};

/// Who uses a device, or something that stands on it.
struct DeviceUse {
  enum class Kind {
    mount,   ///< `by`: the mount point
    swap,    ///< `by`: the swap area's node
    holder,  ///< `by`: the kernel's name of what is built on it: "dm-0", "md127", "bcache0"
    lock,    ///< `by`: the process that holds the device's lock: "quietus (pid 7)"
    claim,   ///< `by`: who opened it exclusively, "" where it can't be told
  };
  Kind kind = Kind::mount;
  std::string device;  ///< the kernel's name of what is used: itself, a partition, a descendant
  std::string by;

  auto operator<=>(const DeviceUse&) const = default;
};

[[nodiscard]] std::string_view name_of(DeviceUse::Kind kind);

/// Something that shares a drive's subsystem or target, and that a command to the one may reach.
struct Sibling {
  std::string name;  ///< the kernel's: "nvme0n2", "sdb", "nvme1", "mmcblk0boot0"
  std::string what;  ///< "namespace", "controller", "logical_unit", "boot_partition", "rpmb",
                     ///< "general_purpose_partition"
  std::uint64_t size_bytes = 0;           ///< of a block device
  std::vector<DeviceUse> uses;            ///< of it, its partitions and everything built on them
  std::vector<std::string> system_roles;  ///< as DeviceFacts has them
  std::vector<ContentSignature> content;  ///< what is recognised on it
  std::uint32_t namespace_id = 0;         ///< of an NVMe namespace; 0: none
};

inline constexpr std::size_t kMostBorders = 1024;

/// One block device, as it was when it was asked. Texts come from the device: never trusted,
/// escaped when shown.
struct DeviceFacts {
  std::string path;         ///< the node's own path, no link: "/dev/sda"
  std::string stable_path;  ///< a /dev/disk/by-id link to it; empty: none
  std::string name;         ///< the kernel's: "sda", "nvme0n1p2"
  DeviceKind kind = DeviceKind::other;
  std::uint64_t number = 0;    ///< dev_t of the node
  std::uint64_t sequence = 0;  ///< of its disk since boot: another one after each plugging (Linux
                               ///< diskseq); 0: not told
  std::string disk;            ///< name of the whole disk that it is part of; itself if whole
  std::uint64_t disk_number = 0;
  Extent place;  ///< where it lies on its disk; a whole disk: all of it

  // Identity. A partition has its disk's. Trimmed; empty: the device tells none.
  std::string vendor;
  std::string model;
  std::string serial;
  std::string serial_source;  ///< where the serial was read: "sysfs", "udev", "vpd_page_80"
  std::string wwn;            ///< as the system prints it: "naa.5000...", "eui.0025..."
  std::string firmware;

  std::uint64_t size_bytes = 0;
  std::uint32_t logical_block_bytes = 512;
  std::uint32_t physical_block_bytes = 512;
  std::string
      bus;  ///< "ata", "usb", "nvme", "scsi", "mmc", "virtio", "loop", "zram"; empty: unknown
  Storage storage = Storage::unknown;
  std::string zoned = "none";  ///< as the kernel says: "none", "host-aware", "host-managed"
  bool read_only = false;
  bool removable = false;
  HiddenArea hidden_area = HiddenArea::unknown;
  std::string backing_file;          ///< of a loop device
  bool backing_is_buffered = false;  ///< a loop device that goes through the host's cache
  std::optional<std::int32_t> temperature_millicelsius;

  /// What is on it; none: could not be read, `content_unknown` says why.
  std::optional<std::vector<ContentSignature>> content;
  std::string content_unknown;
  std::vector<DeviceUse> uses;  ///< of itself, its partitions and everything built on them
  /// Why it belongs to the running system: "holds the root file system", "holds /boot"; empty: it
  /// does not.
  std::vector<std::string> system_roles;
  std::vector<std::string> partitions;  ///< the kernel's names
  std::uint32_t namespace_id = 0;       ///< of an NVMe namespace, as the system has it; 0: none
  std::vector<Sibling> siblings;        ///< what shares its subsystem or target
  /// Where its zones or actuators meet, in bytes, in order: kMostBorders of them at most, evenly
  /// chosen.
  std::vector<std::uint64_t> borders;
  /// What its firmware answered; none: it was not asked.
  std::optional<DriveAbilities> abilities;
};

/// Puts what a drive's firmware answered into its facts. Namespaces that the system does not show
/// become siblings whose content nobody knows. An answer that leaves a hidden area open
/// does not undo that its kind has none.
void put_abilities(DeviceFacts& device, DriveAbilities abilities);

}  // namespace quietus
