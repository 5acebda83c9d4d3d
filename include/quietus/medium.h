// SPDX-License-Identifier: GPL-3.0-or-later
// Medium: an open file or block device, and the facts that decide what writing to it is worth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/device.h"
#include "quietus/device_command.h"
#include "quietus/encrypted_volume.h"
#include "quietus/extent.h"
#include "quietus/result.h"
#include "quietus/storage.h"

namespace quietus {

enum class NodeKind {
  regular,
  directory,
  symlink,
  block_device,
  character_device,
  fifo,
  socket,
  other
};

/// "regular file", "directory", ... for messages.
[[nodiscard]] std::string_view name_of(NodeKind kind);

/// What makes a node the same node: device and inode number, and the mount it was reached by (bind
/// mounts share device numbers).
struct Identity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;

  auto operator<=>(const Identity&) const = default;
  /// The same object, by whichever mount it was reached.
  [[nodiscard]] bool same_object(const Identity& other) const {
    return device == other.device && inode == other.inode;
  }
};

/// What the file system says of one node. A flag that the file system can't tell is false.
struct Attributes {
  Identity identity;
  NodeKind kind = NodeKind::other;
  std::uint64_t size_bytes = 0;
  std::uint64_t links = 1;
  std::uint32_t mode = 0;   ///< permission bits (07777)
  std::uint32_t owner = 0;  ///< user id
  bool immutable = false;
  bool append_only = false;
  bool no_copy_on_write = false;  ///< chattr +C
  bool compressed = false;        ///< chattr +c
  bool journalled_data = false;   ///< chattr +j
};

/// Sizes that I/O has to respect.
struct Geometry {
  std::uint64_t size_bytes = 0;
  std::uint32_t logical_block_bytes =
      512;  ///< the unit of damage: bad ranges are narrowed down to it
  std::uint32_t direct_alignment_bytes =
      0;  ///< offsets, lengths and buffers of direct transfers; 0: no direct I/O
  /// A direct read is answered by the medium and not by a cache of the kernel (Linux: statx reports
  /// an alignment).
  bool direct_reads_reach_medium = false;
  /// What the file system gives out space in; slack reaches to its multiple. 0: not known.
  std::uint32_t file_system_block_bytes = 0;
};

enum class Transfer { buffered, direct };

/// Where the file system keeps a range of the file (Linux: FIEMAP).
struct Placement {
  Extent logical;
  std::uint64_t physical = 0;  ///< device offset, or the file system's own address
  bool placed = true;          ///< false: no address known (yet)
  bool unwritten = false;      ///< allocated, reads as zeros
  bool shared = false;         ///< other files or snapshots use the same blocks
  bool inline_data = false;    ///< lives in metadata or in a shared tail
  bool encoded = false;        ///< compressed

  auto operator<=>(const Placement&) const = default;
};

/// The kernel's counters of the disk below, in 512-byte sectors and requests, since boot.
struct Counters {
  std::uint64_t sectors_read = 0;
  std::uint64_t sectors_written = 0;
};

/// An open file or block device. One object may be used by several threads for read_at and
/// write_at; everything else by one at a time. Never truncates, extends or punches holes by itself.
class Medium {
 public:
  virtual ~Medium() = default;

  [[nodiscard]] virtual Result<Geometry> geometry() = 0;
  [[nodiscard]] virtual Result<Attributes> attributes() = 0;

  /// One transfer, which may be short; 0 bytes read: the end. Direct transfers need offset, length
  /// and buffer aligned to Geometry::direct_alignment_bytes, but a direct read may ask past the
  /// end. Errors: io, no_space, read_only, unsupported (direct without direct I/O), invalid
  /// (misaligned).
  [[nodiscard]] virtual Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset,
                                                    Transfer how) = 0;
  [[nodiscard]] virtual Result<std::size_t> write_at(std::span<const std::byte> data,
                                                     std::uint64_t offset, Transfer how) = 0;

  /// Makes everything written through this object durable. An error means: nothing since the last
  /// good flush is known.
  [[nodiscard]] virtual Status flush() = 0;
  /// Asks the kernel to forget clean cached pages, so that a buffered read has a chance to reach
  /// the medium; of a device, also the descriptor of direct transfers is opened anew. No transfer
  /// may be under way.
  [[nodiscard]] virtual Status drop_cache() = 0;
  /// Flushes, then tells where the file's data lie, in order of offset; holes are left out. Errors:
  /// unsupported.
  [[nodiscard]] virtual Result<std::vector<Placement>> placements() = 0;
  /// The ranges that hold data or allocated space, in order. Errors: unsupported (then all of it
  /// counts as data).
  [[nodiscard]] virtual Result<std::vector<Extent>> data_extents() = 0;
  /// Counters of the disk that the file lies on. Errors: unsupported.
  [[nodiscard]] virtual Result<Counters> counters() = 0;
  /// Whether somebody else has it open. Errors: unsupported, permission (can't be told).
  [[nodiscard]] virtual Result<bool> open_elsewhere() = 0;
  /// Sets the length. For our own records and fillers, and to take back what was written behind a
  /// target's end.
  [[nodiscard]] virtual Status resize(std::uint64_t size_bytes) = 0;

  // What not every file system offers: unless said otherwise, Errc::unsupported.

  /// Of a regular file.
  [[nodiscard]] virtual Result<std::vector<ExtendedAttribute>> extended_attributes();
  /// Gives an attribute that is there another value. Errors: not_found, permission, invalid (the
  /// file system wants another form), no_space.
  [[nodiscard]] virtual Status replace_attribute(const std::string& name,
                                                 std::span<const std::byte> value);
  [[nodiscard]] virtual Status remove_attribute(const std::string& name);
  /// Takes space for a range, which then reads as zeros, and makes the file as long. All or
  /// nothing. For fillers only. Errors: no_space (os_code EDQUOT: a quota), invalid (the file would
  /// be too long).
  [[nodiscard]] virtual Status allocate(Extent extent);
  /// Writes the last byte as it is, so that the system writes the whole last block, zeros behind
  /// the end; keeps the times of reading and change. Nobody else can have the file open meanwhile.
  /// Not durable before a flush. Errors: busy (open elsewhere), read_only, io.
  [[nodiscard]] virtual Status rewrite_last_byte();

  // What only a block device has; of anything else: Errc::unsupported.

  /// What it is, asked anew: number and size through the open descriptor, the rest of what the
  /// system says of that number. Uses and content are left out. Errors: unsupported, io.
  [[nodiscard]] virtual Result<DeviceFacts> device();
  /// What a low-level probe recognises on it now, read past the cache. Errors: unsupported, io.
  [[nodiscard]] virtual Result<std::vector<ContentSignature>> signatures();
  /// Lets the kernel read the partition table again. Errors: unsupported (it has no partitions:
  /// ENOTTY, EINVAL), busy, io.
  [[nodiscard]] virtual Status reread_partitions();
  /// Errors: unsupported (nobody measures it).
  [[nodiscard]] virtual Result<std::int32_t> temperature_millicelsius();

  // The drive's firmware, of a whole disk; of anything else: Errc::unsupported.

  /// Sends one command and waits for its end. What the device answered is a reply, also where it
  /// refused. Errors: unsupported (no such commands here), permission, io (it did not reach the
  /// device or nothing came back: what became of it is unknown).
  [[nodiscard]] virtual Result<DeviceReply> execute(const DeviceCommand& command);
  /// Sends one command that takes long and blocks the drive. Errors: as execute.
  [[nodiscard]] virtual Result<std::unique_ptr<PendingCommand>> begin(const DeviceCommand& command);
  /// Lets the system ask the drive for its size anew. Errors: unsupported, permission, io.
  [[nodiscard]] virtual Status rescan();

  /// The encrypted volume whose header begins here, as the system's own library reads it. Errors:
  /// not_found (there is none), malformed, io, unsupported.
  [[nodiscard]] virtual Result<EncryptedVolume> encrypted_volume();
  /// Destroys every key slot of that volume through the system's own library. Errors: as
  /// encrypted_volume, busy (it is open), read_only.
  [[nodiscard]] virtual Status destroy_key_slots();
};

}  // namespace quietus
