// SPDX-License-Identifier: GPL-3.0-or-later
// The passes over one image or drive: write a stretch, flush, record; then read back in the same
// way.
#include "engine/drive_run.h"

#include <algorithm>
#include <array>
#include <utility>

#include "quietus/examine.h"

#include "engine/content_facts.h"
#include "engine/drive_opening.h"
#include "engine/drive_sweep.h"

namespace quietus {
namespace {

constexpr std::uint64_t kSectorBytes = 512;  // the unit of the kernel's counters, whatever the disk
constexpr std::uint64_t kSecondUs = 1'000'000;

/// The beginning of the ranges, at most so many bytes.
std::vector<Extent> first_bytes(const std::vector<Extent>& ranges, std::uint64_t bytes) {
  std::vector<Extent> taken;
  for (const Extent& range : ranges) {
    if (bytes == 0) break;
    taken.push_back({range.offset, std::min(range.length, bytes)});
    bytes -= taken.back().length;
  }
  return taken;
}

std::vector<Extent> common(const std::vector<Extent>& a, const std::vector<Extent>& b) {
  std::vector<Extent> both;
  auto at = b.begin();
  for (const Extent& range : a) {
    while (at != b.end() && at->end() <= range.offset) ++at;
    for (auto next = at; next != b.end() && next->offset < range.end(); ++next) {
      both.push_back(intersection(range, *next));
    }
  }
  return joined(std::move(both));
}

struct HealthRow {
  Health health;
  const char* code;
  const char* text;
};

constexpr std::array<HealthRow, 3> kGivenUp{{
    {Health::dead, "device_dead",
     "after a first failure no transfer succeeded any more, and it was given up"},
    {Health::hung, "device_hung", "no transfer ended within the stall timeout; it was given up"},
    {Health::too_slow, "too_slow", "it was slower than the minimum rate and was given up"},
}};

}  // namespace

DriveRun::DriveRun(const Plan& plan, const Target& target, const std::vector<PassContent>& passes,
                   Workbench& bench)
    : rules_(plan.rules), target_(target), passes_(passes), bench_(bench) {
  evidence_.kind = target.kind;
  evidence_.verify = rules_.verify;
  evidence_.passes_planned = static_cast<std::uint32_t>(passes.size());
  evidence_.started = bench.begun ? *bench.begun : bench.clock.now();
}

Evidence DriveRun::run() {
  if (!open()) return std::move(evidence_);
  const VitalLimits limits{rules_.stall_timeout_s * kSecondUs, rules_.minimum_bytes_per_second};
  const std::uint64_t block =
      std::max(job_->geometry().logical_block_bytes, job_->geometry().direct_alignment_bytes);
  watch_ = std::unique_ptr<Watch>(
      new Watch{Vitals(bench_.clock, limits), probes_of(job_->content(), block)});
  replay();
  if (job_->to_be_written()) {
    for (std::uint32_t number = job_->closed_passes() + 1; number <= passes_.size(); ++number) {
      if (over()) break;
      run_pass(number);
      if (over()) break;
    }
    // Whenever the stop came: without all its passes it is not complete.
    if (job_->closed_passes() < passes_.size()) job_->interrupt();
  }
  look_afterwards();
  finish();
  return std::move(evidence_);
}

bool DriveRun::not_opened(Fact why) {
  evidence_.facts.push_back(std::move(why));
  evidence_.finished = bench_.clock.now();
  return false;
}

bool DriveRun::open() {
  if (bench_.stop.requested()) {
    evidence_.outcome = Outcome::interrupted;
    return not_opened({"interrupted", "the run was stopped before its end", false});
  }
  return target_.kind == TargetKind::drive ? open_drive() : open_image();
}

bool DriveRun::open_image() {
  const Root& root = target_.roots.front();
  Result<Location> location = bench_.platform.locate(root.path);
  if (!location) return not_opened({"not_found", location.error().what, true});
  Examination seen =
      examine_file(bench_.platform, {*location->directory, location->name, root.path},
                   {rules_.best_effort ? Intent::overwrite_anyway : Intent::overwrite, rules_});
  for (const Finding& finding : seen.findings) {
    if (finding.level != Finding::Level::refusal) continue;
    return not_opened({finding.code, finding.text, true});
  }
  if (!seen.attributes.identity.same_object(root.identity)) {
    return not_opened({"changed", "is not the object that was planned for", true});
  }
  if (seen.attributes.size_bytes != root.size_bytes) {
    return not_opened({"changed", "has another size than planned", true});
  }
  job_ = std::make_unique<FileJob>(0, root.path, std::move(seen), rules_);
  return true;
}

bool DriveRun::open_drive() {
  const Root& root = target_.roots.front();
  if (!bench_.claimed) {
    auto claimed = claim(root, bench_.platform);
    if (!claimed) return not_opened({"not_claimed", claimed.error().what, true});
    bench_.claimed = std::move(*claimed);
  }
  Examination seen;
  const Result<Attributes> attributes = bench_.claimed->attributes();
  if (!attributes) return not_opened({"unreadable", attributes.error().what, true});
  seen.medium = std::move(bench_.claimed);
  seen.attributes = *attributes;
  seen.attributes.size_bytes = root.size_bytes;
  std::vector<Fact> facts = ask_firmware(*seen.medium, seen.attributes.size_bytes);
  job_ = std::make_unique<FileJob>(0, root.path, std::move(seen), rules_);
  for (Fact& fact : facts) job_->note(std::move(fact));
  return true;
}

/// What is hidden is opened up first, and then belongs to the drive.
std::vector<Fact> DriveRun::ask_firmware(Medium& drive, std::uint64_t& size_bytes) {
  if (follows_firmware_) return {};
  const Root& root = target_.roots.front();
  const DriveAbilities* abilities = asked_abilities(root);
  const bool unknown = root.device && root.device->hidden_area == HiddenArea::unknown;
  if (abilities == nullptr && unknown) {
    return {{"hidden_area_not_checked",
             "whether the drive hides areas from the host (HPA, AMAC, DCO) was not checked", true}};
  }
  if (abilities == nullptr) return {};
  evidence_.health_before = health_of(drive, *abilities);
  HiddenOpening opening = open_hidden_area(drive, *abilities, rules_);
  const Result<Geometry> now = drive.geometry();
  if (now && opening.restored) size_bytes = now->size_bytes;
  if (now) settle_size(opening, now->size_bytes);
  return facts_of(opening, false);
}

/// Takes over what was done before the run was interrupted.
void DriveRun::replay() {
  if (bench_.records == nullptr) return;
  const auto begin_if_new = [&](std::uint32_t pass) {
    if (pass == pass_) return;
    job_->begin_pass(pass);
    pass_ = pass;
  };
  for (const JobRecord& record : *bench_.records) {
    if (const auto* map = std::get_if<MapRecord>(&record)) {
      begin_if_new(map->pass);
      job_->restore(*map);
    } else if (const auto* pass = std::get_if<PassRecord>(&record)) {
      begin_if_new(pass->pass);
      // The seed of a sample is not recorded: it is drawn and read anew.
      if (!sampled(pass->pass)) close(*pass);
    } else if (const auto* condition = std::get_if<Condition>(&record)) {
      conditions_.add(*condition);
    } else if (const auto* resumed = std::get_if<ResumeRecord>(&record)) {
      evidence_.resumed.push_back(resumed->at);
    }
  }
  resuming_ = pass_ > job_->closed_passes();
  if (resuming_) job_->forget_unknown();
  evidence_.resumed.push_back(bench_.clock.now());
  append({ResumeRecord{evidence_.resumed.back()}});
}

/// Ends a pass by what is recorded of it: the same whether it was done now or before.
void DriveRun::close(const PassRecord& record) {
  evidence_.passes.resize(record.pass);
  PassEvidence& evidence = evidence_.passes[record.pass - 1];
  evidence.started = record.started;
  evidence.finished = record.finished;
  evidence.flushed = record.flushed;
  evidence.verified = record.verified;
  evidence.disk_bytes_read = record.disk_bytes_read;
  job_->close_pass(evidence, record.verified && !sampled(record.pass));
}

bool DriveRun::sampled(std::uint32_t number) const {
  return rules_.verify == VerifyMode::sample && number == passes_.size();
}

void DriveRun::run_pass(std::uint32_t number) {
  if (!resuming_) job_->begin_pass(number);
  pass_ = number;
  evidence_.passes.resize(number);
  PassEvidence& evidence = evidence_.passes[number - 1];
  evidence.started = bench_.clock.now();
  write(number);
  const bool last = number == passes_.size();
  const bool asked = rules_.verify != VerifyMode::none && (last || passes_[number - 1].verify);
  const bool reads = asked && !over();
  if (reads) verify(number);
  const bool complete = !over();
  if (bench_.stop.requested()) job_->interrupt();
  PassRecord record{number,           reads && complete,  evidence.flushed,
                    evidence.started, bench_.clock.now(), evidence.disk_bytes_read};
  // An interrupted pass is not closed for the job's file: it goes on where it was.
  if (complete) append({record});
  close(record);
  resuming_ = false;
}

DriveRun::Stretch DriveRun::begin_sweep(std::uint32_t number, SweepKind kind, std::uint64_t total) {
  Stretch sweep;
  sweep.about = {title_of(target_), number, static_cast<std::uint32_t>(passes_.size()), kind, 1};
  sweep.total_bytes = total;
  sweep.started_us = bench_.clock.monotonic_us();
  bench_.events.on(PassStarted{sweep.about, total});
  return sweep;
}

void DriveRun::end_sweep(const Stretch& sweep) {
  bench_.events.on(
      PassFinished{sweep.about, sweep.good_bytes, bench_.clock.monotonic_us() - sweep.started_us});
}

void DriveRun::write(std::uint32_t number) {
  Stretch sweep = begin_sweep(number, SweepKind::write, job_->content_bytes());
  write_stretches(sweep);
  if (!job_->in_state(ExtentState::unknown).empty()) evidence_.passes[number - 1].flushed = false;
  end_sweep(sweep);
}

void DriveRun::write_stretches(Stretch& sweep) {
  std::vector<Extent> rest = job_->in_state(ExtentState::untouched);
  sweep.done_bytes = sweep.total_bytes - total_bytes(rest);
  sweep.good_bytes = total_bytes(job_->in_state(ExtentState::written)) +
                     total_bytes(job_->in_state(ExtentState::verified));
  conditions_.begin(sweep.done_bytes, bench_.clock);
  while (!rest.empty() && !over()) {
    const std::vector<Extent> part = bench_.log ? first_bytes(rest, kStretchBytes) : rest;
    if (sweep_over(sweep, part) == SweepEnd::left_behind) return note_health();
    settle(sweep, part);
    record(part, sweep);
    note_health();
    const std::uint64_t before = total_bytes(rest);
    rest = job_->in_state(ExtentState::untouched);
    if (!another_stretch(before, total_bytes(rest))) return;
  }
}

SweepEnd DriveRun::sweep_over(Stretch& sweep, std::span<const Extent> ranges) {
  SweepOrder order{passes_[pass_ - 1], bench_, ranges, &watch_->vitals, watch_->probes};
  if (bench_.log && !idle_) order.until_us = bench_.clock.monotonic_us() + kStretchUs;
  const auto done = [&](Extent piece, ExtentState state, int os_code) {
    sweep.done_bytes += piece.length;
    const bool bad = state != ExtentState::unknown && state != ExtentState::verified;
    if (bad) {
      bench_.events.on(BadExtentFound{sweep.about, job_->path(), piece, state, os_code});
    } else {
      sweep.good_bytes += piece.length;
    }
    bench_.events.on(Progress{sweep.about, sweep.done_bytes, sweep.total_bytes});
  };
  const SweepEnd end =
      sweep.about.kind == SweepKind::write ? job_->write(order, done) : job_->verify(order, done);
  if (end == SweepEnd::left_behind) bench_.left_behind = true;
  return end;
}

/// A stretch may be over before its first chunk, if the process was stopped just then. The next one
/// has no end in time; if it does nothing either, there is nothing that can be done.
bool DriveRun::another_stretch(std::uint64_t before, std::uint64_t rest) {
  const bool idle = rest >= before;
  const bool again = !idle || !idle_;
  idle_ = idle;
  return again;
}

/// Flushes what the stretch wrote. A failed flush loses what came since the last good one.
void DriveRun::settle(Stretch& sweep, const std::vector<Extent>& part) {
  const Status flushed = job_->flush(bench_.stop, &watch_->vitals);
  if (job_->lost()) bench_.left_behind = true;
  job_->settle(flushed, part);
  if (flushed) return;
  for (const Extent& extent : common(part, job_->unsettled())) {
    sweep.good_bytes -= std::min(sweep.good_bytes, extent.length);
    bench_.events.on(BadExtentFound{sweep.about, job_->path(), extent, ExtentState::unknown, 0});
  }
}

void DriveRun::record(std::span<const Extent> ranges, const Stretch& sweep) {
  const Condition now = conditions_.measure(sweep.about, sweep.done_bytes, bench_.clock,
                                            job_->lost() ? nullptr : &job_->medium());
  bench_.events.on(ConditionSeen{sweep.about, now.bytes_per_second, now.temperature_millicelsius});
  std::vector<JobRecord> records;
  for (MapRecord& one : job_->records_of(ranges)) records.emplace_back(one);
  records.emplace_back(now);
  append(records);
}

void DriveRun::append(const std::vector<JobRecord>& records) {
  if (bench_.log == nullptr) return;
  const Status appended = bench_.log->append(records);
  if (appended) return;
  bench_.log = nullptr;
  job_->note({"not_resumable", appended.error().what, false});
}

/// What of the pass was written and is to be compared; with sampling, a sample of it.
std::vector<Extent> DriveRun::to_be_read(std::uint32_t number) {
  if (!sampled(number)) return job_->in_state(ExtentState::written);
  job_->forget_verification();  // another seed draws other places
  std::vector<Extent> written = job_->in_state(ExtentState::written);
  SamplingEvidence sampling;
  sampling.seed.resize(Secret::kBytes);
  if (Status drawn = bench_.random.fill(sampling.seed); !drawn) {
    job_->note({"no_sample", "no sample could be drawn: " + drawn.error().what, true});
    return {};
  }
  const std::uint32_t block =
      std::max(job_->geometry().logical_block_bytes, job_->geometry().direct_alignment_bytes);
  sample_ = draw_sample(written, rules_.sample_ppm, block,
                        std::span<const std::byte, Secret::kBytes>(sampling.seed));
  sampling.strata = sample_.strata;
  sampling.cells_per_stratum = sample_.cells_per_stratum;
  sampling.cell_bytes = sample_.cell_bytes;
  sampling.samples = sample_.samples;
  sampling.sample_bytes = sample_.sample_bytes;
  sampling.population_bytes = sample_.population_bytes;
  sampling.detectable_ppm = sample_.detectable_ppm;
  evidence_.sampling = std::move(sampling);
  return sample_.ranges;
}

void DriveRun::verify(std::uint32_t number) {
  // A failure to drop changes nothing: only direct reads count as reads of the medium.
  static_cast<void>(job_->medium().drop_cache().ok());
  const std::vector<Extent> wanted = to_be_read(number);
  const std::uint64_t earlier =
      sampled(number) ? 0 : total_bytes(job_->in_state(ExtentState::verified));
  Stretch sweep = begin_sweep(number, SweepKind::verify, total_bytes(wanted) + earlier);
  sweep.done_bytes = sweep.good_bytes = earlier;
  conditions_.begin(earlier, bench_.clock);
  const std::optional<std::uint64_t> before = sectors_read();
  std::vector<Extent> rest = wanted;
  while (!rest.empty() && !over()) {
    const std::vector<Extent> part = bench_.log ? first_bytes(rest, kStretchBytes) : rest;
    const bool lost = sweep_over(sweep, part) == SweepEnd::left_behind;
    if (!lost) record(part, sweep);
    note_health();
    if (lost) break;
    const std::uint64_t had = total_bytes(rest);
    rest = common(wanted, job_->in_state(ExtentState::written));
    if (!another_stretch(had, total_bytes(rest))) break;
  }
  const std::optional<std::uint64_t> after = sectors_read();
  // Of a pass that was begun before, the counter would tell a part only.
  if (before && after && *after >= *before && earlier == 0) {
    evidence_.passes[number - 1].disk_bytes_read = (*after - *before) * kSectorBytes;
  }
  end_sweep(sweep);
}

std::optional<std::uint64_t> DriveRun::sectors_read() {
  if (job_->lost()) return std::nullopt;
  const Result<Counters> counters = job_->medium().counters();
  if (!counters) return std::nullopt;
  return counters->sectors_read;
}

bool DriveRun::over() {
  return bench_.stop.requested() || job_->lost() || watch_->vitals.health() != Health::alive;
}

void DriveRun::note_health() {
  for (const HealthRow& row : kGivenUp) {
    if (row.health != watch_->vitals.health() || health_noted_) continue;
    health_noted_ = true;
    job_->fail({row.code, row.text, true});
  }
}

/// What a drive looks like now to the kernel and to those who look for file systems.
void DriveRun::look_afterwards() {
  if (job_->lost()) {
    static_cast<void>(watch_.release());  // those who hang still use it
    return;
  }
  job_->look_after();
  const bool wrote = job_->closed_passes() > 0;
  if (target_.kind != TargetKind::drive || !wrote || over()) return;
  DeviceAfterwards after;
  const Status reread = job_->medium().reread_partitions();
  const bool none = !reread && reread.error().code == Errc::unsupported;
  after.partition_table = reread ? "reread" : none ? "no_partitions" : reread.error().what;
  auto found = job_->medium().signatures();
  if (found) note_signatures(*found);
  if (found) after.signatures = std::move(*found);
  evidence_.afterwards = std::move(after);
  if (const DriveAbilities* abilities = asked_abilities(target_.roots.front())) {
    evidence_.health_after = health_of(job_->medium(), *abilities);
  }
}

/// Random bytes may look like an old file system's short mark: where they were compared with what
/// was written, that is chance.
void DriveRun::note_signatures(const std::vector<ContentSignature>& found) {
  const std::vector<Extent> verified = job_->in_state(ExtentState::verified);
  for (const ContentSignature& one : found) {
    const bool compared = std::any_of(verified.begin(), verified.end(), [&](const Extent& range) {
      return range.offset <= one.offset && one.offset < range.end();
    });
    if (compared) {
      job_->note({"signature_by_chance",
                  "the bytes that were written and compared happen to look like " + one.type,
                  false});
    } else {
      job_->note({"signatures_found", "what is read from it still looks like " + one.type, true});
    }
  }
}

/// What a sample would have seen holds only for one that was read whole.
bool DriveRun::sample_was_read() const {
  const PassEvidence& last = evidence_.passes.back();
  return last.verified && last.compared_bytes >= evidence_.sampling->sample_bytes;
}

void DriveRun::finish() {
  evidence_.size_bytes = job_->size_bytes();
  evidence_.content_bytes = job_->content_bytes();
  if (bench_.stop.requested()) {
    job_->interrupt();
    job_->note({"interrupted", "the run was stopped before its end", false});
  }
  evidence_.outcome = job_->outcome();
  evidence_.facts = job_->facts();
  std::sort(evidence_.facts.begin(), evidence_.facts.end());
  evidence_.facts.erase(std::unique(evidence_.facts.begin(), evidence_.facts.end()),
                        evidence_.facts.end());
  evidence_.conditions = conditions_.kept();
  if (evidence_.sampling && !sample_was_read()) evidence_.sampling.reset();
  if (rules_.verify != VerifyMode::none && job_->to_be_written()) {
    evidence_.cache_bypass = job_->cache_bypass();
  }
  for (BadExtent& bad : job_->bad_extents()) {
    if (evidence_.extents.size() < kMaxListedExceptions) {
      evidence_.extents.push_back(std::move(bad));
    } else {
      ++evidence_.extents_not_listed;
      evidence_.extent_bytes_not_listed += bad.extent.length;
    }
  }
  for (std::size_t i = 0; i < evidence_.passes.size(); ++i) {
    const bool last = i + 1 == passes_.size();
    evidence_.passes[i].content = facts_of(passes_[i], last && !rules_.withhold_final_key);
  }
  evidence_.finished = bench_.clock.now();
}

}  // namespace quietus
