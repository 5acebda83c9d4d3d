// SPDX-License-Identifier: GPL-3.0-or-later
// The words for places that no file addresses: what was filled, followed and proven, line by line.
#include "report/space_text.h"

#include <set>

#include "quietus/text.h"

namespace quietus {
namespace {

constexpr std::size_t kMaxPlaces = 5;  // the certificate has the rest

void add_listed(std::vector<std::string>& lines, const UnreachedPlaces& places) {
  for (std::size_t i = 0; i < places.listed.size() && i < kMaxPlaces; ++i) {
    const Extent& extent = places.listed[i].extent;
    lines.push_back("    " + std::to_string(extent.length) + " bytes at offset " +
                    std::to_string(extent.offset) + " of the device");
  }
  if (places.count > kMaxPlaces) {
    lines.push_back("    ... and " + std::to_string(places.count - kMaxPlaces) +
                    " more places in the certificate");
  }
}

void add_proof(std::vector<std::string>& lines, const PlacementProof& proof) {
  std::string line = "  proven on the block device: " + human_bytes(proof.proven_bytes);
  if (proof.unproven_bytes > 0) line += ", unproven: " + human_bytes(proof.unproven_bytes);
  if (!proof.why_unproven.empty()) line += " (" + escaped(proof.why_unproven) + ")";
  lines.push_back(line);
}

void add_chase(std::vector<std::string>& lines, const ChaseEvidence& chase) {
  lines.push_back("  old blocks: " + std::to_string(chase.blocks) + " of " +
                  human_bytes(chase.block_bytes) +
                  ", of which hold something else now: " + std::to_string(chase.changed));
  if (chase.unchanged.bytes > 0) {
    lines.push_back("  old blocks that hold what they held: " + human_bytes(chase.unchanged.bytes));
    add_listed(lines, chase.unchanged);
  }
  if (chase.inline_bytes > 0) {
    lines.push_back("  among the metadata, where it can't be followed: " +
                    human_bytes(chase.inline_bytes));
  }
}

void add_canaries(std::vector<std::string>& lines, const CanaryEvidence& canaries) {
  if (!canaries.scanned) {
    lines.push_back("  proof: none: " + escaped(canaries.why_not));
    return;
  }
  lines.push_back("  proof: " + human_bytes(canaries.scanned_bytes) +
                  " of the block device searched for what was planted");
  for (const CanaryClass& one : canaries.classes) {
    lines.push_back("    " + escaped(one.name) + ": " + std::to_string(one.planted) + " planted, " +
                    std::to_string(one.survivors) + " found");
  }
}

void add_steps(std::vector<std::string>& lines, const std::vector<SpaceStep>& steps) {
  for (const SpaceStep& step : steps) {
    std::string line = "    " + escaped(step.name) + ": " + std::to_string(step.count);
    if (step.bytes > 0) line += ", " + human_bytes(step.bytes);
    if (step.left_out > 0) line += ", left out: " + std::to_string(step.left_out);
    lines.push_back(line);
  }
}

void add_space(std::vector<std::string>& lines, const SpaceEvidence& space) {
  std::string line = "  free space: " + human_bytes(space.free_before_bytes) +
                     ", filled: " + human_bytes(space.filled_bytes);
  if (space.reserved_bytes > 0) {
    line += ", left free on purpose: " + human_bytes(space.reserved_bytes);
  }
  if (space.left_bytes > 0) line += ", not to be had: " + human_bytes(space.left_bytes);
  lines.push_back(line);
  if (space.unreached && space.unreached->bytes > 0) {
    lines.push_back("  places that were free and never filled: " +
                    human_bytes(space.unreached->bytes));
    add_listed(lines, *space.unreached);
  }
  add_steps(lines, space.steps);
  if (space.canaries) add_canaries(lines, *space.canaries);
}

/// With --deep and --chase, of each file system once.
void add_cost(std::vector<std::string>& lines, const Rules& rules, const Target& target) {
  if (!rules.deep && !rules.chase) return;
  const std::size_t writes = rules.scheme.passes.size() * rules.rounds;
  std::set<std::uint64_t> told;
  for (const Root& root : target.roots) {
    if (!told.insert(root.identity.device).second) continue;
    lines.push_back("  then the free space of " + escaped(root.file_system.mount_point) + ", " +
                    human_bytes(root.file_system.free_bytes) + ", is filled and written " +
                    std::to_string(writes) + (writes == 1 ? " time" : " times") +
                    (rules.deep ? ", with its free inodes, the gaps in the directories concerned "
                                  "and the journal"
                                : ", if old blocks remain otherwise"));
  }
  if (rules.chase) {
    lines.emplace_back(
        "  before: all that the files take up is read for keyed digests, and after it again");
  }
}

}  // namespace

void add_space_plan(std::vector<std::string>& lines, const Plan& plan, const Target& target) {
  const Rules& rules = plan.rules;
  if (target.kind == TargetKind::files) return add_cost(lines, rules, target);
  if (target.kind != TargetKind::free_space) return;
  lines.emplace_back("  filled: free blocks, free inodes, gaps in directories, the journal");
  if (rules.slack) lines.emplace_back("  also: the space behind the ends of live files");
  if (rules.prove) {
    lines.emplace_back("  proof: marks are planted first and looked for on the block device");
  }
  if (rules.to_the_last_block) {
    lines.emplace_back("  nothing is left free for a moment: other programs may fail to write");
  } else if (rules.reserve_bytes) {
    lines.push_back("  left free: " + human_bytes(*rules.reserve_bytes));
  }
}

void add_places(std::vector<std::string>& lines, const Evidence& evidence) {
  if (evidence.proof) add_proof(lines, *evidence.proof);
  if (evidence.chase) add_chase(lines, *evidence.chase);
  if (evidence.space) add_space(lines, *evidence.space);
}

}  // namespace quietus
