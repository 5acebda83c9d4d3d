// SPDX-License-Identifier: GPL-3.0-or-later
// How much room a file system has, how much of it it keeps from everybody, and its log. By statfs,
// by the requests of XFS, and by what ext4 and XFS say in /sys and /proc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quietus/result.h"
#include "quietus/storage.h"

#include "linux/system_folders.h"

namespace quietus {

/// What the file system of an open descriptor gives out space in; 0: another machine's, or not
/// told.
[[nodiscard]] std::uint32_t file_system_block_bytes(int descriptor);

/// An open object, the device number of its file system, and its name for messages.
struct OnFileSystem {
  int descriptor = -1;
  std::uint64_t device = 0;
  std::string shown;
};

[[nodiscard]] Result<SpaceFacts> space_facts(const OnFileSystem& on);

/// Errors: unsupported, permission.
[[nodiscard]] Result<std::uint64_t> withheld_blocks(const OnFileSystem& on,
                                                    const SystemFolders& folders);
[[nodiscard]] Status withhold_blocks(const OnFileSystem& on, std::uint64_t blocks,
                                     const SystemFolders& folders);

/// ext4: the size from the super block where the device can be read, else the largest that it can
/// be by the limit of a transaction and, outside, by its device; what was written from jbd2's
/// averages, as long as they are exact to a sixteenth of the journal. XFS: the log's size and head.
/// Errors: unsupported.
[[nodiscard]] Result<JournalFacts> journal_facts(const OnFileSystem& on,
                                                 const SystemFolders& folders);

/// The device that the journal of an ext4 lies on, if it is not inside and its super block can be
/// read.
[[nodiscard]] std::optional<std::uint64_t> external_journal(std::uint64_t device,
                                                            const SystemFolders& folders);

/// What /proc/fs/jbd2/<device>/info says.
struct Jbd2Info {
  std::uint64_t transactions = 0;
  std::uint64_t most_blocks = 0;    ///< of one transaction
  std::uint64_t logged_blocks = 0;  ///< by one transaction, on average, rounded down
};
[[nodiscard]] std::optional<Jbd2Info> parse_jbd2_info(std::string_view text);

/// "cycle:block" of XFS, the block counted in 512 bytes, as the bytes written since the log was
/// made.
[[nodiscard]] std::optional<std::uint64_t> parse_log_sequence(std::string_view text,
                                                              std::uint64_t log_bytes);

/// What an ext4 super block says of the journal.
struct Ext4Journal {
  std::uint64_t size_bytes = 0;  ///< 0: not told
  std::uint32_t inode = 0;       ///< 0: it has none inside
  std::uint32_t device = 0;      ///< of an external one, as the kernel encodes numbers; 0: none
};
/// `super_block`: 1024 bytes. None if it is no ext super block.
[[nodiscard]] std::optional<Ext4Journal> parse_ext4_journal(std::string_view super_block);

}  // namespace quietus
