// SPDX-License-Identifier: GPL-3.0-or-later
// Takes free blocks: a few large files first, while the file system still has what it keeps back
// (it needs that when allocated space is written for the first time), then small ones.
#include "engine/space_blocks.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/space_nodes.h"

namespace quietus {
namespace {

constexpr std::uint32_t kPrivateFile = 0600;
constexpr std::size_t kLargeFiles = 4;
constexpr const char* kTails = "tails";
// One chunk: written at once, so that no extent is split while nothing is free.
constexpr std::uint64_t kTailBytes = kChunkBytes;
constexpr std::uint32_t kTailsPerDirectory = 16;
constexpr std::uint64_t kShareOfNodes = 8;  // of the free ones that small files take at most
constexpr std::size_t kBatch = 8;
// btrfs asks for space before it finds that a write goes where space was taken for it; where there
// is none, it writes everything else back first, each time.
constexpr std::uint64_t kRoomToMove = std::uint64_t{8} << 20U;
constexpr std::array<const char*, 2> kScattered{"scattered0", "scattered1"};
// XFS keeps up to some thousandths of each of its parts for its own trees.
constexpr std::uint64_t kShareScattered = 128;
constexpr std::uint64_t kShareOfRoom = 8;
constexpr std::uint64_t kFewestScattered = 64;
constexpr std::uint64_t kMostScattered = 4096;
constexpr std::uint64_t kLargestPiece = 64;  // blocks of which what was never held is taken

}  // namespace

/// Without names at once: whatever ends the run, their space is free again.
Status SpaceBlocks::open_large() {
  large_.clear();
  for (std::size_t number = 0; number < kLargeFiles; ++number) {
    const std::string name = "large" + std::to_string(number);
    auto file = order_.folder.directory().create_at(name, kPrivateFile);
    if (!file) return file.error();
    if (Status gone = order_.folder.directory().unlink_at(name); !gone) return gone;
    large_.push_back(std::move(*file));
  }
  return {};
}

Status SpaceBlocks::open() {
  const Result<DevicePlaces> free = order_.folder.directory().free_extents();
  if (free) unreached_ = joined(*free);
  if (Status opened = open_large(); !opened) return opened;
  auto tails = order_.folder.add(kTails);
  if (!tails) return tails.error();
  const Result<std::uint32_t> made = make_spread(**tails);
  if (!made) return made.error();
  directories_ = *made;
  used_.assign(directories_, 0);
  const std::uint64_t nodes = order_.space.nodes > 0
                                  ? order_.space.free_nodes / kShareOfNodes / directories_
                                  : kTailsPerDirectory;
  const auto most =
      static_cast<std::uint32_t>(std::clamp<std::uint64_t>(nodes, 1, kTailsPerDirectory));
  per_directory_ = most;
  for (std::uint32_t number = 0; number < directories_; ++number) {
    auto there = (*tails)->open_directory_at(std::to_string(number));
    if (!there) return there.error();
    for (std::uint32_t file = 0; file < most; ++file) {
      const Status one = (*there)->make_file_at(std::to_string(file), kPrivateFile);
      if (!one) return number == 0 && file == 0 ? one : Status();
    }
  }
  return {};
}

TakeOrder SpaceBlocks::large_order() const {
  TakeOrder order;
  order.block_bytes = order_.space.block_bytes;
  order.keep_free = order_.keep_free;
  return order;
}

void SpaceBlocks::note_end(const Taken& taken) {
  quota_ = quota_ || taken.end == TakeEnd::quota;
  if (taken.end == TakeEnd::failed) failure_ = taken.failure;
}

std::vector<Filler> SpaceBlocks::take_large(std::uint64_t keep_free) {
  std::vector<Filler> fillers;
  for (std::unique_ptr<Medium>& file : large_) {
    TakeOrder order = large_order();
    order.keep_free = keep_free;
    const Taken taken = take_space(*file, order_.folder.directory(), order, bench_.stop);
    note_end(taken);
    if (taken.bytes > 0) {
      fillers.push_back({std::move(file), "filler " + std::to_string(++files_)});
    }
    if (taken.end != TakeEnd::too_long) break;
  }
  return fillers;
}

void SpaceBlocks::fill_bulk() { held_ = runner_.run(take_large(order_.keep_free)); }

/// Room is taken first and given back as a whole: how much is free for data can't be told, and an
/// extent that is given back in part stays taken (btrfs).
std::vector<Filler> SpaceBlocks::take_large_but_room() {
  std::unique_ptr<Medium> room = std::move(large_.back());
  large_.pop_back();
  TakeOrder order = large_order();
  order.first_step = order.most_bytes = kRoomToMove;
  note_end(take_space(*room, order_.folder.directory(), order, bench_.stop));
  std::vector<Filler> fillers = take_large(order_.keep_free);
  room.reset();
  if (Status synced = order_.folder.directory().sync_filesystem(); !synced) failure_ = synced;
  return fillers;
}

/// Few bytes, since each of these writes waits for room.
void SpaceBlocks::take_rest(std::uint32_t pass) {
  if (order_.keep_free > 0 || bench_.stop.requested()) return;
  if (Status opened = open_large(); !opened) failure_ = opened;
  std::vector<BatchEntry> rest = runner_.run_one(take_large(order_.keep_free), pass);
  std::move(rest.begin(), rest.end(), std::back_inserter(held_));
}

void SpaceBlocks::fill_anew(std::uint32_t passes) {
  for (std::uint32_t pass = 0; pass < passes && !bench_.stop.requested(); ++pass) {
    held_.clear();
    if (Status synced = order_.folder.directory().sync_filesystem(); !synced) failure_ = synced;
    if (Status opened = open_large(); !opened) failure_ = opened;
    held_ = runner_.run_one(take_large_but_room(), pass);
    take_rest(pass);
  }
  look();
}

void SpaceBlocks::lower_withheld() {
  if (order_.keep_free > 0) return;
  if (!order_.withheld) {
    lowered_ = order_.withheld.error();
  } else if (*order_.withheld > order_.withheld_least) {
    to_be_restored_ = true;
    lowered_ = order_.folder.directory().withhold_blocks(order_.withheld_least);
  }
}

void SpaceBlocks::fill_tails() {
  lower_withheld();
  for (std::uint32_t number = 0; number < directories_; ++number) {
    if (bench_.stop.requested()) break;
    // Not all files of a directory: chase_unreached() wants some that are empty.
    if (fill_files(number, kTailBytes) == 0) break;
  }
  look();
}

/// Returns how many bytes that took.
std::uint64_t SpaceBlocks::fill_files(std::uint32_t directory, std::uint64_t most_bytes) {
  auto there = tails_of(directory);
  if (!there) return 0;
  TakeOrder order = large_order();
  order.first_step = order.most_bytes = most_bytes;
  std::uint64_t bytes = 0;
  std::vector<Filler> fillers;
  while (used_[directory] < per_directory_ && !bench_.stop.requested()) {
    auto file = (*there)->open_at(std::to_string(used_[directory]), Access::read_write);
    if (!file) break;
    const Taken taken = take_space(**file, **there, order, bench_.stop);
    note_end(taken);
    if (taken.bytes == 0) break;
    ++used_[directory];
    bytes += taken.bytes;
    fillers.push_back({std::move(*file), "filler " + std::to_string(++files_)});
    if (fillers.size() == kBatch) pass_tails(fillers);
    if (taken.end != TakeEnd::enough) break;
  }
  pass_tails(fillers);
  return bytes;
}

/// They have names: nothing needs to be held open.
void SpaceBlocks::pass_tails(std::vector<Filler>& fillers) {
  static_cast<void>(runner_.run(std::move(fillers)));
  fillers.clear();
}

/// What is free now and always was.
void SpaceBlocks::look() {
  if (!unreached_) return;
  Directory& here = order_.folder.directory();
  static_cast<void>(here.sync_filesystem().ok());
  const Result<DevicePlaces> free = here.free_extents();
  if (free) {
    unreached_ = common(*unreached_, joined(*free));
  } else {
    unreached_.reset();
  }
}

Result<std::unique_ptr<Directory>> SpaceBlocks::tails_of(std::uint32_t directory) {
  auto tails = order_.folder.directory().open_directory_at(kTails);
  if (!tails) return tails.error();
  return (*tails)->open_directory_at(std::to_string(directory));
}

void SpaceBlocks::scatter() {
  if (order_.keep_free > 0 || !unreached_) return;
  const std::uint64_t block = order_.space.block_bytes;
  const std::uint64_t share = order_.space.total_bytes / kShareScattered / directories_ / block;
  const std::uint64_t room = order_.space.free_bytes / kShareOfRoom / directories_ / block;
  const std::uint64_t blocks = std::min(std::clamp(share, kFewestScattered, kMostScattered), room);
  for (std::uint32_t number = 0; number < directories_; ++number) {
    if (bench_.stop.requested() || !scatter_in(number, blocks)) return;
  }
}

/// Two files take turns, so that neither has blocks that follow each other.
Status SpaceBlocks::scatter_in(std::uint32_t directory, std::uint64_t blocks) {
  auto there = tails_of(directory);
  if (!there) return there.error();
  std::vector<Filler> fillers;
  for (const char* name : kScattered) {
    auto file = (*there)->create_at(name, kPrivateFile);
    if (!file) return file.error();
    fillers.push_back({std::move(*file), "filler " + std::to_string(++files_)});
  }
  const std::uint64_t block = order_.space.block_bytes;
  for (std::uint64_t number = 0; number < blocks && !bench_.stop.requested(); ++number) {
    for (Filler& filler : fillers) {
      if (!filler.medium->allocate({number * block, block})) number = blocks;
    }
  }
  pass_tails(fillers);
  return {};
}

/// Gives scattered blocks up for what was never held: that is in larger pieces, so they are taken
/// first.
void SpaceBlocks::exchange(const char* scattered) {
  for (std::uint32_t number = 0; number < directories_; ++number) {
    auto there = tails_of(number);
    if (!there) continue;
    auto file = (*there)->open_at(scattered, Access::read_write);
    if (file) static_cast<void>((*file)->resize(0).ok());
  }
  static_cast<void>(order_.folder.directory().sync_filesystem().ok());
  for (std::uint64_t blocks = kLargestPiece; blocks > 0 && !bench_.stop.requested(); blocks /= 2) {
    for (std::uint32_t number = 0; number < directories_; ++number) {
      static_cast<void>(fill_files(number, blocks * order_.space.block_bytes));
    }
  }
}

void SpaceBlocks::chase_unreached() {
  if (!unreached_ || unreached_->empty() || order_.keep_free > 0) return;
  for (const char* scattered : kScattered) {
    if (bench_.stop.requested() || !unreached_ || unreached_->empty()) return;
    exchange(scattered);
    look();
  }
}

Status SpaceBlocks::restore() {
  if (!to_be_restored_) return {};
  Status restored = order_.folder.directory().withhold_blocks(*order_.withheld);
  if (restored) to_be_restored_ = false;
  return restored;
}

}  // namespace quietus
