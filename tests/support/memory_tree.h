// SPDX-License-Identifier: GPL-3.0-or-later
// The state behind MemoryPlatform: nodes, file systems and mounts, with the rules of names and
// rights. Tests reach nodes and file systems through MemoryPlatform and may set any field.
#pragma once

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "quietus/medium.h"
#include "quietus/platform.h"
#include "quietus/text.h"

namespace quietus::test {

/// Space is given out in units of this size.
inline constexpr std::uint64_t kBlockBytes = 4096;

[[nodiscard]] Error error_of(Errc code, int os_code, const std::string& what);

/// How a node answers Medium::placements.
enum class PlacementAnswer {
  ordinary,  ///< one extent for each range of data, from the node's own address on
  moves_at_the_first_write,
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

  std::atomic<std::uint64_t> used_bytes = 0;
  std::atomic<std::uint64_t> used_nodes = 0;
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

 private:
  [[nodiscard]] bool shape(std::uint64_t size, const std::vector<Extent>& new_holes);
};

struct MemoryMount {
  std::uint64_t id = 0;
  std::string path;
  std::shared_ptr<MemoryFileSystem> file_system;
  std::shared_ptr<MemoryNode> root;
  std::shared_ptr<MemoryMount> on;  ///< null: the top
  std::shared_ptr<MemoryNode> covers;
};

/// A node and the mount it was reached by.
struct Place {
  std::shared_ptr<MemoryNode> node;
  std::shared_ptr<MemoryMount> mount;
};

/// Shared by a MemoryPlatform and everything opened through it.
struct MemoryState {
  std::mutex mutex;  // over all that follows but `before`
  std::condition_variable unlocked;
  std::uint64_t next_inode = 1;
  std::uint64_t next_number = 1;
  std::vector<std::shared_ptr<MemoryMount>> mounts;
  Account account;
  bool tracks_durability = false;
  std::vector<std::string> log;
  std::function<void(const std::string&)> before;
  std::function<std::unique_ptr<Medium>(const std::string&, std::unique_ptr<Medium>)> wrap;

  /// Notes what is about to be done and runs the test's hook. Without the mutex.
  void announce(const std::string& line);
  [[nodiscard]] std::shared_ptr<MemoryNode> make(const Place& where, NodeKind kind,
                                                 std::uint32_t mode);
  [[nodiscard]] bool may(const MemoryNode& node, std::uint32_t bits) const;
  [[nodiscard]] std::optional<Place> child(const Place& directory, const std::string& name) const;
  [[nodiscard]] Place parent(const Place& directory) const;
  /// The name of a directory in its parent; empty at the top.
  [[nodiscard]] std::string name_of(const Place& directory) const;
  [[nodiscard]] Result<Place> resolve(const Place& from, const std::string& path, int links_left);
  [[nodiscard]] Attributes attributes_of(const Place& place) const;
};

using MemoryStatePtr = std::shared_ptr<MemoryState>;

}  // namespace quietus::test
