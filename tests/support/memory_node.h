// SPDX-License-Identifier: GPL-3.0-or-later
// Nodes and file systems of the memory tree, and the space that they take. Tests reach them through
// MemoryPlatform and may set any field.
#pragma once

#include <atomic>
#include <cerrno>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "quietus/platform.h"
#include "quietus/text.h"

#include "support/memory_disk.h"

namespace quietus::test {

[[nodiscard]] Error error_of(Errc code, int os_code, const std::string& what);

/// How a node answers Medium::placements.
enum class PlacementAnswer {
  ordinary,  ///< one extent for each range of data, from the node's own address on
  moves_at_the_first_write,
  moves_at_every_write,
  shared,
  inline_data,
  encoded,
  unplaced,
  unsupported,
};

/// What several mounts of the same device have in common.
struct MemoryFileSystem {
  std::uint64_t device = 0;
  FileSystemFacts facts;  ///< mount_point, mount_root and, with a budget, free_bytes are filled in
  bool read_only = false;
  bool lists_kinds = true;                        ///< false: next_entry says `other` for everything
  std::optional<std::uint64_t> space = {};        ///< bytes; none: no end
  std::optional<std::uint64_t> node_budget = {};  ///< how many nodes may exist; none: no end
  Status sync_filesystem_answer = {};
  std::optional<Counters> counters = Counters{};
  /// What new files get.
  std::uint32_t direct_alignment_bytes = 512;
  bool direct_reads_reach_medium = true;
  PlacementAnswer placement = PlacementAnswer::ordinary;

  int no_space_code = ENOSPC;  ///< or EDQUOT: a quota ends it
  std::optional<std::uint64_t> largest_file_bytes = {};
  std::uint64_t most_links = 65'000;          ///< of one node, as ext4
  std::uint64_t attribute_room_bytes = 4000;  ///< for one node's attributes; more: no_space
  /// Names, long targets of links and attributes take blocks too, and names never give them back.
  bool charges_metadata = false;
  /// Blocks that are given to nobody; none: the file system does not offer that.
  std::optional<std::uint64_t> withheld_blocks = {};
  Result<JournalFacts> journal = not_told();
  Status checkpoint_answer = not_told();
  Result<std::vector<std::string>> snapshots = not_told();
  /// With a disk, where content lies can be asked, and read by MemoryPlatform::open_device_number;
  /// then `space` is its size. Made by MemoryPlatform::give_disk.
  std::shared_ptr<MemoryDisk> disk = nullptr;

  std::atomic<std::uint64_t> used_bytes = 0;
  std::atomic<std::uint64_t> used_nodes = 0;

  [[nodiscard]] Error no_space(const std::string& what) const;
  /// None: no end.
  [[nodiscard]] std::optional<std::uint64_t> free_bytes() const;
  [[nodiscard]] static Error not_told();
};

/// One object of the tree. It lives as long as a name, an open handle or a test holds it.
struct MemoryNode {
  MemoryNode(std::shared_ptr<MemoryFileSystem> on, NodeKind kind, std::uint64_t inode);
  ~MemoryNode();
  MemoryNode(const MemoryNode&) = delete;
  MemoryNode& operator=(const MemoryNode&) = delete;

  std::shared_ptr<MemoryFileSystem> file_system;
  Attributes attributes;  ///< size_bytes of a regular file and identity.mount are filled in
  Bytes content;
  std::string link_target;
  std::map<std::string, std::shared_ptr<MemoryNode>> entries;
  std::weak_ptr<MemoryNode> parent;  ///< of a directory

  std::uint32_t logical_block_bytes = 512;
  std::uint32_t direct_alignment_bytes = 512;
  bool direct_reads_reach_medium = true;
  PlacementAnswer placement = PlacementAnswer::ordinary;
  std::uint64_t physical = 0;
  std::optional<std::vector<Placement>> fixed_placements = {};  ///< given as they are
  std::vector<Extent> holes = {};                               ///< joined
  bool tells_data_extents = true;
  Result<bool> open_elsewhere = false;
  bool running_program = false;  ///< opening for writing: busy
  bool locked = false;
  unsigned handles = 0;  ///< open media and directories
  std::map<std::string, Bytes> extended_attributes = {};
  /// What the last block holds behind the end: zeros are not spelled out. Any change of the last
  /// block clears it.
  Bytes slack = {};

  std::uint64_t names_bytes = 0;  ///< that names in it took so far

  // On a disk.
  std::map<std::uint64_t, std::uint64_t> blocks = {};  ///< logical to physical, by number
  std::set<std::uint64_t> unwritten = {};              ///< logical: the disk holds what it held
  std::vector<std::uint64_t> metadata_blocks = {};

  // Of a block device.
  std::optional<DeviceFacts> device;  ///< size_bytes is the content's
  unsigned claims = 0;                ///< open for writing: exclusive
  Status reread_answer = Error{Errc::unsupported, EINVAL, "it has no partitions"};

  /// What a loss of power leaves: as of the last flush or sync, where that is tracked.
  Bytes durable_content;
  std::map<std::string, std::shared_ptr<MemoryNode>> durable_entries;

  [[nodiscard]] std::uint64_t allocated_bytes() const;
  /// Changes size and holes, within the budget. Errors: no_space.
  [[nodiscard]] Status resize(std::uint64_t size);
  /// Makes room for a write; how many of the bytes fit. Errors: no_space (none).
  [[nodiscard]] Result<std::size_t> claim(std::uint64_t offset, std::size_t length);
  /// Takes space for the range, all or nothing. Errors: no_space, invalid.
  [[nodiscard]] Status allocate(Extent extent);
  /// Takes blocks for what is kept beside the content, so many in all. Errors: no_space.
  [[nodiscard]] Status charge(std::uint64_t bytes);
  /// New places for all content, as copy-on-write does; the old ones keep what they hold.
  void move();
  [[nodiscard]] std::vector<Placement> placements() const;
  /// Errors: unsupported (no disk).
  [[nodiscard]] Result<StoredFile> stored() const;
  // Attributes, by the rules of all nodes. Errors: as Medium and Directory have them.
  [[nodiscard]] std::vector<ExtendedAttribute> list_attributes() const;
  [[nodiscard]] Status set_attribute(const std::string& name, std::span<const std::byte> value);
  [[nodiscard]] Status drop_attribute(const std::string& name);
  /// The ranges that are no holes.
  [[nodiscard]] std::vector<Extent> data() const;
  /// A block as the disk holds it.
  [[nodiscard]] Bytes block_content(std::uint64_t logical) const;
  /// Places all content on the file system's disk.
  void settle_on_disk();

 private:
  [[nodiscard]] bool shape(std::uint64_t size, const std::vector<Extent>& new_holes);
  void leave_blocks_beside(std::uint64_t size, const std::vector<Extent>& new_holes);
  void leave_disk(std::uint64_t logical);
  std::uint64_t metadata_bytes_ = 0;
};

}  // namespace quietus::test
