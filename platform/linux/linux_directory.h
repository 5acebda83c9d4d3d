// SPDX-License-Identifier: GPL-3.0-or-later
// LinuxDirectory: an open directory whose names are opened by openat2, which can't leave it and
// follows no link.
#pragma once

#include <string>

#include "linux/inode_facts.h"
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
  Status rename_at(const std::string& from, const std::string& to) override;
  /// Unsupported before Linux 5.8, where syncfs(2) loses errors.
  Status sync_filesystem() override;

  [[nodiscard]] Result<InodeFacts> facts() const;
  [[nodiscard]] const std::string& shown() const { return path(); }

 protected:
  int open_below(const std::string& name, int flags, mode_t mode) override;
  std::unique_ptr<Medium> medium_of(Fd fd, std::string path) override;
  std::unique_ptr<Directory> directory_of(Fd fd, std::string path) override;

 private:
  const SystemFolders& folders_;
};

}  // namespace quietus
