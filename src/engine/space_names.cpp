// SPDX-License-Identifier: GPL-3.0-or-later
// Fills the gaps in directories. In a hashed directory (ext4) a name fits or not by the block that
// it happens to fall into, so each length is tried until it has most likely met every block.
#include "engine/space_names.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "quietus/free_space.h"

#include "engine/space_walk.h"

namespace quietus {
namespace {

// An entry takes 8 bytes and its name, in steps of 4 bytes, in ext4; other file systems are alike.
constexpr std::uint64_t kEntryBytes = 8;
constexpr std::array<std::uint16_t, 15> kLengths{255, 192, 128, 96, 64, 48, 40, 32,
                                                 28,  24,  20,  16, 12, 8,  4};
// ext4 takes 65,000 names for a file; several files for directories that have room for more.
constexpr std::size_t kFiles = 8;
// Where there is room left, a hashed directory may grow by so much for each length.
constexpr std::uint64_t kShareOfGrowth = 16;
constexpr std::uint64_t kMostCollisions = 1000;
constexpr std::uint32_t kPrivateFile = 0600;
constexpr double kCertainty = 8;  // a block is missed with a probability of e^-8 at most
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=";

/// SplitMix64: names need to be spread, not to be secret.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

/// How often a name may fail to fit in a row before it fits nowhere. `blocks` are met by chance.
std::uint64_t patience_for(std::uint64_t blocks, std::uint16_t length) {
  if (blocks <= 1) return 1;
  const auto count = static_cast<double>(blocks);
  if (length != kLengths.back()) return blocks * 2;
  return static_cast<std::uint64_t>(count * (std::log(count) + kCertainty));
}

}  // namespace

Status NameFiller::open() {
  if (Status drawn = random_.fill(std::as_writable_bytes(std::span(&seed_, 1))); !drawn) {
    return drawn;
  }
  for (std::size_t number = 0; number < kFiles; ++number) {
    const std::string name = std::to_string(number);
    if (Status made = folder_.make_file_at(name, kPrivateFile); !made) {
      return files_.empty() ? made : Status();
    }
    const Result<Attributes> seen = folder_.inspect_at(name);
    if (!seen) return seen.error();
    files_.push_back(seen->identity);
  }
  return {};
}

std::string NameFiller::name_at(std::uint32_t number, std::uint16_t length) const {
  std::string name;
  name.reserve(length);
  std::uint64_t bits = mixed(seed_ ^ number);
  for (std::uint16_t place = 0; place < length; ++place) {
    if (place % 8 == 7) bits = mixed(bits);
    name += kLetters[bits >> (place % 8 * 6U) & 63U];
  }
  return name;
}

Status NameFiller::fill(Directory& there, std::uint32_t block_bytes) {
  file_ = 0;
  return put_names(there, block_bytes) ? remove_all(there) : Status();
}

Status NameFiller::fill_and_keep(Directory& there, std::uint32_t block_bytes) {
  file_ = 0;
  if (!put_names(there, block_bytes)) return {};
  keeps_some_ = keeps_some_ || !made_.empty();
  count_.names += made_.size();
  made_.clear();
  return {};
}

bool NameFiller::put_names(Directory& there, std::uint32_t block_bytes) {
  const Result<Attributes> itself = there.attributes();
  if (!itself || itself->immutable || itself->append_only || files_.empty()) {
    ++count_.left_out;
    return false;
  }
  const std::uint64_t size = std::max<std::uint64_t>(itself->size_bytes, block_bytes);
  refused_ = false;
  size_ = size;
  may_grow_ = size / block_bytes / kShareOfGrowth * block_bytes;
  ++count_.directories;
  for (const std::uint16_t length : kLengths) {
    if (stop_.requested() || refused_) break;
    fill_class(there, length, patience_for(size / block_bytes, length));
  }
  if (refused_) ++count_.left_out;
  return true;
}

void NameFiller::fill_class(Directory& there, std::uint16_t length, std::uint64_t patience) {
  std::uint64_t failed = 0;
  std::uint64_t collisions = 0;
  std::uint64_t bytes_left = size_;
  const std::uint64_t limit = size_of(there) + may_grow_;
  while (failed < patience && collisions < kMostCollisions && !stop_.requested()) {
    if (bytes_left < kEntryBytes + length) return;
    const Try outcome = try_one(there, length);
    if (outcome == Try::refused) {
      refused_ = true;
      return;
    }
    if (outcome == Try::does_not_fit) ++failed;
    if (outcome == Try::taken) ++collisions;
    if (outcome == Try::made) {
      failed = 0;
      bytes_left -= kEntryBytes + length;
      // So long a name finds no gap any more.
      if (size_of(there) > limit) return;
    }
  }
}

std::uint64_t NameFiller::size_of(Directory& there) const {
  const Result<Attributes> now = there.attributes();
  return now ? std::max(now->size_bytes, size_) : size_;
}

NameFiller::Try NameFiller::try_one(Directory& there, std::uint16_t length) {
  const std::uint32_t number = next_number_++;
  const Status made = folder_.link_at(std::to_string(file_), there, name_at(number, length));
  if (made) {
    made_.push_back({number, length, file_});
    return Try::made;
  }
  if (made.error().code == Errc::no_space || made.error().code == Errc::invalid) {
    return Try::does_not_fit;
  }
  if (made.error().code == Errc::exists) return Try::taken;
  const bool used_up = made.error().code == Errc::busy && file_ + std::size_t{1} < files_.size();
  if (!used_up) return Try::refused;
  ++file_;
  return Try::taken;
}

/// Somebody may have put something else in its place: only names of our own files go.
Status NameFiller::remove_all(Directory& there) {
  Status result;
  for (const Made& one : made_) {
    const std::string name = name_at(one.number, one.length);
    const Result<Attributes> seen = there.inspect_at(name);
    if (seen && !seen->identity.same_object(files_[one.file])) continue;
    const Status removed = seen ? there.unlink_at(name) : Status(seen.error());
    if (!removed && removed.error().code != Errc::not_found) result = removed;
  }
  count_.names += made_.size();
  made_.clear();
  return result;
}

Status NameFiller::remove_kept(Directory& there) {
  std::set<NodeKey> inodes;
  for (const Identity& one : files_) inodes.insert({one.device, one.inode});
  const StopFlag never;  // names of ours stay nowhere
  const Result<std::uint64_t> removed = remove_names_of(there, inodes, never, NamesWhere::here);
  return removed ? Status() : Status(removed.error());
}

Status NameFiller::check_all_gone() {
  for (std::size_t number = 0; number < files_.size(); ++number) {
    const Result<Attributes> seen = folder_.inspect_at(std::to_string(number));
    if (!seen) return seen.error();
    if (seen->links > 1) {
      return Error{Errc::busy, 0,
                   std::to_string(seen->links - 1) +
                       " names of this tool's are still in other "
                       "directories"};
    }
  }
  keeps_some_ = false;
  return {};
}

Result<std::uint64_t> remove_names_of(Directory& top, const std::set<NodeKey>& inodes,
                                      const StopFlag& stop, NamesWhere where) {
  std::uint64_t removed = 0;
  Status failure;
  std::vector<std::string> found;  // in the directory that is being listed
  SpaceVisitor visitor;
  visitor.skips = [where](const std::string& name) {
    return where == NamesWhere::here || is_fill_name(name);
  };
  visitor.entry = [&](Directory&, const std::string& name, const Attributes& entry) {
    if (inodes.contains({entry.identity.device, entry.identity.inode})) found.push_back(name);
  };
  visitor.directory = [&](Directory& there, const Attributes&) {
    for (const std::string& name : found) {
      const Result<Attributes> still = there.inspect_at(name);
      const bool ours = still && inodes.contains({still->identity.device, still->identity.inode});
      if (!ours) continue;
      const Status gone = there.unlink_at(name);
      if (gone) ++removed;
      if (!gone && gone.error().code != Errc::not_found) failure = gone;
    }
    found.clear();
  };
  static_cast<void>(walk_directories(top, visitor, stop));
  if (!failure) return failure.error();
  return removed;
}

}  // namespace quietus
