// SPDX-License-Identifier: GPL-3.0-or-later
// From what a drive reports and what its medium shows to an outcome with its facts.
#include "engine/firmware_check.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quietus/hidden_area.h"
#include "quietus/sampling.h"

#include "engine/drive_opening.h"

namespace quietus {
namespace {

/// What each state of the drive's report is worth at best.
struct ReportRow {
  OperationState state;
  Outcome outcome;
  const char* code;  ///< null: nothing to say
  const char* text;
};
constexpr std::array<ReportRow, 5> kReports{{
    {OperationState::succeeded, Outcome::sanitized, nullptr, ""},
    {OperationState::failed, Outcome::failed, "operation_failed",
     "the drive reports that its operation failed"},
    {OperationState::never, Outcome::failed, "never_ran",
     "the drive says that no such operation ran"},
    {OperationState::unknown, Outcome::unverified, "operation_unknown",
     "the drive says nothing that could be relied on of whether its operation ended well"},
    {OperationState::running, Outcome::interrupted, "still_running",
     "the drive's operation goes on by itself"},
}};

std::string count_of(std::uint64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void judge_canaries(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  const std::optional<DriveCanaries>& canaries = standing.evidence.canaries;
  if (!canaries || canaries->planted_blocks == 0) return;  // said when they were planted
  if (canaries->survived_blocks > 0) {
    note(standing, Outcome::verification_failed,
         {"canary_survived",
          count_of(canaries->survived_blocks, "block") + " of " +
              std::to_string(canaries->planted_blocks) +
              " that were planted before are still there, bit for bit",
          true});
  }
  if (canaries->unreadable_blocks > 0) {
    standing.unread = true;
    note(standing, Outcome::sanitized,
         {"canaries_unreadable",
          count_of(canaries->unreadable_blocks, "block") + " of " +
              std::to_string(canaries->planted_blocks) +
              " that were planted before can't be read, and so were not seen to be gone",
          true});
  }
}

void look_at_canaries(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  if (!standing.evidence.canaries || standing.planted.empty()) return;
  CanaryRun canaries(check.sweeps, check.abilities, *standing.evidence.canaries, standing.planted);
  const Status checked = canaries.check(progress_of(check, "checking"));
  standing.evidence.canaries = canaries.evidence();
  if (!checked) {
    note(standing, Outcome::unverified, {"canaries_unreadable", checked.error().what, true});
  }
}

/// What is read beside the canaries. None: no sample can be drawn.
std::optional<std::vector<Extent>> places_to_read(const FirmwareCheck& check, AfterSample& sample) {
  const Rules& rules = check.plan.rules;
  const std::uint64_t block = check.sweeps.block_bytes();
  const Extent whole{0, check.sweeps.geometry().size_bytes / block * block};
  const bool compares = check.standing.status.pattern && rules.verify == VerifyMode::full;
  if (compares) {
    sample.whole_medium = true;
    return std::vector<Extent>{{0, check.sweeps.geometry().size_bytes}};
  }
  sample.seed.resize(Secret::kBytes);
  if (Status drawn = check.bench.random.fill(sample.seed); !drawn) {
    note(check.standing, Outcome::unverified,
         {"no_sample", "no sample could be drawn: " + drawn.error().what, true});
    return std::nullopt;
  }
  const bool given = rules.verify == VerifyMode::sample && rules.sample_ppm != 0;
  SamplePlan drawn = draw_sample(std::span(&whole, 1), given ? rules.sample_ppm : kAfterSamplePpm,
                                 static_cast<std::uint32_t>(block),
                                 std::span<const std::byte, Secret::kBytes>(sample.seed));
  sample.whole_medium = drawn.strata == 0;
  return std::move(drawn.ranges);
}

std::string looks_of(const SeenPlaces& seen) {
  constexpr std::array<const char*, 4> kNames{"zeros", "ones", "pattern", "varied"};
  std::string looks;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (seen.bytes_by_look.at(i) == 0) continue;
    if (!looks.empty()) return "mixed";
    looks = kNames.at(i);
  }
  return looks.empty() ? "unreadable" : looks;
}

void keep_first(std::vector<Extent>& extents) {
  if (extents.size() > kMaxListedExceptions) extents.resize(kMaxListedExceptions);
}

BytesDone progress_of_sample(const FirmwareCheck& check, const AfterSample& sample) {
  const std::uint64_t total = sample.sample_bytes;
  return [tell = progress_of(check, "checking"), total](std::uint64_t done) { tell(done, total); };
}

/// Where the drive defines what is read.
void compare_sample(const FirmwareCheck& check, std::vector<Extent> places, AfterSample& sample) {
  const PassContent& content =
      check.sweeps.keep({FixedContent{*check.standing.status.pattern, 0}, true});
  SweptPlaces read =
      check.sweeps.compare(content, std::move(places), progress_of_sample(check, sample));
  sample.differing_bytes = total_bytes(read.differing);
  sample.read_bytes = total_bytes(read.good) + sample.differing_bytes;
  sample.unreadable_bytes = sample.sample_bytes - sample.read_bytes;
  sample.looks = sample.read_bytes == 0   ? "unreadable"
                 : read.differing.empty() ? "pattern"
                                          : "mixed";
  check.standing.differing = std::move(read.differing);
  check.standing.unreadable = std::move(read.failed);
  keep_first(check.standing.differing);
  keep_first(check.standing.unreadable);
}

void look_at_sample(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  if (check.plan.rules.verify == VerifyMode::none) {
    note(standing, Outcome::unverified,
         {"not_verified", "no sample of the medium was read, as asked for", false});
    return;
  }
  AfterSample sample;
  auto places = places_to_read(check, sample);
  if (!places) return;
  sample.sample_bytes = total_bytes(*places);
  if (standing.status.pattern && !standing.status.pattern->empty()) {
    compare_sample(check, std::move(*places), sample);
  } else {
    const SeenPlaces seen =
        check.sweeps.look(std::move(*places), progress_of_sample(check, sample));
    sample.read_bytes = seen.read_bytes;
    sample.unreadable_bytes = sample.sample_bytes - seen.read_bytes;
    sample.looks = looks_of(seen);
  }
  standing.evidence.sample = std::move(sample);
}

void judge_sample(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  if (!standing.evidence.sample) return;
  const AfterSample& sample = *standing.evidence.sample;
  if (sample.differing_bytes > 0) {
    note(
        standing, Outcome::verification_failed,
        {"pattern_differs",
         human_bytes(sample.differing_bytes) + " are not what the drive says that it wrote", true});
  }
  if (sample.unreadable_bytes > 0 || sample.sample_bytes == 0) {
    standing.unread = true;
    note(standing, Outcome::sanitized,
         {"sample_unreadable",
          human_bytes(sample.unreadable_bytes) + " of " + human_bytes(sample.sample_bytes) +
              " that were to be read of the medium afterwards can't be read",
          true});
  }
}

void probe(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  Medium& drive = check.sweeps.drive();
  DeviceAfterwards after;
  const Status reread = drive.reread_partitions();
  const bool none = !reread && reread.error().code == Errc::unsupported;
  after.partition_table = reread ? "reread" : none ? "no_partitions" : reread.error().what;
  auto found = drive.signatures();
  if (!found) {
    note(standing, Outcome::sanitized_with_exceptions,
         {"not_probed", "it could not be looked at for file systems: " + found.error().what, true});
  } else {
    for (const ContentSignature& one : *found) {
      note(standing, Outcome::sanitized_with_exceptions,
           {"signatures_found", "what is read from it still looks like " + one.type, true});
    }
    after.signatures = std::move(*found);
  }
  standing.afterwards = std::move(after);
}

void note_hidden(const FirmwareCheck& check) {
  FirmwareEvidence& evidence = check.standing.evidence;
  HiddenOpening opening{evidence.hidden_before, evidence.hidden_after, evidence.hidden_restored};
  look_again(check.sweeps.drive(), check.abilities, opening);
  settle_size(opening, check.sweeps.geometry().size_bytes);
  evidence.hidden_after = opening.after;
  evidence.hidden_restored = opening.restored;
  const bool covered = reaches_hidden_area(check.abilities, evidence.method);
  for (Fact& fact : facts_of(opening, covered)) {
    const Outcome outcome =
        fact.exception ? Outcome::sanitized_with_exceptions : Outcome::sanitized;
    note(check.standing, outcome, std::move(fact));
  }
}

void note_siblings(const FirmwareCheck& check) {
  const Root& root = check.target.roots.front();
  const MethodAbility* ability = check.abilities.ability(check.standing.evidence.method);
  const bool beyond = ability != nullptr && ability->beyond_target;
  if (!beyond || !root.device || root.device->siblings.empty()) return;
  std::string names;
  for (const Sibling& one : root.device->siblings) names += (names.empty() ? "" : ", ") + one.name;
  note(check.standing, Outcome::sanitized,
       {"siblings_not_looked_at", "the same command took, and nobody looked at: " + names, false});
}

void note_bypass(const FirmwareCheck& check) {
  const bool direct = check.sweeps.geometry().direct_reads_reach_medium;
  check.standing.cache_bypass = direct ? CacheBypass::direct_io : CacheBypass::none;
  if (direct) return;
  note(check.standing, Outcome::unverified,
       {"cache_not_bypassed", "what was read may have come from a cache of the system", true});
}

}  // namespace

void note(FirmwareStanding& standing, Outcome outcome, Fact fact) {
  standing.outcome = worse(standing.outcome, outcome);
  standing.facts.push_back(std::move(fact));
}

PartDone progress_of(const FirmwareCheck& check, const char* state) {
  const std::string target = title_of(check.target);
  const std::string method(name_of(check.standing.evidence.method));
  EventSink& events = check.bench.events;
  return [=, &events](std::uint64_t done, std::uint64_t total) {
    events.on(OperationSeen{target, method, state, {}, ppm_of(done, total), {}, false});
  };
}

void judge_report(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  const OperationStatus& status = standing.status;
  for (const ReportRow& row : kReports) {
    if (row.state != status.state) continue;
    const std::string more = status.text.empty() ? "" : ": " + status.text;
    standing.outcome = worse(standing.outcome, row.outcome);
    if (row.code != nullptr) note(standing, row.outcome, {row.code, row.text + more, true});
  }
  if (status.reset_seen) {
    note(standing, Outcome::unverified,
         {"reset_seen", "the drive or its connection was reset since the operation began", true});
  }
  if (status.state != OperationState::succeeded) return;
  if (status.ran_ours == false) {
    note(standing, Outcome::unverified,
         {"never_ran", "the drive names another action as the one that it ran last", true});
  }
  if (status.global_data_erased == false) {
    note(standing, Outcome::unverified,
         {"not_global_data_erased",
          "the drive does not say that all of its data are erased: something was written since",
          true});
  }
  if (status.no_deallocate) {
    note(standing, Outcome::sanitized,
         {"no_deallocate", "the drive left out to deallocate what it had sanitized", false});
  }
  note(standing, Outcome::sanitized,
       {"firmware_trusted", "the drive's firmware is trusted for spare areas", false});
}

void look_at_medium(const FirmwareCheck& check) {
  FirmwareStanding& standing = check.standing;
  DriveSweeps& sweeps = check.sweeps;
  static_cast<void>(sweeps.drive().rescan().ok());  // the size that is read next tells
  if (Status measured = sweeps.measure(); !measured) {
    note(standing, Outcome::unverified, {"unreadable", measured.error().what, true});
    return;
  }
  note_bypass(check);
  look_at_canaries(check);
  if (sweeps.stopped()) return;
  judge_canaries(check);
  look_at_sample(check);
  if (sweeps.stopped()) return;
  judge_sample(check);
  probe(check);
  note_hidden(check);
  note_siblings(check);
  standing.health_after = health_of(sweeps.drive(), check.abilities);
}

}  // namespace quietus
