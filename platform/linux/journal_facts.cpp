// SPDX-License-Identifier: GPL-3.0-or-later
// The journals of ext4 (jbd2) and the log of XFS.
#include <algorithm>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "linux/block_device.h"
#include "linux/device_node.h"
#include "linux/space_facts.h"
#include "linux/xfs_requests.h"
#include "posix/posix_error.h"
#include "posix/text_file.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSectorBytes = 512;
constexpr std::size_t kSuperBlockBytes = 1024;  // at the same offset
// A transaction may take a quarter of the journal, in kernels since July 2024 a third.
constexpr std::uint64_t kMostShare = 4;
// What rounding may hide, against the journal's size.
constexpr std::uint64_t kFineEnough = 16;

// Of struct ext4_super_block (fs/ext4/ext4.h).
constexpr std::size_t kMagicAt = 0x38;
constexpr std::size_t kJournalInodeAt = 0xe0;
constexpr std::size_t kJournalDeviceAt = 0xe4;
constexpr std::size_t kBackupKindAt = 0xfd;
constexpr std::size_t kJournalSizeHighAt = 0x10c + 15 * 4;
constexpr std::size_t kJournalSizeAt = 0x10c + 16 * 4;
constexpr unsigned char kBackupOfBlocks = 1;

/// The disk's numbers are little endian.
std::uint64_t number_at(std::string_view bytes, std::size_t at, std::size_t length) {
  std::uint64_t number = 0;
  for (std::size_t i = length; i > 0; --i) {
    number = number << 8U | static_cast<unsigned char>(bytes[at + i - 1]);
  }
  return number;
}

std::optional<std::uint64_t> number_before(std::string_view line, std::string_view words_after) {
  const std::string_view text = trimmed(line);
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  if (text.substr(space + 1).compare(0, words_after.size(), words_after) != 0) return std::nullopt;
  return decimal(text.substr(0, space));
}

Error no_journal(const OnFileSystem& on) {
  return unsupported("inspect the journal of", on.shown, "there is none, or it is not told");
}

std::optional<Ext4Journal> read_ext4_journal(std::uint64_t device, const SystemFolders& folders) {
  const Result<OpenedDevice> opened = open_device_to_read(device, folders);
  if (!opened) return std::nullopt;
  std::string block(kSuperBlockBytes, '\0');
  const ssize_t got = repeat_interrupted([&] {
    return ::pread(opened->fd.get(), block.data(), block.size(),
                   static_cast<off_t>(kSuperBlockBytes));
  });
  if (got != static_cast<ssize_t>(block.size())) return std::nullopt;
  return parse_ext4_journal(block);
}

/// As jbd2 names it: an external journal by its device, one inside with its inode.
std::string name_of_journal(const OnFileSystem& on, const Ext4Journal& told,
                            const SystemFolders& folders) {
  if (told.device != 0) return disk_name(decoded_device(told.device), folders);
  constexpr std::uint32_t kUsualInode = 8;  // EXT4_JOURNAL_INO
  return disk_name(on.device, folders) + "-" +
         std::to_string(told.inode != 0 ? told.inode : kUsualInode);
}

/// Of an external journal's device; 0: there is none, or it is not told.
std::uint64_t size_of_device(std::uint32_t code, const SystemFolders& folders) {
  if (code == 0) return 0;
  const auto text = read_text(sysfs_folder(decoded_device(code), folders) + "/size");
  return text ? decimal(trimmed(*text)).value_or(0) * kSectorBytes : 0;
}

Result<JournalFacts> ext4_journal(const OnFileSystem& on, std::uint64_t block_bytes,
                                  const SystemFolders& folders) {
  const Ext4Journal told = read_ext4_journal(on.device, folders).value_or(Ext4Journal{});
  const std::string path =
      folders.proc + "/fs/jbd2/" + name_of_journal(on, told, folders) + "/info";
  const Result<std::string> text = read_text(path);
  const auto info = text ? parse_jbd2_info(*text) : std::nullopt;
  if (!info) return no_journal(on);
  JournalFacts facts;
  facts.size_bytes =
      told.size_bytes != 0 ? told.size_bytes : info->most_blocks * kMostShare * block_bytes;
  const std::uint64_t device_bytes = size_of_device(told.device, folders);
  if (device_bytes != 0) facts.size_bytes = std::min(facts.size_bytes, device_bytes);
  if (info->transactions <= facts.size_bytes / block_bytes / kFineEnough) {
    facts.written_bytes = info->transactions * info->logged_blocks * block_bytes;
  }
  return facts;
}

Result<JournalFacts> xfs_log(const OnFileSystem& on, const SystemFolders& folders) {
  XfsGeometry geometry;
  if (::ioctl(on.descriptor, kXfsGetGeometry, &geometry) != 0) {
    return posix_error("inspect the log of", on.shown);
  }
  JournalFacts facts;
  facts.size_bytes = std::uint64_t{geometry.log_blocks} * geometry.block_bytes;
  const Result<std::string> text =
      read_text(folders.sys + "/fs/xfs/" + disk_name(on.device, folders) + "/log/log_head_lsn");
  if (text) facts.written_bytes = parse_log_sequence(*text, facts.size_bytes);
  return facts;
}

}  // namespace

std::optional<Jbd2Info> parse_jbd2_info(std::string_view text) {
  Jbd2Info info;
  bool found = false;
  for (const std::string_view line : split(text, '\n')) {
    if (const auto count = number_before(line, "transactions (")) {
      info.transactions = *count;
      constexpr std::string_view kMost = "each up to ";
      const std::size_t at = line.find(kMost);
      if (at == std::string_view::npos) return std::nullopt;
      const auto most = number_before(line.substr(at + kMost.size()), "blocks");
      if (!most) return std::nullopt;
      info.most_blocks = *most;
      found = true;
    }
    if (const auto logged = number_before(line, "logged blocks per transaction")) {
      info.logged_blocks = *logged;
    }
  }
  if (!found) return std::nullopt;
  return info;
}

std::optional<std::uint64_t> parse_log_sequence(std::string_view text, std::uint64_t log_bytes) {
  const std::vector<std::string_view> parts = split(trimmed(text), ':');
  if (parts.size() != 2) return std::nullopt;
  const auto cycle = decimal(parts[0]);
  const auto block = decimal(parts[1]);
  constexpr std::uint64_t kMost = std::uint64_t{1} << 32U;  // both are 32 bits wide
  if (!cycle || !block || *cycle >= kMost || *block >= kMost) return std::nullopt;
  if (log_bytes >= kMost || *block * kSectorBytes > log_bytes) return std::nullopt;
  return *cycle * log_bytes + *block * kSectorBytes;
}

std::optional<Ext4Journal> parse_ext4_journal(std::string_view super_block) {
  if (super_block.size() < kSuperBlockBytes) return std::nullopt;
  if (number_at(super_block, kMagicAt, 2) != EXT4_SUPER_MAGIC) return std::nullopt;
  Ext4Journal journal;
  journal.inode = static_cast<std::uint32_t>(number_at(super_block, kJournalInodeAt, 4));
  journal.device = static_cast<std::uint32_t>(number_at(super_block, kJournalDeviceAt, 4));
  if (journal.inode != 0) journal.device = 0;
  // A copy of the journal's inode: its length in two halves follows its block addresses.
  if (journal.inode != 0 && number_at(super_block, kBackupKindAt, 1) == kBackupOfBlocks) {
    journal.size_bytes = number_at(super_block, kJournalSizeHighAt, 4) << 32U |
                         number_at(super_block, kJournalSizeAt, 4);
  }
  return journal;
}

std::optional<std::uint64_t> external_journal(std::uint64_t device, const SystemFolders& folders) {
  const auto journal = read_ext4_journal(device, folders);
  if (!journal || journal->device == 0) return std::nullopt;
  return decoded_device(journal->device);
}

Result<JournalFacts> journal_facts(const OnFileSystem& on, const SystemFolders& folders) {
  struct statfs found {};
  if (repeat_interrupted([&] { return ::fstatfs(on.descriptor, &found); }) != 0) {
    return posix_error("inspect the file system of", on.shown);
  }
  const auto magic = static_cast<std::uint32_t>(found.f_type);
  if (magic == EXT4_SUPER_MAGIC) {
    return ext4_journal(on, static_cast<std::uint64_t>(found.f_bsize), folders);
  }
  if (magic == XFS_SUPER_MAGIC) return xfs_log(on, folders);
  return no_journal(on);
}

}  // namespace quietus
