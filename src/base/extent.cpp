// SPDX-License-Identifier: GPL-3.0-or-later
// Extents and the map of their states. Pure computation, no I/O.
#include "quietus/extent.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace quietus {

Extent intersection(Extent a, Extent b) {
  const std::uint64_t begin = std::max(a.offset, b.offset);
  const std::uint64_t end = std::min(a.end(), b.end());
  return begin < end ? Extent{begin, end - begin} : Extent{};
}

std::vector<Extent> joined(std::vector<Extent> extents) {
  std::sort(extents.begin(), extents.end());
  std::vector<Extent> result;
  for (const Extent& extent : extents) {
    if (extent.empty()) continue;
    if (!result.empty() && extent.offset <= result.back().end()) {
      Extent& last = result.back();
      last.length = std::max(last.end(), extent.end()) - last.offset;
    } else {
      result.push_back(extent);
    }
  }
  return result;
}

std::uint64_t total_bytes(const std::vector<Extent>& extents) {
  std::uint64_t sum = 0;
  for (const Extent& extent : extents) sum += extent.length;
  return sum;
}

std::string_view name_of(ExtentState state) {
  static constexpr std::array<std::string_view, 7> kNames = {
      "untouched", "written", "verified", "write_failed", "read_failed", "mismatch", "unknown"};
  return kNames.at(static_cast<std::size_t>(state));
}

// Makes `offset` a border: an entry that spans it becomes two.
void ExtentMap::split_at(std::uint64_t offset) {
  auto entry = entries_.lower_bound(offset);
  if (entry == entries_.begin()) return;
  --entry;
  if (entry->second.end <= offset) return;
  const Entry right = entry->second;
  entry->second.end = offset;
  entries_.emplace(offset, right);
}

// Joins the two entries that touch at `offset` if they are in the same state.
void ExtentMap::join_around(std::uint64_t offset) {
  const auto right = entries_.find(offset);
  if (right == entries_.end() || right == entries_.begin()) return;
  const auto left = std::prev(right);
  if (left->second.end != offset || left->second.state != right->second.state) return;
  left->second.end = right->second.end;
  entries_.erase(right);
}

void ExtentMap::set(Extent extent, ExtentState state) {
  if (extent.empty()) return;
  split_at(extent.offset);
  split_at(extent.end());
  entries_.erase(entries_.lower_bound(extent.offset), entries_.lower_bound(extent.end()));
  if (state == ExtentState::untouched) return;
  entries_.emplace(extent.offset, Entry{extent.end(), state});
  join_around(extent.end());
  join_around(extent.offset);
}

void ExtentMap::promote(Extent within, ExtentState from, ExtentState to) {
  std::vector<Extent> parts;
  visit(within, [&](Extent part, ExtentState state) {
    if (state == from) parts.push_back(part);
  });
  for (const Extent& part : parts) set(part, to);
}

void ExtentMap::visit(Extent within,
                      const std::function<void(Extent, ExtentState)>& visitor) const {
  std::uint64_t at = within.offset;
  auto entry = entries_.upper_bound(at);
  if (entry != entries_.begin() && std::prev(entry)->second.end > at) --entry;
  for (; entry != entries_.end() && entry->first < within.end(); ++entry) {
    const std::uint64_t begin = std::max(entry->first, at);
    const std::uint64_t end = std::min(entry->second.end, within.end());
    if (at < begin) visitor({at, begin - at}, ExtentState::untouched);
    visitor({begin, end - begin}, entry->second.state);
    at = end;
  }
  if (at < within.end()) visitor({at, within.end() - at}, ExtentState::untouched);
}

std::vector<Extent> ExtentMap::in_state(ExtentState state) const {
  std::vector<Extent> result;
  for (const auto& [start, entry] : entries_) {
    if (entry.state == state) result.push_back({start, entry.end - start});
  }
  return result;
}

std::uint64_t ExtentMap::bytes_in(ExtentState state) const { return total_bytes(in_state(state)); }

}  // namespace quietus
