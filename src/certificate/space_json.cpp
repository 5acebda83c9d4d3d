// SPDX-License-Identifier: GPL-3.0-or-later
// The parts of a certificate that speak of places no file addresses: free space, old blocks, and
// what was read at a file's places. Layout: quietus-certificate(5).
#include "certificate/space_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/text.h"

#include "certificate/bounded_list.h"
#include "certificate/issuance_json.h"

namespace quietus {
namespace {

using Json = nlohmann::ordered_json;

Json json_of(const UnreachedPlaces& places) {
  BoundedList listed(kPlacesBytes);
  std::uint64_t taken = 0;
  for (const DeviceExtent& place : places.listed) {
    const bool fits = listed.add({{"device", json_number(place.device)},
                                  {"offset_bytes", json_number(place.extent.offset)},
                                  {"length_bytes", json_number(place.extent.length)}});
    if (fits) ++taken;
  }
  return {{"count", json_number(places.count)},
          {"bytes", json_number(places.bytes)},
          {"listed", listed.take()},
          {"not_listed", json_number(places.count - taken)}};
}

Json json_of(const PlacementProof& proof) {
  Json out = {{"proven_bytes", json_number(proof.proven_bytes)},
              {"unproven_bytes", json_number(proof.unproven_bytes)}};
  put_known(out, "why_unproven", escaped(proof.why_unproven));
  return out;
}

Json json_of(const ChaseEvidence& chase) {
  return {{"block_bytes", json_number(chase.block_bytes)},
          {"blocks", json_number(chase.blocks)},
          {"changed", json_number(chase.changed)},
          {"unchanged", json_of(chase.unchanged)},
          {"inline_bytes", json_number(chase.inline_bytes)}};
}

Json json_of(const CanaryEvidence& canaries) {
  Json out = {{"scanned", canaries.scanned}};
  put_known(out, "why_not", escaped(canaries.why_not));
  out["scanned_bytes"] = json_number(canaries.scanned_bytes);
  Json classes = Json::array();
  for (const CanaryClass& one : canaries.classes) {
    classes.push_back({{"name", one.name},
                       {"planted", json_number(one.planted)},
                       {"survivors", json_number(one.survivors)}});
  }
  out["classes"] = std::move(classes);
  return out;
}

Json json_of(const SpaceEvidence& space) {
  Json out = {{"free_before_bytes", json_number(space.free_before_bytes)},
              {"filled_bytes", json_number(space.filled_bytes)},
              {"reserved_bytes", json_number(space.reserved_bytes)},
              {"left_bytes", json_number(space.left_bytes)}};
  if (space.unreached) out["unreached"] = json_of(*space.unreached);
  Json steps = Json::array();
  for (const SpaceStep& step : space.steps) {
    steps.push_back({{"name", step.name},
                     {"count", json_number(step.count)},
                     {"bytes", json_number(step.bytes)},
                     {"left_out", json_number(step.left_out)},
                     {"duration_us", json_number(step.duration_us)}});
  }
  out["steps"] = std::move(steps);
  if (space.canaries) out["canaries"] = json_of(*space.canaries);
  return out;
}

}  // namespace

void put_places(Json& predicate, const Evidence& evidence) {
  if (evidence.proof) predicate["proof"] = json_of(*evidence.proof);
  if (evidence.chase) predicate["chase"] = json_of(*evidence.chase);
  if (evidence.space) predicate["space"] = json_of(*evidence.space);
}

}  // namespace quietus
