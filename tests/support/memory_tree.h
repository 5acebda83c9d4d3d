// SPDX-License-Identifier: GPL-3.0-or-later
// The state behind MemoryPlatform: mounts, with the rules of names and rights.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "quietus/platform.h"

#include "support/memory_node.h"

namespace quietus::test {

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
