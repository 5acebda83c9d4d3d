// SPDX-License-Identifier: GPL-3.0-or-later
// Clears what lies behind the ends of live files, and looks at it on the block device.
#include "engine/space_slack.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "quietus/free_space.h"
#include "quietus/platform.h"

#include "engine/chunks.h"
#include "engine/space_walk.h"

namespace quietus {
namespace {

bool has_slack(const Attributes& entry, std::uint32_t block) {
  return entry.kind == NodeKind::regular && entry.size_bytes % block != 0;
}

/// Opens the file that was seen.
Result<std::unique_ptr<Medium>> open_seen(Directory& directory, const std::string& name,
                                          const Attributes& entry, Access access) {
  auto medium = directory.open_at(name, access);
  if (!medium) return medium.error();
  const Result<Attributes> opened = (*medium)->attributes();
  if (!opened) return opened.error();
  if (!opened->identity.same_object(entry.identity)) return Error{Errc::changed, 0, "replaced"};
  return medium;
}

/// A write would go elsewhere and leave the old block as it is.
bool moves_when_written(const Placement& last) { return last.shared || last.encoded; }

enum class Slack { cleared, none, left };

/// Content among the metadata, and a hole at the end, have no block with anything behind them.
Slack rewrite(Directory& directory, const std::string& name, const Attributes& entry) {
  auto medium = open_seen(directory, name, entry, Access::read_write);
  if (!medium) return medium.error().code == Errc::not_found ? Slack::none : Slack::left;
  const auto places = (*medium)->placements();
  if (places) {
    const bool in_block = !places->empty() && !places->back().inline_data &&
                          places->back().logical.end() >= entry.size_bytes;
    if (!in_block) return Slack::none;
    if (moves_when_written(places->back())) return Slack::left;
  }
  return (*medium)->rewrite_last_byte() ? Slack::cleared : Slack::left;
}

/// Reads slack from the devices that it lies on.
class SlackReader {
 public:
  SlackReader(std::uint32_t block, const Workbench& bench)
      : block_(block), bench_(bench), buffer_(2 * AlignedBuffer::kAlignment) {}

  void look(Directory& directory, const std::string& name, const Attributes& entry) {
    const std::optional<bool> zero = is_zero(directory, name, entry);
    ++(!zero ? check_.unknown : *zero ? check_.zero : check_.not_zero);
  }
  [[nodiscard]] const SlackCheck& check() const { return check_; }

 private:
  /// None: can't be told. A hole has none.
  std::optional<bool> is_zero(Directory& directory, const std::string& name,
                              const Attributes& entry) {
    auto medium = open_seen(directory, name, entry, Access::read);
    if (!medium) return std::nullopt;
    const Result<StoredFile> stored = bench_.platform.stored(**medium);
    if (!stored) return std::nullopt;
    if (stored->inline_bytes > 0) return true;  // it has no block of its own
    const std::uint64_t last = entry.size_bytes - 1;
    for (const StoredPiece& piece : stored->pieces) {
      if (last < piece.logical.offset || last >= piece.logical.end()) continue;
      const std::uint64_t in_piece = entry.size_bytes - piece.logical.offset;
      return all_zero(piece, in_piece, block_ - entry.size_bytes % block_);
    }
    return true;
  }

  std::optional<bool> all_zero(const StoredPiece& piece, std::uint64_t from, std::uint64_t length) {
    for (const DeviceExtent& copy : piece.copies) {
      const auto bytes = read({copy.device, {copy.extent.offset + from, length}});
      if (!bytes) return std::nullopt;
      const bool zero = std::all_of(bytes->begin(), bytes->end(),
                                    [](std::byte one) { return one == std::byte{0}; });
      if (!zero) return false;
    }
    return true;
  }

  std::optional<std::span<const std::byte>> read(const DeviceExtent& place) {
    Medium* device = device_of(place.device);
    if (device == nullptr) return std::nullopt;
    const std::uint64_t first = place.extent.offset / kUnit * kUnit;
    const std::uint64_t end = (place.extent.end() + kUnit - 1) / kUnit * kUnit;
    if (end - first > buffer_.size()) return std::nullopt;
    const std::span<std::byte> bytes = buffer_.first(end - first);
    const Result<std::size_t> got = device->read_at(bytes, first, Transfer::direct);
    if (!got || *got < bytes.size()) return std::nullopt;
    return bytes.subspan(place.extent.offset - first, place.extent.length);
  }

  Medium* device_of(std::uint64_t number) {
    const auto known = devices_.find(number);
    if (known != devices_.end()) return known->second.get();
    auto opened = bench_.platform.open_device_number(number);
    return (devices_[number] = opened ? std::move(*opened) : nullptr).get();
  }

  static constexpr std::uint64_t kUnit = 4096;
  const std::uint32_t block_;
  const Workbench& bench_;
  SlackCheck check_;
  AlignedBuffer buffer_;
  std::map<std::uint64_t, std::unique_ptr<Medium>> devices_;
};

bool is_ours(const std::string& name) { return is_fill_name(name); }

}  // namespace

Result<SlackCount> clear_slack(Directory& top, std::uint32_t block_bytes, const Workbench& bench) {
  SlackCount count;
  SpaceVisitor visitor;
  visitor.skips = is_ours;
  visitor.entry = [&](Directory& directory, const std::string& name, const Attributes& entry) {
    if (!has_slack(entry, block_bytes) || bench.stop.requested()) return;
    const bool fixed = entry.immutable || entry.append_only;
    const bool out_of_reach = fixed || bench.platform.is_active_swap(entry.identity);
    const Slack done = out_of_reach ? Slack::left : rewrite(directory, name, entry);
    if (done == Slack::left) ++count.left_out;
    if (done != Slack::cleared) return;
    ++count.files;
    count.bytes += block_bytes - entry.size_bytes % block_bytes;
  };
  count.left_out += walk_directories(top, visitor, bench.stop);
  if (Status synced = top.sync_filesystem(); !synced) return synced.error();
  return count;
}

SlackCheck check_slack(Directory& top, std::uint32_t block_bytes, const Workbench& bench) {
  SlackReader reader(block_bytes, bench);
  SpaceVisitor visitor;
  visitor.skips = is_ours;
  visitor.entry = [&](Directory& directory, const std::string& name, const Attributes& entry) {
    if (has_slack(entry, block_bytes)) reader.look(directory, name, entry);
  };
  static_cast<void>(walk_directories(top, visitor, bench.stop));
  return reader.check();
}

}  // namespace quietus
