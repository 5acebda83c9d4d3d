// SPDX-License-Identifier: GPL-3.0-or-later
// The tables of what keeps old data in place of an overwrite. Decides nothing: plan and engine do.
#include "quietus/effectiveness.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace quietus {
namespace {

constexpr std::string_view kWholeMedium =
    "destroy the whole drive or image, or its encryption key, instead of the file";

/// What an obstacle is called and what can be done.
struct ObstacleText {
  std::string_view code;
  std::string_view text;
  std::string_view hint;
  bool deep_helps = false;
};

constexpr ObstacleText kCopyOnWrite{
    "copy_on_write", "the file system writes every change to a new place and keeps the old data",
    kWholeMedium};
constexpr ObstacleText kLayered{
    "layered_file_system",
    "a lower layer of the file system may keep the data whatever is written above it",
    "destroy the file in the file system that holds the lower layer"};
constexpr ObstacleText kJournalled{
    "journalled_data", "the file's content also goes through the journal, which keeps copies",
    "add --deep, or mount the file system with data=ordered and take the file's +j flag away "
    "(chattr -j)",
    true};

struct FlagRow {
  bool Attributes::*flag = nullptr;
  ObstacleText text;
};

constexpr std::array<FlagRow, 2> kFlags{{
    {&Attributes::journalled_data, kJournalled},
    {&Attributes::compressed,
     {"compressed", "the file is marked for compression, so new data takes new places",
      kWholeMedium}},
}};

struct ExtentRow {
  bool Placement::*flag = nullptr;
  ObstacleText text;
};

constexpr std::array<ExtentRow, 3> kExtents{{
    {&Placement::shared,
     {"shared_extents", "other files or snapshots share this file's blocks and keep them",
      "remove the clones and snapshots first; they hold the same data"}},
    {&Placement::inline_data,
     {"inline_data", "the content lies among the file system's metadata, whose copies remain",
      "add --deep, which goes for these copies, too", true}},
    {&Placement::encoded,
     {"compressed", "the content is stored compressed, so new data takes new places",
      kWholeMedium}},
}};

void add(std::vector<Obstacle>& obstacles, const ObstacleText& row) {
  const auto known = [&](const Obstacle& other) { return other.code == row.code; };
  if (std::any_of(obstacles.begin(), obstacles.end(), known)) return;
  obstacles.push_back(
      {std::string(row.code), std::string(row.text), std::string(row.hint), row.deep_helps});
}

void add_for_file_system(std::vector<Obstacle>& obstacles, const FileSystemFacts& facts,
                         const Attributes& attributes) {
  if (facts.in_place == InPlace::copy_on_write) add(obstacles, kCopyOnWrite);
  if (facts.in_place == InPlace::no_cow && !attributes.no_copy_on_write) {
    add(obstacles, kCopyOnWrite);
  }
  if (facts.in_place == InPlace::layered) add(obstacles, kLayered);
  if (facts.journals_data) add(obstacles, kJournalled);
}

/// Touching extents whose addresses touch too, as one; what they are marked with does not matter
/// here.
std::vector<Placement> merged(const std::vector<Placement>& placements) {
  std::vector<Placement> out;
  for (const Placement& next : placements) {
    Placement plain;
    plain.logical = next.logical;
    plain.physical = next.physical;
    plain.placed = next.placed;
    const bool follows = !out.empty() && out.back().logical.end() == plain.logical.offset &&
                         out.back().physical + out.back().logical.length == plain.physical &&
                         out.back().placed && plain.placed;
    if (follows) {
      out.back().logical.length += plain.logical.length;
    } else {
      out.push_back(plain);
    }
  }
  return out;
}

}  // namespace

std::vector<Obstacle> obstacles_of(const FileSystemFacts& file_system, const Attributes& attributes,
                                   const std::optional<std::vector<Placement>>& placements) {
  std::vector<Obstacle> obstacles;
  if (attributes.size_bytes == 0) return obstacles;
  add_for_file_system(obstacles, file_system, attributes);
  for (const FlagRow& row : kFlags) {
    if (attributes.*row.flag) add(obstacles, row.text);
  }
  if (!placements) return obstacles;
  for (const Placement& placement : *placements) {
    for (const ExtentRow& row : kExtents) {
      if (placement.*row.flag) add(obstacles, row.text);
    }
  }
  return obstacles;
}

std::string snapshots_text(const std::vector<std::string>& snapshots) {
  constexpr std::size_t kNamed = 3;
  std::string text = "the volume has snapshots, which may keep older copies: ";
  for (std::size_t i = 0; i < std::min(kNamed, snapshots.size()); ++i) {
    text += (i == 0 ? "" : ", ") + snapshots[i];
  }
  if (snapshots.size() > kNamed) {
    text += " and " + std::to_string(snapshots.size() - kNamed) + " more";
  }
  return text;
}

std::vector<Placement> places_within(const std::vector<Placement>& places, Extent range) {
  std::vector<Placement> within;
  for (Placement place : places) {
    const Extent part = intersection(place.logical, range);
    if (part.empty()) continue;
    place.physical += part.offset - place.logical.offset;
    place.logical = part;
    within.push_back(place);
  }
  return within;
}

bool same_places(const std::vector<Placement>& before, const std::vector<Placement>& after) {
  return merged(before) == merged(after);
}

}  // namespace quietus
