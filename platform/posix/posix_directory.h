// SPDX-License-Identifier: GPL-3.0-or-later
// PosixDirectory: the part of an open directory that is the same on every POSIX system. Links are
// never followed; single names only.
#pragma once

#include <dirent.h>
#include <memory>
#include <string>
#include <sys/stat.h>

#include "quietus/directory.h"

#include "posix/fd.h"

namespace quietus {

/// What a node is, by the type bits of its mode.
[[nodiscard]] NodeKind kind_of(mode_t mode);

/// An open directory; the class below it opens names and makes the objects for what was opened.
class PosixDirectory : public Directory {
 public:
  /// `path` is for messages only.
  PosixDirectory(Fd fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  Result<std::optional<Entry>> next_entry() override;
  Result<std::unique_ptr<Medium>> open_at(const std::string& name, Access access) override;
  Result<std::unique_ptr<Directory>> open_directory_at(const std::string& name) override;
  Result<std::unique_ptr<Directory>> open_parent() override;
  Result<std::unique_ptr<Medium>> create_at(const std::string& name, std::uint32_t mode) override;
  Status make_directory_at(const std::string& name, std::uint32_t mode) override;
  Status rename_at(const std::string& from, const std::string& to) override;
  Status replace_at(const std::string& from, const std::string& to) override;
  Status unlink_at(const std::string& name) override;
  Status remove_directory_at(const std::string& name) override;
  Status sync() override;
  Result<std::unique_ptr<Lock>> lock_at(const std::string& name,
                                        std::chrono::milliseconds patience) override;
  Status make_file_at(const std::string& name, std::uint32_t mode) override;
  Status make_symlink_at(const std::string& name, const std::string& target) override;
  Status link_at(const std::string& name, Directory& there, const std::string& name_there) override;
  Status set_mode_at(const std::string& name, std::uint32_t mode) override;

  [[nodiscard]] int descriptor() const { return fd_.get(); }

 protected:
  struct Opening {
    int flags = 0;
    mode_t mode = 0;
    bool crosses_mounts = false;  ///< else what is mounted on the name is EXDEV
  };
  /// Opens the name itself, never what a link points to. -1 and errno on failure.
  [[nodiscard]] virtual int open_below(const std::string& name, const Opening& how) = 0;
  [[nodiscard]] virtual std::unique_ptr<Medium> medium_of(Fd fd, std::string path) = 0;
  [[nodiscard]] virtual std::unique_ptr<Directory> directory_of(Fd fd, std::string path) = 0;

  /// The name with the directory's path in front, for messages.
  [[nodiscard]] std::string path_of(const std::string& name) const;
  [[nodiscard]] const std::string& path() const { return path_; }
  /// What went wrong in open_below, by errno.
  [[nodiscard]] Error cannot_open(const std::string& name) const;
  /// Errc::invalid unless the name is a single component.
  [[nodiscard]] Status check_name(const std::string& name) const;

 private:
  struct CloseStream {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  /// Whether the entry is of this kind; Errc::unsupported names the kind it is.
  Status check_kind(const std::string& name, NodeKind wanted);
  Result<Fd> open_regular(const std::string& name, int flags);
  Result<Fd> open_or_create(const std::string& name);
  Status open_stream();

  Fd fd_;
  std::string path_;
  std::unique_ptr<DIR, CloseStream> stream_;  // open while a listing is under way
};

}  // namespace quietus
