// SPDX-License-Identifier: GPL-3.0-or-later
// MemoryPlatform: a machine in memory for tests. Paths are looked up, files opened, renamed and
// removed as on Linux; what the file system would say of itself is set by the test. It also tells
// the test what was done: log, content, names.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "quietus/platform.h"

#include "support/memory_directory.h"
#include "support/memory_medium.h"
#include "support/memory_tree.h"

namespace quietus::test {

/// Starts as uid 0 with an empty "/" on an "ext4" that overwrites in place and has no end. Building
/// and asking throw std::out_of_range for a path that is not there. Objects opened through it may
/// outlive it.
class MemoryPlatform final : public Platform {
 private:
  MemoryStatePtr state_ = std::make_shared<MemoryState>();  // first: the references below need it

 public:
  using NodePtr = std::shared_ptr<MemoryNode>;

  MemoryPlatform();

  // Building. Directories on the way are made (0755). Returns the node, for settings.
  NodePtr add_file(const std::string& path, std::string_view content = {},
                   std::uint32_t mode = 0644);
  NodePtr add_directory(const std::string& path, std::uint32_t mode = 0755);
  NodePtr add_symlink(const std::string& path, const std::string& target);
  NodePtr add_node(const std::string& path, NodeKind kind);
  /// A block device of that content at facts.path; path, number, size and, where they are empty,
  /// name and disk are filled in. Its links: add_symlink.
  NodePtr add_device(DeviceFacts facts, std::string_view content);
  NodePtr add_hard_link(const std::string& existing, const std::string& path);
  /// A new file system on the directory `path`. mount_point is filled in.
  MemoryFileSystem& add_mount(const std::string& path, const FileSystemFacts& facts);
  /// The same objects again, by another mount.
  void add_bind_mount(const std::string& existing, const std::string& path);
  /// Puts the file system that `path` lies on onto a disk of that size: its device number can be
  /// opened, stored() and free_extents() tell. What does not fit has no place.
  void give_disk(const std::string& path, std::uint64_t bytes);

  // Asking. The last component may be a link and is not followed.
  [[nodiscard]] NodePtr node(const std::string& path) const;
  [[nodiscard]] bool exists(const std::string& path) const;
  [[nodiscard]] std::string content(const std::string& path) const;
  /// All paths but "/", sorted.
  [[nodiscard]] std::vector<std::string> nodes() const;
  [[nodiscard]] Identity identity(const std::string& path) const;
  /// The file system on which `path` lies.
  [[nodiscard]] MemoryFileSystem& file_system(const std::string& path) const;
  /// How often a line of the log begins so.
  [[nodiscard]] std::size_t count(std::string_view prefix) const;

  // Doing behind the product's back.
  void set_content(const std::string& path, std::string_view content);
  void remove(const std::string& path);
  /// Keeps, from here on, what a loss of power would leave. Costs a copy of each flushed file.
  void track_durability();
  /// What a loss of power does: content as of the last flush, names as of the last sync. Throws
  /// std::logic_error where that was not tracked.
  void lose_power();

  // Settings and records, as they are.
  Machine machine_facts;
  std::string program = "/usr/bin/quietus";
  std::map<std::string, std::string> variables;
  std::string working_directory = "/";
  std::set<Identity> active_swap;
  unsigned processor_count = 2;
  std::size_t descriptors = 1024;
  Account& account_facts = state_->account;
  /// One line for each operation on names and each flush: "open_write /a", "rename /a b".
  std::vector<std::string>& log = state_->log;
  /// Called with that line just before the operation.
  std::function<void(const std::string&)>& before = state_->before;
  /// Every medium handed out goes through it, with the path by which it was opened.
  std::function<std::unique_ptr<Medium>(const std::string&, std::unique_ptr<Medium>)>& wrap =
      state_->wrap;

  [[nodiscard]] Result<Location> locate(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<Directory>> open_directory(const std::string& path) override;
  [[nodiscard]] Result<FileSystemFacts> file_system_of(Directory& directory) override;
  [[nodiscard]] Result<FileSystemFacts> file_system_of(Medium& medium) override;
  [[nodiscard]] Result<std::vector<DeviceFacts>> devices() override;
  [[nodiscard]] Result<DeviceFacts> inspect_device(const std::string& path) override;
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_device(const std::string& path,
                                                            Access access) override;
  [[nodiscard]] Result<StoredFile> stored(Medium& file) override;
  [[nodiscard]] Result<std::vector<std::uint64_t>> devices_below(Directory& directory) override;
  /// Its log line: "open_device_number 7"; its path for `wrap`: "device 7".
  [[nodiscard]] Result<std::unique_ptr<Medium>> open_device_number(std::uint64_t number) override;
  [[nodiscard]] Result<std::vector<std::string>> snapshots_of(Directory& directory) override;
  [[nodiscard]] Machine machine() override { return machine_facts; }
  [[nodiscard]] Account account() override { return account_facts; }
  [[nodiscard]] Result<std::string> program_path() override { return program; }
  [[nodiscard]] std::optional<std::string> environment(const std::string& name) override;
  [[nodiscard]] bool is_active_swap(const Identity& identity) override;
  [[nodiscard]] unsigned processors() override { return processor_count; }
  [[nodiscard]] std::size_t descriptor_limit() override { return descriptors; }

 private:
  [[nodiscard]] Place top() const;
  [[nodiscard]] Result<Place> device_at(const std::string& path);
  [[nodiscard]] Place place_of(const std::string& path) const;
  [[nodiscard]] Place directory_for(const std::string& path);
  NodePtr put(const std::string& path, NodeKind kind, std::uint32_t mode);
  [[nodiscard]] std::shared_ptr<MemoryFileSystem> system_with_device(std::uint64_t number) const;
  [[nodiscard]] static MemoryMedium& memory_medium(Medium& medium);
  [[nodiscard]] static FileSystemFacts facts_of(const Place& place);
};

}  // namespace quietus::test
