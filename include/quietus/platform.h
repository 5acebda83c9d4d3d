// SPDX-License-Identifier: GPL-3.0-or-later
// Platform: where paths become open directories, and what the machine says of itself. The only seam
// to the operating system besides Clock and Random.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "quietus/directory.h"
#include "quietus/machine.h"
#include "quietus/medium.h"
#include "quietus/result.h"
#include "quietus/seams.h"

namespace quietus {

/// Whether a file system puts an overwrite where the old data was.
enum class InPlace {
  yes,            ///< known to, unless a file's flags or extents say otherwise
  no_cow,         ///< only for files marked so (btrfs with chattr +C)
  copy_on_write,  ///< never
  layered,        ///< an upper layer takes the write, the lower one keeps the data (overlay)
  remote,         ///< somebody else's file system: can't be told
  unknown,
};

/// Facts of the file system that an open directory or file lies on.
struct FileSystemFacts {
  std::string type;         ///< as the kernel names it: "ext4"
  std::string mount_point;  ///< empty: unknown
  std::string options;      ///< mount and super block options, joined by commas
  std::string source;       ///< what is mounted: "/dev/sda1"
  InPlace in_place = InPlace::unknown;
  bool journals_data =
      false;                 ///< every file's content goes through the journal (ext4 data=journal)
  bool is_volatile = false;  ///< gone at the next boot or with a container: tmpfs, overlay
  bool remote = false;
  bool mount_root = false;  ///< the object asked about is the root of its mount
  std::uint64_t free_bytes = 0;
};

/// Whether both are of one file system: subvolumes have device numbers of their own, but one
/// source.
[[nodiscard]] bool same_file_system(const FileSystemFacts& a, const FileSystemFacts& b);

/// Where a path leads: an open directory and a name in it, which need not exist.
struct Location {
  std::unique_ptr<Directory> directory;
  std::string name;
};

/// The operating system. Paths are what the user gave, relative to the working directory.
class Platform {
 public:
  virtual ~Platform() = default;

  /// Opens the directory that holds the path's last component. Links on the way are followed, the
  /// last one is not.
  /// A path that ends in "." or ".." is named by what it is called in its parent; the top has no
  /// parent, so "/" gives the directory "/" and an empty name, which means that directory itself.
  /// Slashes at the end are ignored. Errors: invalid (empty), not_found, permission.
  [[nodiscard]] virtual Result<Location> locate(const std::string& path) = 0;
  /// Opens a directory by path.
  [[nodiscard]] virtual Result<std::unique_ptr<Directory>> open_directory(
      const std::string& path) = 0;

  [[nodiscard]] virtual Result<FileSystemFacts> file_system_of(Directory& directory) = 0;
  [[nodiscard]] virtual Result<FileSystemFacts> file_system_of(Medium& medium) = 0;

  /// Every block device of the machine, in order of name. What needs rights that are missing is
  /// unknown in the facts. Opens devices for reading only, and only to see what is on them. Errors:
  /// unsupported (the system does not tell).
  [[nodiscard]] virtual Result<std::vector<DeviceFacts>> devices() = 0;
  /// The block device that a path leads to; links are followed, since stable names are links.
  /// Errors: not_found, permission, unsupported (it is not a block device).
  [[nodiscard]] virtual Result<DeviceFacts> inspect_device(const std::string& path) = 0;
  /// Opens a block device by the path of its node. For writing, it is claimed: opened exclusively,
  /// and the whole disk's node locked, so that nobody else claims it and udev does not probe it;
  /// held as long as the medium lives. Two partitions of one disk may be held at once. Errors: busy
  /// (mounted, claimed or locked by somebody else), permission, read_only, not_found, unsupported
  /// (not a block device), io.
  [[nodiscard]] virtual Result<std::unique_ptr<Medium>> open_device(const std::string& path,
                                                                    Access access) = 0;

  /// Where on block devices a file's content lies, by what the file system says, after it was
  /// written back. Content that goes through a journal may lie there only after
  /// Directory::checkpoint_journal(). Errors: unsupported (and why), permission.
  [[nodiscard]] virtual Result<StoredFile> stored(Medium& file);
  /// The numbers of the block devices that a file system lies on. Errors: unsupported.
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> devices_below(Directory& directory);
  /// Opens a block device for reading, whoever uses it. Errors: as open_device, unsupported.
  [[nodiscard]] virtual Result<std::unique_ptr<Medium>> open_device_number(std::uint64_t number);
  /// The snapshots and clones of the volume that a directory lies on, by path or name. Errors:
  /// unsupported (not told), permission.
  [[nodiscard]] virtual Result<std::vector<std::string>> snapshots_of(Directory& directory);

  [[nodiscard]] virtual Machine machine() = 0;
  [[nodiscard]] virtual Account account() = 0;
  /// Path of the running program. Errors: unsupported.
  [[nodiscard]] virtual Result<std::string> program_path() = 0;
  /// Value of an environment variable; none if unset or empty.
  [[nodiscard]] virtual std::optional<std::string> environment(const std::string& name) = 0;
  /// Whether this file is swapped to. False where it can't be told.
  [[nodiscard]] virtual bool is_active_swap(const Identity& identity) = 0;
  /// How many processors this process may use; at least 1.
  [[nodiscard]] virtual unsigned processors() = 0;
  /// How many files this process may have open at once.
  [[nodiscard]] virtual std::size_t descriptor_limit() = 0;
};

}  // namespace quietus
