// SPDX-License-Identifier: GPL-3.0-or-later
// Plants marks. Each kind is a row of the table: how many, and how one is planted and deleted.
#include "engine/space_canaries.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "quietus/keystream.h"
#include "quietus/text.h"

#include "engine/space_folder.h"
#include "engine/space_marks.h"

namespace quietus {
namespace {

constexpr std::uint32_t kPrivateFolder = 0700;
constexpr std::uint32_t kPrivateFile = 0600;
constexpr std::uint64_t kLargeBytes = std::uint64_t{1} << 20U;
constexpr std::uint64_t kMarkEvery = 4096;
constexpr std::size_t kSmallBytes = 100;
constexpr std::size_t kBlockAttributeBytes = 1200;  // or as much as fits into a block
constexpr std::size_t kLongTarget = 900;

/// What planting works with.
struct Bed {
  Directory& folder;
  Directory& kept;
  Directory& removed;
  std::uint32_t block_bytes;
  const MarkMaker& maker;
};

/// One mark of a kind.
struct Mark {
  const Bed& bed;
  std::uint32_t kind;
  std::uint64_t number;

  [[nodiscard]] std::string text() const { return bed.maker.mark(kind, number); }
  [[nodiscard]] std::string name() const {
    return "c" + std::to_string(kind) + "-" + std::to_string(number);
  }
};

Status write_text(Medium& file, std::string_view text, std::uint64_t offset) {
  std::span<const std::byte> data = bytes_of(text);
  while (!data.empty()) {
    const auto wrote = file.write_at(data, offset, Transfer::buffered);
    if (!wrote) return wrote.error();
    if (*wrote == 0) return Error{Errc::io, 0, "no more bytes are taken"};
    offset += *wrote;
    data = data.subspan(*wrote);
  }
  return {};
}

Result<std::unique_ptr<Medium>> create(const Mark& mark) {
  return mark.bed.folder.create_at(mark.name(), kPrivateFile);
}

/// Number n lies at n blocks of kMarkEvery in one file.
Status plant_large(const Mark& mark) {
  const std::string name = "large";
  auto file = mark.number == 0 ? mark.bed.folder.create_at(name, kPrivateFile)
                               : mark.bed.folder.open_at(name, Access::read_write);
  if (!file) return file.error();
  std::string block = mark.text();
  block.resize(kMarkEvery, 'x');
  return write_text(**file, block, mark.number * kMarkEvery);
}

/// At the end of a file that is then cut to its first block.
Status plant_tail(const Mark& mark) {
  auto file = create(mark);
  if (!file) return file.error();
  std::string text(2 * std::size_t{mark.bed.block_bytes}, 'x');
  return write_text(**file, text + mark.text(), 0);
}

Status plant_small(const Mark& mark) {
  auto file = create(mark);
  if (!file) return file.error();
  std::string text = mark.text();
  text.resize(kSmallBytes, 'x');
  return write_text(**file, text, 0);
}

/// Every second one is too large for the inode.
Status plant_attribute(const Mark& mark) {
  if (Status made = mark.bed.folder.make_file_at(mark.name(), kPrivateFile); !made) return made;
  std::string value = mark.text();
  const std::size_t most = std::size_t{mark.bed.block_bytes} / 8 * 5;
  if (mark.number % 2 == 1) value.resize(std::min(kBlockAttributeBytes, most), 'x');
  return mark.bed.folder.add_attribute_at(mark.name(), "user.mark", bytes_of(value));
}

Status plant_kept_name(const Mark& mark) {
  return mark.bed.kept.make_file_at(mark.text(), kPrivateFile);
}

Status plant_removed_name(const Mark& mark) {
  return mark.bed.removed.make_file_at(mark.text(), kPrivateFile);
}

Status plant_short_link(const Mark& mark) {
  return mark.bed.folder.make_symlink_at(mark.name(), mark.text());
}

Status plant_long_link(const Mark& mark) {
  std::string target = mark.text();
  target.resize(kLongTarget, 'x');
  return mark.bed.folder.make_symlink_at(mark.name(), target);
}

/// Behind the end that the file is cut to.
Status plant_slack(const Mark& mark) {
  auto file = create(mark);
  if (!file) return file.error();
  return write_text(**file, std::string(mark.bed.block_bytes / 2, 'x') + mark.text(), 0);
}

Status delete_by_name(const Mark& mark) { return mark.bed.folder.unlink_at(mark.name()); }

Status delete_large(const Mark& mark) {
  return mark.number == 0 ? mark.bed.folder.unlink_at("large") : Status();
}

Status cut_to(const Mark& mark, std::uint64_t size) {
  auto file = mark.bed.folder.open_at(mark.name(), Access::read_write);
  return file ? (*file)->resize(size) : Status(file.error());
}

Status delete_tail(const Mark& mark) { return cut_to(mark, mark.bed.block_bytes); }
Status delete_slack(const Mark& mark) { return cut_to(mark, 100); }
Status delete_kept_name(const Mark& mark) { return mark.bed.kept.unlink_at(mark.text()); }
Status delete_removed_name(const Mark& mark) { return mark.bed.removed.unlink_at(mark.text()); }

/// A name that is replaced by renaming something else to it, and goes then.
Status replace_name(const Mark& mark) {
  if (Status renamed = mark.bed.kept.rename_at(mark.text(), mark.name()); !renamed) return renamed;
  return mark.bed.kept.unlink_at(mark.name());
}

struct Kind {
  const char* name;
  std::uint64_t count;
  Status (*plant)(const Mark&);
  Status (*remove)(const Mark&);
};

constexpr std::array<Kind, 10> kKinds{{
    {"large", kLargeBytes / kMarkEvery, plant_large, delete_large},
    {"tails", 64, plant_tail, delete_tail},
    {"small", 128, plant_small, delete_by_name},
    {"attributes", 128, plant_attribute, delete_by_name},
    {"names", 128, plant_kept_name, delete_kept_name},
    {"removed_directories", 128, plant_removed_name, delete_removed_name},
    {"renamed", 64, plant_kept_name, replace_name},
    {"short_links", 64, plant_short_link, delete_by_name},
    {"long_links", 64, plant_long_link, delete_by_name},
    {"slack", 32, plant_slack, delete_slack},
}};

/// A file system without such a thing has none of its residue.
bool is_missing(const Status& status) {
  return !status && status.error().code == Errc::unsupported;
}

}  // namespace

std::string MarkMaker::mark(std::uint32_t kind, std::uint64_t number) const {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_=";
  // Three keys in one keystream: of all marks, of a kind, of one mark.
  struct Part {
    std::uint64_t item;
    std::uint64_t offset;
    std::size_t length;
  };
  const std::array<Part, 3> parts{
      {{0, 0, kMarkCommon},
       {1, kind * kMarkBytes, kMarkKind},
       {2 + kind, number * kMarkBytes, kMarkBytes - kMarkCommon - kMarkKind}}};
  std::string text;
  std::array<std::byte, kMarkBytes> bytes{};
  for (const Part& part : parts) {
    const std::span<std::byte> out = std::span(bytes).first(part.length);
    keystream_backends().front().fill(key_.bytes(), part.item, part.offset, out);
    for (const std::byte one : out) text += kLetters[std::to_integer<unsigned>(one) % 64];
  }
  return text;
}

Result<Canaries> Canaries::make(const Secret& job) {
  Result<Secret> key = job.derive("canaries", 0);
  if (!key) return key.error();
  return Canaries(std::move(*key));
}

Status Canaries::plant(Directory& folder, std::uint32_t block_bytes, const StopFlag& stop) {
  planted_.assign(kKinds.size(), 0);
  for (const char* name : {kKeptCanaries, "removed"}) {
    if (Status made = folder.make_directory_at(name, kPrivateFolder); !made) return made;
  }
  {
    auto kept = folder.open_directory_at(kKeptCanaries);
    if (!kept) return kept.error();
    auto removed = folder.open_directory_at("removed");
    if (!removed) return removed.error();
    const Bed bed{folder, **kept, **removed, block_bytes, maker_};
    for (std::uint32_t kind = 0; kind < kKinds.size(); ++kind) {
      for (std::uint64_t number = 0; number < kKinds[kind].count; ++number) {
        if (stop.requested()) return {};
        const Status planted = kKinds[kind].plant({bed, kind, number});
        if (is_missing(planted)) break;
        if (!planted) return planted;
        ++planted_[kind];
      }
    }
    if (Status synced = folder.sync_filesystem(); !synced) return synced;
    for (std::uint32_t kind = 0; kind < kKinds.size(); ++kind) {
      for (std::uint64_t number = 0; number < planted_[kind]; ++number) {
        const Status removed_one = kKinds[kind].remove({bed, kind, number});
        if (!removed_one) return removed_one;
      }
    }
  }
  if (Status removed = folder.remove_directory_at("removed"); !removed) return removed;
  return folder.sync_filesystem();
}

std::uint64_t Canaries::planted() const {
  return std::accumulate(planted_.begin(), planted_.end(), std::uint64_t{0});
}

CanaryEvidence Canaries::search(Directory& anywhere, const Workbench& bench) const {
  std::vector<MarkKind> kinds;
  for (std::uint32_t kind = 0; kind < kKinds.size(); ++kind) {
    kinds.push_back({kKinds[kind].name, kind, kind < planted_.size() ? planted_[kind] : 0});
  }
  return search_marks(anywhere, maker_, kinds, bench);
}

}  // namespace quietus
