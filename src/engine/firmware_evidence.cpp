// SPDX-License-Identifier: GPL-3.0-or-later
// The evidence of a drive's own method.
#include "engine/firmware_evidence.h"

#include <algorithm>
#include <utility>

#include "engine/drive_opening.h"
#include "engine/drive_run.h"

namespace quietus {
namespace {

/// What could not be read was overwritten and read back since.
void settle_unread(std::vector<Fact>& facts) {
  for (Fact& fact : facts) {
    if (fact.code != "canaries_unreadable" && fact.code != "sample_unreadable") continue;
    fact.text += "; all of it was overwritten and read back afterwards";
    fact.exception = false;
  }
}

void sort_facts(std::vector<Fact>& facts) {
  std::sort(facts.begin(), facts.end());
  facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
}

}  // namespace

Evidence evidence_of(const FirmwareStanding& standing, const DriveOrder& order) {
  Evidence found;
  found.kind = order.target.kind;
  found.outcome = standing.outcome;
  if (standing.unread) found.outcome = worse(found.outcome, Outcome::unverified);
  found.verify = order.plan.rules.verify;
  found.size_bytes = found.content_bytes = order.target.roots.front().size_bytes;
  found.cache_bypass = standing.cache_bypass;
  found.started = order.started;
  found.finished = order.bench.clock.now();
  found.facts = standing.facts;
  sort_facts(found.facts);
  found.afterwards = standing.afterwards;
  for (const Extent& one : standing.differing) {
    found.extents.push_back({one, ExtentState::mismatch, {}, 0});
  }
  for (const Extent& one : standing.unreadable) {
    found.extents.push_back({one, ExtentState::read_failed, {}, 0});
  }
  found.firmware = standing.evidence;
  found.health_before = standing.health_before;
  found.health_after = standing.health_after;
  return found;
}

Evidence overwrite_after(const FirmwareStanding& standing, const DriveOrder& order,
                         const std::vector<PassContent>& passes, BeforePasses before) {
  Evidence& so_far = before.evidence;
  Workbench& bench = order.bench;
  const std::vector<JobRecord>* const records = bench.records;
  if (!before.begun) bench.records = nullptr;
  const Target now = with_size(order.target, so_far.size_bytes);
  DriveRun run(order.plan, now, passes, bench);
  run.follow_firmware();
  Evidence all = run.run();
  bench.records = records;
  const bool read =
      all.outcome == Outcome::sanitized || all.outcome == Outcome::sanitized_with_exceptions;
  all.outcome = worse(all.outcome, read ? standing.outcome : so_far.outcome);
  if (read) settle_unread(so_far.facts);
  all.facts.insert(all.facts.end(), so_far.facts.begin(), so_far.facts.end());
  sort_facts(all.facts);
  all.extents.insert(all.extents.end(), so_far.extents.begin(), so_far.extents.end());
  if (!before.begun) all.resumed = so_far.resumed;
  if (!all.afterwards) all.afterwards = so_far.afterwards;
  all.firmware = std::move(so_far.firmware);
  all.health_before = so_far.health_before;
  if (!all.health_after) all.health_after = so_far.health_after;
  all.started = order.started;
  return all;
}

}  // namespace quietus
