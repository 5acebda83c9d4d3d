// SPDX-License-Identifier: GPL-3.0-or-later
// Directory: an open directory. Nothing below a root is reached by path: names are looked up in a
// held directory, and links are never followed.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/medium.h"
#include "quietus/result.h"

namespace quietus {

enum class Access { read, read_write };

/// One entry of a directory: its name, never "." or "..".
struct Entry {
  std::string name;
  NodeKind kind = NodeKind::other;  ///< `other` where the file system does not say
};

/// Held while it lives; released by its destructor.
class Lock {
 public:
  virtual ~Lock() = default;
};

/// An open directory. For one thread at a time. Names are single components; anything else is
/// Errc::invalid. A name that is a symbolic link is Errc::unsupported for open_at and
/// open_directory_at, never followed.
class Directory {
 public:
  virtual ~Directory() = default;

  [[nodiscard]] virtual Result<Attributes> attributes() = 0;
  /// Attributes of the entry itself, without opening it and without following a link.
  [[nodiscard]] virtual Result<Attributes> inspect_at(const std::string& name) = 0;
  /// The next entry; none at the end, and the next call starts over.
  [[nodiscard]] virtual Result<std::optional<Entry>> next_entry() = 0;

  /// Opens a regular file, without truncating or blocking. Errors: not_found, permission, io,
  /// read_only, busy (a running program), unsupported (no regular file; mounted, for writing).
  [[nodiscard]] virtual Result<std::unique_ptr<Medium>> open_at(const std::string& name,
                                                                Access access) = 0;
  /// Opens a directory below. Errors: also unsupported (something is mounted on that name).
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory_at(
      const std::string& name) = 0;
  /// The directory above; at the top, the top itself.
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_parent() = 0;

  /// Attributes of this directory and of all above it, up to the top: who could give a name here to
  /// something else. Needs no right to read any of them. Errors: io.
  [[nodiscard]] virtual Result<std::vector<Attributes>> way_up() = 0;

  /// Makes a file that was not there (permission bits as given). Errors: exists, no_space,
  /// read_only, permission.
  [[nodiscard]] virtual Result<std::unique_ptr<Medium>> create_at(const std::string& name,
                                                                  std::uint32_t mode) = 0;
  [[nodiscard]] virtual Status make_directory_at(const std::string& name, std::uint32_t mode) = 0;
  /// Renames within the directory; refuses if `to` exists (Errc::exists).
  [[nodiscard]] virtual Status rename_at(const std::string& from, const std::string& to) = 0;
  /// Renames within the directory and replaces `to` in one step. For our own records only.
  [[nodiscard]] virtual Status replace_at(const std::string& from, const std::string& to) = 0;
  [[nodiscard]] virtual Status unlink_at(const std::string& name) = 0;
  [[nodiscard]] virtual Status remove_directory_at(const std::string& name) = 0;
  /// Makes changed names durable.
  [[nodiscard]] virtual Status sync() = 0;
  /// Makes everything written to this file system durable (Linux: syncfs). Errors: unsupported
  /// where the system can't report errors of it.
  [[nodiscard]] virtual Status sync_filesystem() = 0;
  /// Takes the exclusive lock on a file here, which is made if need be; waits up to `patience`.
  /// Errors: busy.
  [[nodiscard]] virtual Result<std::unique_ptr<Lock>> lock_at(
      const std::string& name, std::chrono::milliseconds patience) = 0;

  // What not every file system offers: unless said otherwise, Errc::unsupported.

  /// Takes the marks "immutable" and "append-only" off a regular file or directory, and gives its
  /// owner the right to write; `only`: if it is this object, looked at through the very descriptor.
  /// Errors: permission, changed (another one has the name).
  [[nodiscard]] virtual Status allow_changes_at(const std::string& name,
                                                const std::optional<Identity>& only = {});
  /// Of this directory itself; as Medium has them.
  [[nodiscard]] virtual Result<std::vector<ExtendedAttribute>> extended_attributes();
  [[nodiscard]] virtual Status replace_attribute(const std::string& name,
                                                 std::span<const std::byte> value);
  [[nodiscard]] virtual Status remove_attribute(const std::string& name);

  // For fillers of free space. Errors of all that make a name: exists, no_space (os_code EDQUOT: a
  // quota), invalid (too long), unsupported.

  /// Makes an empty regular file without opening it.
  [[nodiscard]] virtual Status make_file_at(const std::string& name, std::uint32_t mode);
  [[nodiscard]] virtual Status make_symlink_at(const std::string& name, const std::string& target);
  /// Gives a file here another name in `there`. Errors: also busy (EMLINK: it has all the names it
  /// can have).
  [[nodiscard]] virtual Status link_at(const std::string& name, Directory& there,
                                       const std::string& name_there);
  /// Gives a file here an extended attribute.
  [[nodiscard]] virtual Status add_attribute_at(const std::string& name,
                                                const std::string& attribute,
                                                std::span<const std::byte> value);
  /// Sets the permission bits of an entry that is no link.
  [[nodiscard]] virtual Status set_mode_at(const std::string& name, std::uint32_t mode);

  // Of the file system that the directory lies on.

  [[nodiscard]] virtual Result<SpaceFacts> space();
  /// What the file system calls free, in order. Errors: unsupported, permission.
  [[nodiscard]] virtual Result<std::vector<DeviceExtent>> free_extents();
  /// How many blocks the file system keeps from everybody (ext4: reserved_clusters; xfs: the
  /// reserve pool), until it is mounted anew.
  [[nodiscard]] virtual Result<std::uint64_t> withheld_blocks();
  [[nodiscard]] virtual Status withhold_blocks(std::uint64_t blocks);
  /// Errors: unsupported (it has none, or does not tell).
  [[nodiscard]] virtual Result<JournalFacts> journal();
  /// Puts what is only in the journal where it belongs, durably (Linux: ext4 from 5.14 on). Errors:
  /// unsupported, permission, io.
  [[nodiscard]] virtual Status checkpoint_journal();
};

}  // namespace quietus
