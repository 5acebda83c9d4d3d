// SPDX-License-Identifier: GPL-3.0-or-later
// Takes all free inodes. ext4 writes the whole inode when it makes one. XFS leaves what was behind
// the part that it uses, so the part is used as far as it goes: a link's target lies in the inode.
#include "engine/space_nodes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>
#include <thread>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::uint32_t kPrivateFolder = 0700;
constexpr std::uint32_t kPrivateFile = 0600;
constexpr std::uint64_t kOfEveryForm = 16;
// XFS keeps inodes in chunks of so many.
constexpr std::uint64_t kChunk = 64;
// What an inode of 2048, 1024, 512 and 256 bytes has left for a target in XFS (version 5; 4), and
// in ext4.
constexpr std::array<std::size_t, 5> kTargets{1872, 848, 336, 156, 59};
// Lies in a block of its own, all of it: ext4 leaves behind a target what was in the block before,
// where that was metadata that it still holds in memory.
constexpr std::size_t kLongTarget = 4095;
constexpr std::uint64_t kShareOfNodes = 32;  // of the free ones, for directories
constexpr std::uint64_t kFewestInodeBytes = 128;
constexpr std::uint32_t kStirredModes[] = {0600, 0400};

/// A form that an inode or what belongs to it can have.
struct Form {
  const char* prefix;
  std::size_t target_bytes;     ///< of a link; 0: a file
  std::size_t attribute_bytes;  ///< of a file; 0: none
};

constexpr std::array<Form, 4> kForms{{
    {"short", 40, 0},
    {"long", kLongTarget, 0},
    {"inner", 0, 40},
    {"outer", 0, 1000},
}};

bool is_lack(const Status& status) {
  return !status &&
         (status.error().code == Errc::no_space || status.error().code == Errc::unsupported ||
          status.error().code == Errc::invalid);
}

Status make(Directory& there, const Form& form, const std::string& name, std::size_t block) {
  if (form.target_bytes > 0) {
    return there.make_symlink_at(name, std::string(std::min(form.target_bytes, block - 1), 'x'));
  }
  if (Status made = there.make_file_at(name, kPrivateFile); !made) return made;
  const std::string value(form.attribute_bytes, 'x');
  return there.add_attribute_at(name, "user.x", bytes_of(value));
}

}  // namespace

Result<std::uint32_t> make_spread(Directory& folder) {
  const Result<SpaceFacts> space = folder.space();
  if (!space) return space.error();
  std::uint64_t most = kSpreadDirectories;
  if (space->nodes > 0) most = std::min(most, space->free_nodes / kShareOfNodes);
  std::uint32_t made = 0;
  for (; made < std::max<std::uint64_t>(most, 1); ++made) {
    const Status one = folder.make_directory_at(std::to_string(made), kPrivateFolder);
    if (one) continue;
    if (made == 0 || one.error().code != Errc::no_space) return one.error();
    break;
  }
  return made;
}

Status NodeFiller::open() {
  const Result<std::uint32_t> made = make_spread(folder_);
  if (!made) return made.error();
  directories_ = *made;
  made_.assign(directories_, 0);
  full_.assign(directories_, false);
  return {};
}

std::uint64_t NodeFiller::free_nodes() {
  const Result<SpaceFacts> space = folder_.space();
  return space ? space->free_nodes : 0;
}

Status NodeFiller::fill(std::uint64_t spare) {
  const Result<SpaceFacts> space = folder_.space();
  if (!space) return space.error();
  has_table_ = space->nodes > 0;
  block_bytes_ = space->block_bytes;
  if (Status made = prepare(spare); !made) return made;
  while (!stop_.requested()) {
    const std::uint64_t left = free_nodes();
    const auto more = static_cast<std::uint64_t>(std::count(full_.begin(), full_.end(), false));
    if (left <= spare || more == 0) break;
    const std::uint64_t share = std::max<std::uint64_t>((left - spare) / more, 1);
    if (Status filled = fill_all(share); !filled) return filled;
  }
  const std::uint64_t left = free_nodes();
  count_.left_out = left > spare ? left - spare : 0;
  return {};
}

/// A few directories at a time, each by a thread of its own.
Status NodeFiller::fill_all(std::uint64_t most) {
  const std::uint32_t workers = has_table_ ? workers_ : 1;
  for (std::uint32_t first = 0; first < directories_; first += workers) {
    std::vector<Share> shares;
    for (std::uint32_t number = first; number < std::min(first + workers, directories_); ++number) {
      if (full_[number] || stop_.requested()) continue;
      auto there = folder_.open_directory_at(std::to_string(number));
      if (!there) return there.error();
      shares.push_back({std::move(*there), number});
    }
    fill_side_by_side(shares, most);
    for (Share& share : shares) {
      count_.nodes += share.nodes;
      count_.quota = count_.quota || share.quota;
      if (!share.failure) return share.failure;
      if (share.end == End::full) full_[share.directory] = true;
    }
  }
  return {};
}

void NodeFiller::fill_side_by_side(std::vector<Share>& shares, std::uint64_t most) {
  const auto fill = [&](Share& share) {
    share.end = has_table_ ? fill_one(share, most) : fill_existing(share);
  };
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < shares.size(); ++i) {
    try {
      others.emplace_back([&fill, &share = shares[i]] { fill(share); });
    } catch (const std::system_error&) {
      fill(shares[i]);  // a limit on threads
    }
  }
  if (!shares.empty()) fill(shares.front());
  for (std::thread& other : others) other.join();
}

Status NodeFiller::prepare(std::uint64_t spare) {
  for (std::uint32_t number = 0; number < directories_ && !stop_.requested(); ++number) {
    auto there = folder_.open_directory_at(std::to_string(number));
    if (!there) return there.error();
    if (number == 0 && !has_table_) measure_target(**there);
    if (has_table_ && free_nodes() <= spare) return {};
    if (Status made = make_every_form(**there); !made) return made;
  }
  return {};
}

Status NodeFiller::make_every_form(Directory& there) {
  for (const Form& form : kForms) {
    for (std::uint64_t number = 0; number < kOfEveryForm; ++number) {
      const std::string name = form.prefix + std::to_string(number);
      const Status made = make(there, form, name, block_bytes_);
      if (is_lack(made)) break;
      if (!made) return made;
      ++count_.nodes;
    }
  }
  return {};
}

/// The longest target that takes no block.
void NodeFiller::measure_target(Directory& there) {
  for (const std::size_t length : kTargets) {
    target_ = std::string(length, 'x');
    const Result<SpaceFacts> before = there.space();
    // The first may make the directory grow, or take a chunk of inodes.
    bool free_of_charge = false;
    for (const char* name : {"target0", "target1", "target2"}) {
      const Result<SpaceFacts> first = there.space();
      if (!there.make_symlink_at(name, target_)) break;
      const Result<SpaceFacts> then = there.space();
      free_of_charge = first && then && first->free_bytes == then->free_bytes;
      static_cast<void>(there.unlink_at(name).ok());
    }
    if (free_of_charge) return;
  }
}

NodeFiller::End NodeFiller::make_one(Share& share) {
  std::uint64_t& made = made_[share.directory];
  const std::string name = std::to_string(made);
  const Status one = has_table_ ? share.there->make_file_at(name, kPrivateFile)
                                : share.there->make_symlink_at(name, target_);
  if (one) {
    ++made;
    ++share.nodes;
    return End::more;
  }
  if (one.error().code == Errc::no_space) {
    share.quota = share.quota || one.error().os_code == EDQUOT;
    return End::full;
  }
  share.failure = one;
  return End::failed;
}

NodeFiller::End NodeFiller::fill_one(Share& share, std::uint64_t most) {
  for (std::uint64_t number = 0; number < most && !stop_.requested(); ++number) {
    const End end = make_one(share);
    if (end != End::more) return end;
  }
  return End::more;
}

/// A chunk at a time; when the number of free nodes does not fall, this part of the file system had
/// none left and made a new chunk.
NodeFiller::End NodeFiller::fill_existing(Share& share) {
  while (!stop_.requested()) {
    const std::uint64_t before = free_nodes();
    const End end = fill_one(share, kChunk);
    if (end != End::more) return end;
    if (free_nodes() + kChunk > before) return End::full;
  }
  return End::more;
}

std::uint64_t NodeFiller::stir(std::uint64_t round) {
  std::uint64_t changed = 0;
  for (std::uint32_t number = 0; number < directories_ && !stop_.requested(); ++number) {
    stir_one(number, round, changed);
  }
  return changed * kFewestInodeBytes;
}

/// Where nodes are links, whose modes can't be set, the files of the other forms.
void NodeFiller::stir_one(std::uint32_t directory, std::uint64_t round, std::uint64_t& changed) {
  auto there = folder_.open_directory_at(std::to_string(directory));
  if (!there) return;
  const std::uint32_t mode = kStirredModes[round % 2];
  constexpr std::uint64_t kEvery = 4;  // ext4: at least four inodes lie in a block
  if (has_table_) {
    for (std::uint64_t number = 0; number < made_[directory]; number += kEvery) {
      if ((*there)->set_mode_at(std::to_string(number), mode)) changed += kEvery;
    }
  }
  for (const Form& form : kForms) {
    if (form.target_bytes > 0) continue;
    for (std::uint64_t number = 0; number < kOfEveryForm; ++number) {
      if ((*there)->set_mode_at(form.prefix + std::to_string(number), mode)) ++changed;
    }
  }
}

}  // namespace quietus
