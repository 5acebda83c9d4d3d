// SPDX-License-Identifier: GPL-3.0-or-later
// The medium of a recheck: opening it for reading, telling whether it is the certificate's, and
// comparing its content. Never writes to it.
#include "cli/recheck_medium.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "quietus/sampling.h"
#include "quietus/stream.h"

namespace quietus::cli {
namespace {

constexpr std::uint64_t kCountedSectorBytes = 512;  // the unit of Counters

Geometry usable(Geometry geometry) {
  if (geometry.logical_block_bytes == 0) geometry.logical_block_bytes = 512;
  const bool too_coarse = geometry.direct_alignment_bytes > kMaxDirectAlignmentBytes;
  if (too_coarse) geometry.direct_alignment_bytes = 0;
  if (geometry.direct_alignment_bytes == 0) geometry.direct_reads_reach_medium = false;
  return geometry;
}

Result<std::unique_ptr<Medium>> open_image(Platform& platform, const std::string& path) {
  Result<Location> location = platform.locate(path);
  if (!location) return location.error();
  return location->directory->open_at(location->name, Access::read);
}

Result<std::unique_ptr<Medium>> open_device(Platform& platform, const DeviceFacts& seen,
                                            RecheckedMedium& facts) {
  auto medium = platform.open_device(seen.path, Access::read);
  if (!medium) return medium;
  const Result<DeviceFacts> now = (*medium)->device();
  if (!now) return now.error();
  if (now->number != seen.number || now->sequence != seen.sequence) {
    return Error{Errc::changed, 0, "another device took its place while it was being opened"};
  }
  facts.is_device = true;
  facts.model = now->model;
  facts.serial = now->serial;
  facts.wwn = now->wwn;
  return medium;
}

Finding differs(std::string code, const RecheckedMedium& medium, std::string text) {
  return {Finding::Level::refusal, std::move(code), medium.path, std::move(text),
          "it is not the certificate's medium; nothing of it was compared"};
}

std::string or_none(const std::string& text) { return text.empty() ? "none" : text; }

/// What does not lie in `holes` (joined, inside of the whole).
std::vector<Extent> without(Extent whole, const std::vector<Extent>& holes) {
  std::vector<Extent> rest;
  std::uint64_t at = whole.offset;
  for (const Extent& hole : holes) {
    if (hole.offset > at) rest.push_back({at, hole.offset - at});
    at = std::max(at, hole.end());
  }
  if (whole.end() > at) rest.push_back({at, whole.end() - at});
  return rest;
}

/// The places that differ or can't be read. Keeps so many of the first ones, that memory does not
/// grow with the damage.
class Places {
 public:
  void add(Extent piece, ExtentState state, int os_code) {
    if (piece.empty()) return;
    bytes_ += piece.length;
    auto [at, added] = kept_.emplace(piece.offset, BadExtent{piece, state, {}, os_code});
    if (!added) return;
    if (const auto next = std::next(at); next != kept_.end() && joins(at->second, next->second)) {
      at->second.extent.length += next->second.extent.length;
      kept_.erase(next);
    }
    if (at != kept_.begin() && joins(std::prev(at)->second, at->second)) {
      std::prev(at)->second.extent.length += at->second.extent.length;
      kept_.erase(at);
    }
    // More than are listed: workers overtake each other, and neighbours may yet join.
    if (kept_.size() > 4 * kMaxListedExceptions) kept_.erase(std::prev(kept_.end()));
  }

  void list_in(RecheckResult& result) const {
    std::uint64_t listed = 0;
    for (const auto& [offset, place] : kept_) {
      if (result.places.size() == kMaxListedExceptions) break;
      result.places.push_back(place);
      listed += place.extent.length;
    }
    result.place_bytes_not_listed = bytes_ - listed;
  }

 private:
  static bool joins(const BadExtent& a, const BadExtent& b) {
    return a.extent.end() == b.extent.offset && a.state == b.state && a.os_code == b.os_code;
  }

  std::map<std::uint64_t, BadExtent> kept_;  // by offset
  std::uint64_t bytes_ = 0;
};

/// The ranges to read: all of the population, or a fresh sample of it.
Result<std::vector<Extent>> ranges_of(std::vector<Extent> population, const Geometry& geometry,
                                      const Comparison& how, RecheckResult& result) {
  if (how.sample_ppm == 0) return population;
  Bytes seed(Secret::kBytes);
  if (Status drawn = how.random.fill(seed); !drawn) return drawn.error();
  const std::uint32_t block =
      std::max(geometry.logical_block_bytes, geometry.direct_alignment_bytes);
  SamplePlan plan = draw_sample(population, how.sample_ppm, block,
                                std::span<const std::byte, Secret::kBytes>(seed));
  if (plan.strata == 0) return population;
  result.sampling = RecheckSampling{{std::move(seed), plan.strata, plan.samples, plan.sample_bytes,
                                     plan.population_bytes, plan.detectable_ppm},
                                    plan.cells_per_stratum,
                                    plan.cell_bytes};
  return std::move(plan.ranges);
}

void sweep(OpenMedium& opened, const PassContent& content, const std::vector<Extent>& ranges,
           const Comparison& how, RecheckResult& result) {
  const SweepTask task{.medium = *opened.medium,
                       .geometry = opened.geometry,
                       .content = content,
                       .ranges = ranges,
                       .workers = how.workers};
  Places places;
  const auto done = [&](Extent piece, ExtentState state, int os_code) {
    const bool read = state != ExtentState::read_failed;
    (read ? result.compared_bytes : result.unreadable_bytes) += piece.length;
    if (state == ExtentState::mismatch) result.mismatched_bytes += piece.length;
    if (state != ExtentState::verified) places.add(piece, state, os_code);
  };
  const Result<Counters> before = opened.medium->counters();
  static_cast<void>(verify_sweep(task, how.stop, done));
  const Result<Counters> after = opened.medium->counters();
  if (before && after && after->sectors_read >= before->sectors_read) {
    result.disk_bytes_read = (after->sectors_read - before->sectors_read) * kCountedSectorBytes;
  }
  places.list_in(result);
}

}  // namespace

Result<OpenMedium> open_for_recheck(Platform& platform, const std::string& path) {
  OpenMedium opened;
  opened.facts.path = path;
  const Result<DeviceFacts> device = platform.inspect_device(path);
  if (!device && device.error().code != Errc::unsupported) return device.error();
  auto medium = device ? open_device(platform, *device, opened.facts) : open_image(platform, path);
  if (!medium) return medium.error();
  opened.medium = std::move(*medium);
  const Result<Geometry> geometry = opened.medium->geometry();
  if (!geometry) return geometry.error();
  opened.geometry = usable(*geometry);
  opened.facts.size_bytes = opened.geometry.size_bytes;
  opened.facts.logical_block_bytes = opened.geometry.logical_block_bytes;
  return opened;
}

std::vector<Finding> compare_identity(const RecheckBasis& basis, const RecheckedMedium& medium,
                                      std::vector<std::string>& compared) {
  std::vector<Finding> found;
  // An image may be a copy of a drive: it has no serial number of its own.
  if (medium.is_device && !basis.serial.empty()) {
    compared.emplace_back("serial");
    if (medium.serial != basis.serial) {
      found.push_back(differs(
          "serial_differs", medium,
          "has the serial number " + or_none(medium.serial) + ", the certificate " + basis.serial));
    }
  }
  // Adapters hide the WWN, so that none says something only where there is no serial number.
  const bool no_wwn_will_do = medium.wwn.empty() && !basis.serial.empty();
  if (medium.is_device && !basis.wwn.empty() && !no_wwn_will_do) {
    compared.emplace_back("wwn");
    if (medium.wwn != basis.wwn) {
      found.push_back(
          differs("wwn_differs", medium,
                  "has the WWN " + or_none(medium.wwn) + ", the certificate " + basis.wwn));
    }
  }
  compared.emplace_back("size");
  if (medium.size_bytes != basis.size_bytes) {
    found.push_back(differs("size_differs", medium,
                            "has " + std::to_string(medium.size_bytes) +
                                " bytes, the certificate's medium " +
                                std::to_string(basis.size_bytes)));
  }
  return found;
}

Status compare_content(OpenMedium& opened, const Comparison& how, RecheckResult& result) {
  const Result<PassContent> content = content_of(result.basis.content);
  if (!content) return content.error();
  std::vector<Extent> population = without({0, result.basis.size_bytes}, result.basis.exceptions);
  result.population_bytes = total_bytes(population);
  result.left_out_bytes = result.basis.size_bytes - result.population_bytes;
  if (population.empty()) {
    return Error{Errc::invalid, 0, "the certificate promises no byte of it"};
  }
  const Result<std::vector<Extent>> ranges =
      ranges_of(std::move(population), opened.geometry, how, result);
  if (!ranges) return ranges.error();
  result.planned_bytes = total_bytes(*ranges);
  result.cache_bypass =
      opened.geometry.direct_reads_reach_medium ? CacheBypass::direct_io : CacheBypass::none;
  result.started = how.clock.now();
  sweep(opened, *content, *ranges, how, result);
  result.finished = how.clock.now();
  return {};
}

}  // namespace quietus::cli
