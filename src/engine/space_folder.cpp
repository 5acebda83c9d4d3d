// SPDX-License-Identifier: GPL-3.0-or-later
// The folder of our own in which a fill keeps what needs names.
#include "engine/space_folder.h"

#include <chrono>
#include <utility>

#include "quietus/free_space.h"

namespace quietus {
namespace {

constexpr std::uint32_t kPrivateFolder = 0700;
constexpr int kDeepest = 8;          // ours are three deep at most
constexpr int kMostListings = 1000;  // a directory that is never empty is somebody else's

/// Removes what a listing shows; how many entries that was.
Result<std::uint64_t> remove_listed(Directory& directory, int depth);

Status remove_one(Directory& above, const std::string& name, int depth) {
  Status removed = above.unlink_at(name);
  if (removed || removed.error().code == Errc::not_found) return {};
  const Result<Attributes> seen = above.inspect_at(name);
  if (!seen) return seen.error().code == Errc::not_found ? Status() : Status(seen.error());
  if (seen->kind != NodeKind::directory || depth == 0) return removed;
  {
    auto opened = above.open_directory_at(name);
    if (!opened) return opened.error();
    const Result<Attributes> here = above.attributes();
    const Result<Attributes> below = (*opened)->attributes();
    if (!here || !below) return (!here ? here : below).error();
    if (here->identity.mount != below->identity.mount) {
      return Error{Errc::busy, 0, name + " has something mounted on it"};
    }
    for (int listing = 0; listing < kMostListings; ++listing) {
      const Result<std::uint64_t> found = remove_listed(**opened, depth - 1);
      if (!found) return found.error();
      if (*found == 0) break;
    }
  }
  removed = above.remove_directory_at(name);
  if (!removed && removed.error().code == Errc::not_found) return {};
  return removed;
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kDeepest
Result<std::uint64_t> remove_listed(Directory& directory, int depth) {
  std::uint64_t found = 0;
  while (true) {
    const auto next = directory.next_entry();
    if (!next) return next.error();
    if (!*next) return found;
    ++found;
    if (Status removed = remove_one(directory, (*next)->name, depth); !removed) {
      return removed.error();
    }
  }
}

}  // namespace

Status remove_tree(Directory& above, const std::string& name) {
  return remove_one(above, name, kDeepest);
}

Result<SpaceFolder> SpaceFolder::make(Directory& above, const std::string& name) {
  SpaceFolder folder(above, name);
  if (Status made = above.make_directory_at(name, kPrivateFolder); !made) return made.error();
  const auto give_up = [&](const Error& why) {
    folder.directory_.reset();
    static_cast<void>(remove_tree(above, name).ok());
    return why;
  };
  auto opened = above.open_directory_at(name);
  if (!opened) return give_up(opened.error());
  folder.directory_ = std::move(*opened);
  auto lock = folder.directory_->lock_at(kFillLock, std::chrono::milliseconds(0));
  if (!lock) return give_up(lock.error());
  folder.lock_ = std::move(*lock);
  return folder;
}

Result<std::unique_ptr<Directory>> SpaceFolder::add(const std::string& name) {
  if (Status made = directory_->make_directory_at(name, kPrivateFolder); !made) {
    return made.error();
  }
  return directory_->open_directory_at(name);
}

Status SpaceFolder::remove() {
  // Its content first: as long as that lasts, the lock keeps others from doing the same.
  Status removed = remove_tree(*above_, name_);
  if (removed) {
    lock_.reset();
    directory_.reset();
  }
  return removed;
}

}  // namespace quietus
