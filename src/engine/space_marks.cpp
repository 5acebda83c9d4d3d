// SPDX-License-Identifier: GPL-3.0-or-later
// Reads block devices past the cache and looks for marks.
#include "engine/space_marks.h"

#include <algorithm>
#include <cstring>

#include "quietus/platform.h"

#include "engine/chunks.h"

namespace quietus {
namespace {

constexpr std::size_t kWindow = std::size_t{4} << 20U;
constexpr std::size_t kOverlap = 4096;  // more than a mark, and aligned

std::string_view text_at(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// One device, in windows that overlap.
Status read_device(Medium& device, MarkSearch& search, CanaryEvidence& evidence,
                   const StopFlag& stop) {
  const Result<Geometry> geometry = device.geometry();
  if (!geometry) return geometry.error();
  const bool direct =
      geometry->direct_alignment_bytes > 0 && geometry->direct_alignment_bytes <= kOverlap;
  if (!direct) static_cast<void>(device.drop_cache().ok());
  AlignedBuffer buffer(kOverlap + kWindow);
  const std::span<std::byte> all = buffer.first(buffer.size());
  std::size_t kept = 0;  // bytes before the new window that are left of the one before
  for (std::uint64_t at = 0; at < geometry->size_bytes;) {
    if (stop.requested()) return Error{Errc::interrupted, 0, "the run was stopped"};
    const std::size_t length = std::min<std::uint64_t>(kWindow, geometry->size_bytes - at);
    const auto got = device.read_at(all.subspan(kOverlap, length), at,
                                    direct ? Transfer::direct : Transfer::buffered);
    if (!got) return got.error();
    if (*got == 0) return Error{Errc::io, 0, "the device ends early"};
    search.look(text_at(all.subspan(kOverlap - kept, kept + *got)));
    kept = std::min(kept + *got, kMarkBytes - 1);
    std::memmove(all.data() + (kOverlap - kept), all.data() + (kOverlap + *got - kept), kept);
    at += *got;
    evidence.scanned_bytes += *got;
  }
  return {};
}

}  // namespace

MarkSearch::MarkSearch(const MarkMaker& maker, const std::vector<MarkKind>& kinds)
    : common_(maker.mark(0, 0).substr(0, kMarkCommon)), kinds_(kinds), survivors_(kinds.size()) {
  for (std::uint32_t place = 0; place < kinds_.size(); ++place) {
    for (std::uint64_t number = 0; number < kinds_[place].planted; ++number) {
      not_found_.emplace(maker.mark(kinds_[place].number, number), place);
    }
  }
}

void MarkSearch::look(std::string_view window) {
  for (std::size_t at = window.find(common_); at != std::string_view::npos;
       at = window.find(common_, at + 1)) {
    if (window.size() - at < kMarkBytes) return;
    const auto found = not_found_.find(std::string(window.substr(at, kMarkBytes)));
    if (found == not_found_.end()) continue;
    ++survivors_[found->second];
    not_found_.erase(found);
  }
}

std::vector<CanaryClass> MarkSearch::classes() const {
  std::vector<CanaryClass> result;
  for (std::size_t place = 0; place < kinds_.size(); ++place) {
    result.push_back({kinds_[place].name, kinds_[place].planted, survivors_[place]});
  }
  return result;
}

CanaryEvidence search_marks(Directory& anywhere, const MarkMaker& maker,
                            const std::vector<MarkKind>& kinds, const Workbench& bench) {
  CanaryEvidence evidence;
  MarkSearch search(maker, kinds);
  Status read;
  const auto devices = bench.platform.devices_below(anywhere);
  if (!devices) read = devices.error();
  if (devices && devices->empty()) read = Error{Errc::unsupported, 0, "there is no block device"};
  for (const std::uint64_t number : devices ? *devices : std::vector<std::uint64_t>()) {
    auto device = read ? bench.platform.open_device_number(number)
                       : Result<std::unique_ptr<Medium>>(read.error());
    read = device ? read_device(**device, search, evidence, bench.stop) : Status(device.error());
    if (!read) break;
  }
  evidence.scanned = read.ok();
  if (!read) evidence.why_not = read.error().what;
  evidence.classes = search.classes();
  return evidence;
}

}  // namespace quietus
