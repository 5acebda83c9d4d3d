// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDirectory: an open directory whose names are opened by openat2, which can't leave it and
// follows no link and, but for reading a file, comes to nothing that is mounted there.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "linux/inode_facts.h"
#include "linux/linux_medium.h"
#include "linux/space_facts.h"
#include "linux/system_folders.h"
#include "posix/posix_directory.h"

namespace quietus {

/// `folders` must outlive it and everything opened through it.
class LinuxDirectory final : public PosixDirectory {
 public:
  LinuxDirectory(Fd fd, std::string path, const SystemFolders& folders)
      : PosixDirectory(std::move(fd), std::move(path)), folders_(folders) {}

  Result<Attributes> attributes() override;
  Result<Attributes> inspect_at(const std::string& name) override;
  Result<std::vector<Attributes>> way_up() override;
  Status rename_at(const std::string& from, const std::string& to) override;
  /// Unsupported before Linux 5.8, where syncfs(2) loses errors.
  Status sync_filesystem() override;
  Status allow_changes_at(const std::string& name,
                          const std::optional<Identity>& only = {}) override;
  Result<std::vector<ExtendedAttribute>> extended_attributes() override;
  Status replace_attribute(const std::string& name, std::span<const std::byte> value) override;
  Status remove_attribute(const std::string& name) override;
  Status add_attribute_at(const std::string& name, const std::string& attribute,
                          std::span<const std::byte> value) override;
  Result<SpaceFacts> space() override;
  /// As of what was written back: sync the file system first.
  Result<std::vector<DeviceExtent>> free_extents() override;
  Result<std::uint64_t> withheld_blocks() override;
  Status withhold_blocks(std::uint64_t blocks) override;
  Result<JournalFacts> journal() override;
  Status checkpoint_journal() override;

  [[nodiscard]] Result<InodeFacts> facts() const;
  [[nodiscard]] const std::string& shown() const { return path(); }

 protected:
  int open_below(const std::string& name, const Opening& how) override;
  std::unique_ptr<Medium> medium_of(Fd fd, std::string path) override;
  std::unique_ptr<Directory> directory_of(Fd fd, std::string path) override;

 private:
  /// A regular file or a directory here, opened for reading.
  Result<Fd> open_node(const std::string& name);
  [[nodiscard]] Result<OnFileSystem> on_file_system() const;

  const SystemFolders& folders_;
  std::optional<DeviceSizes> sizes_;  ///< of the files here; handed down
};

}  // namespace quietus
