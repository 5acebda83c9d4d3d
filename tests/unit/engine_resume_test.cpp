// SPDX-License-Identifier: GPL-3.0-or-later
// A run that is killed or loses its power at any operation, and is taken up again: the end is the
// same to the byte, what was recorded is not done again, and the evidence says the same. And which
// media are not gone on with.
#include <algorithm>
#include <doctest/doctest.h>
#include <set>
#include <sstream>

#include "quietus/resume.h"

#include "drive_rig.h"

namespace quietus::test {
namespace {

/// What is to be done to what.
struct Scenario {
  std::string name;
  Rules rules;
  std::uint64_t bytes = 0;
  bool image = false;
  Wrap lie = [](std::unique_ptr<Medium> medium) { return medium; };
  std::chrono::microseconds step = kChunkPerStretch;
};

Pass read_back(Pass pass) {
  pass.verify = true;
  return pass;
}

Rules sampled(Rules rules) {
  rules.verify = VerifyMode::sample;
  rules.sample_ppm = 400'000;
  return rules;
}

Rules not_verified(Rules rules) {
  rules.verify = VerifyMode::none;
  return rules;
}

Wrap with_bad_places() {
  return [](std::unique_ptr<Medium> medium) {
    auto unwritable = std::make_unique<BadExtents>(
        std::move(medium), std::vector<Extent>{{512, 512}, {kMebibyte + 4096, 1024}},
        BadExtents::Which{false, true});
    auto unreadable = std::make_unique<BadExtents>(std::move(unwritable),
                                                   std::vector<Extent>{{2 * kMebibyte - 512, 1024}},
                                                   BadExtents::Which{true, false});
    return std::make_unique<DropsWrites>(std::move(unreadable),
                                         std::vector<Extent>{{kMebibyte - 1024, 512}});
  };
}

std::vector<Scenario> scenarios() {
  std::vector<Scenario> all;
  all.push_back({"one pass", rules_of({random_pass()}), 3 * kMebibyte});
  all.push_back({"three passes, the middle one read back",
                 rules_of({fixed_pass(0xFF), read_back(random_pass()), random_pass()}),
                 2 * kMebibyte + 512});
  all.push_back({"an image with an odd end", rules_of({read_back(fixed_pass(0x00)), random_pass()}),
                 2 * kMebibyte + 777, true});
  all.push_back(
      {"not verified", not_verified(rules_of({random_pass(), random_pass()})), 2 * kMebibyte});
  // A sample's chunks are many and small: some hundred of them in a stretch.
  all.push_back({"sampled", sampled(rules_of({fixed_pass(0x55), random_pass()})), 2 * kMebibyte});
  all.back().step = std::chrono::milliseconds(10);
  all.push_back({"bad places", rules_of({read_back(random_pass()), random_pass()}),
                 2 * kMebibyte + 1024, false, with_bad_places()});
  return all;
}

/// What there is after a run ended as it did.
struct Remains {
  std::string content;
  std::string log;

  [[nodiscard]] std::pair<std::size_t, std::string> key() const {
    return {std::hash<std::string>{}(content), log};
  }
};

std::unique_ptr<DriveRig> rig_of(const Scenario& scenario, const std::string& content) {
  auto rig = std::make_unique<DriveRig>(scenario.step);
  if (scenario.image) {
    rig->add_image(content);
  } else {
    rig->add_drive(content);
  }
  rig->world.rules = scenario.rules;
  rig->lie = scenario.lie;
  return rig;
}

std::string old_content(const Scenario& scenario) { return std::string(scenario.bytes, 'o'); }

/// Everything that must be the same however often the run was interrupted. Times, conditions and
/// what counters saw are not; nor what a seed drew.
std::string comparable(const Evidence& evidence) {
  std::ostringstream out;
  out << row_of(evidence.outcome).name << " " << evidence.size_bytes << " "
      << evidence.content_bytes << " " << evidence.passes_planned << " " << name_of(evidence.verify)
      << " " << name_of(evidence.cache_bypass) << "\n";
  for (const PassEvidence& pass : evidence.passes) {
    out << "pass " << to_hex(pass.content.bytes) << " " << pass.content.keystream << " "
        << (pass.content.key ? to_hex(*pass.content.key) : "-") << " " << pass.written_bytes << " "
        << pass.failed_bytes << " " << pass.unknown_bytes << " " << pass.flushed << " "
        << pass.verified << " " << pass.compared_bytes << " " << pass.mismatched_bytes << " "
        << pass.unreadable_bytes << "\n";
  }
  for (const Fact& fact : evidence.facts) {
    out << fact.code << " " << fact.exception << " " << fact.text << "\n";
  }
  for (const BadExtent& bad : evidence.extents) {
    out << name_of(bad.state) << " " << bad.extent.offset << "+" << bad.extent.length << " "
        << bad.os_code << " in";
    for (const std::uint32_t pass : bad.passes) out << " " << pass;
    out << "\n";
  }
  if (evidence.sampling) {
    out << "sampled " << evidence.sampling->strata << " " << evidence.sampling->samples << " "
        << evidence.sampling->sample_bytes << " " << evidence.sampling->population_bytes << "\n";
  }
  if (evidence.afterwards) {
    out << evidence.afterwards->partition_table << " "
        << evidence.afterwards->signatures.has_value() << "\n";
  }
  return out.str();
}

/// How the same ends that nobody interrupts.
struct Whole {
  std::string evidence;
  std::string content;
  std::size_t operations = 0;
  std::vector<std::size_t> cuts;  ///< numbers of those before which something is worth cutting off
};

Whole uninterrupted(const Scenario& scenario) {
  const auto rig = rig_of(scenario, old_content(scenario));
  Whole whole;
  // Reads change nothing: where many follow each other, some are enough.
  rig->before = [&](const Operation& next) {
    constexpr std::size_t kSomeReads = 211;
    ++whole.operations;
    const bool reads = next.on == Operation::On::drive && next.what == "read";
    if (!reads || whole.operations % kSomeReads == 0) whole.cuts.push_back(whole.operations);
  };
  rig->begin_log();
  whole.evidence = comparable(rig->run());
  whole.content = rig->content();
  rig->before = nullptr;
  return whole;
}

/// The places of one kind in what was recorded of a pass.
std::vector<Extent> recorded(const std::vector<JobRecord>& records, std::uint32_t pass,
                             const std::set<ExtentState>& states) {
  ExtentMap map;
  for (const JobRecord& record : records) {
    const auto* one = std::get_if<MapRecord>(&record);
    if (one != nullptr && one->pass == pass) map.set(one->extent, one->state);
  }
  std::vector<Extent> found;
  for (const ExtentState state : states) {
    for (const Extent& extent : map.in_state(state)) found.push_back(extent);
  }
  return joined(std::move(found));
}

bool overlap(const std::vector<Extent>& a, const std::vector<Extent>& b) {
  return std::any_of(a.begin(), a.end(), [&](const Extent& one) {
    return std::any_of(b.begin(), b.end(),
                       [&](const Extent& other) { return !intersection(one, other).empty(); });
  });
}

/// Nothing that the records call done is done again. Where places fail, neighbours are probed.
void check_not_again(const Scenario& scenario, const DriveRig& rig,
                     const std::vector<JobRecord>& records) {
  const JobStanding standing = standing_of(records);
  const std::uint32_t last = static_cast<std::uint32_t>(scenario.rules.scheme.passes.size());
  for (std::uint32_t pass = 1; pass <= standing.passes_closed; ++pass) {
    CHECK(rig.touched("write", pass).empty());
    const bool drawn_again = scenario.rules.verify == VerifyMode::sample && pass == last;
    if (!drawn_again) CHECK(rig.touched("read", pass).empty());
  }
  if (scenario.name == "bad places" || standing.pass <= standing.passes_closed) return;
  using S = ExtentState;
  const auto on_medium = recorded(
      records, standing.pass, {S::written, S::verified, S::mismatch, S::read_failed, S::unknown});
  CHECK_FALSE(overlap(on_medium, rig.touched("write", standing.pass)));
  if (scenario.rules.verify == VerifyMode::sample) return;
  const auto verified = recorded(records, standing.pass, {S::verified});
  CHECK_FALSE(overlap(verified, rig.touched("read", standing.pass)));
}

/// Puts a machine up with what is left.
std::unique_ptr<DriveRig> found_again(const Scenario& scenario, const Remains& remains) {
  auto rig = rig_of(scenario, remains.content);
  rig->world.platform.add_file(job_file(), remains.log, 0600);
  return rig;
}

/// What the operations of a run leave where it is cut off before the n-th; none: it has not so
/// many.
std::vector<Remains> cut_off_at(DriveRig& rig, std::size_t nth,
                                const std::vector<JobRecord>* records) {
  std::vector<Remains> left;
  std::size_t count = 0;
  const auto take = [&](const Operation& next) {
    const auto& platform = rig.world.platform;
    const auto drive = platform.node(rig.path);
    const std::string live_log =
        platform.exists(job_file()) ? platform.content(job_file()) : std::string();
    const std::string durable_log =
        live_log.empty() ? "" : text_of(platform.node(job_file())->durable_content);
    const std::string live = text_of(drive->content);
    const std::string durable = text_of(drive->durable_content);
    left = {{live, live_log}, {durable, durable_log}, {live, durable_log}, {durable, live_log}};
    if (next.on == Operation::On::job_file && next.what == "write") {
      left.push_back({live, live_log + std::string(next.text.substr(0, next.text.size() / 2))});
    }
  };
  rig.before = [&](const Operation& next) {
    if (++count != nth) return;
    take(next);
    rig.world.stop.request();
  };
  rig.world.platform.track_durability();
  if (records == nullptr) rig.begin_log();
  const Evidence evidence = rig.run(records);
  rig.before = nullptr;
  if (left.empty()) return left;
  // And one that was stopped by its user.
  if (evidence.outcome == Outcome::interrupted) {
    CHECK(has_fact(evidence, "interrupted"));
    left.push_back({rig.content(), rig.world.platform.content(job_file())});
  }
  return left;
}

/// Goes on with what is left, to the end. Counts in `resumed` whether there was a job at all.
void check_goes_on(const Scenario& scenario, const Whole& whole, const Remains& remains,
                   std::size_t& resumed) {
  const auto rig = found_again(scenario, remains);
  const auto job = read_job(*rig->folder, kJobId);
  if (!job) {  // nothing is written before the job is there
    CHECK(remains.content == old_content(scenario));
    return;
  }
  REQUIRE(job->secret.has_value());
  FixedRandom random(7);
  auto medium = rig->path == kDrive ? rig->world.platform.open_device(kDrive, Access::read)
                                    : rig->world.platform.locate(rig->path)->directory->open_at(
                                          "disk.img", Access::read);
  REQUIRE(medium.ok());
  const Status same = check_written(**medium, scenario.rules, *job->secret, job->records, random);
  if (scenario.name != "bad places") CHECK(same.ok());
  medium->reset();

  rig->open_log();
  const Evidence evidence = rig->run(&job->records);
  CHECK(comparable(evidence) == whole.evidence);
  CHECK(rig->content() == whole.content);
  CHECK_FALSE(evidence.resumed.empty());
  check_not_again(scenario, *rig, job->records);
  ++resumed;
}

TEST_CASE("defect 2: killed or without power at any operation, a run goes on to the same end") {
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Whole whole = uninterrupted(scenario);
    std::set<std::pair<std::size_t, std::string>> seen;
    std::size_t resumed = 0;
    for (const std::size_t nth : whole.cuts) {
      CAPTURE(nth);
      const auto rig = rig_of(scenario, old_content(scenario));
      const std::vector<Remains> left = cut_off_at(*rig, nth, nullptr);
      REQUIRE(left.size() >= 4);
      for (std::size_t way = 0; way < left.size(); ++way) {
        CAPTURE(way);
        if (seen.insert(left[way].key()).second) check_goes_on(scenario, whole, left[way], resumed);
      }
    }
    CHECK(resumed > 15);
  }
}

TEST_CASE("a run that is cut off again and again goes on to the same end") {
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const Whole whole = uninterrupted(scenario);
    FixedRandom random(11);
    for (int round = 0; round < 4; ++round) {
      CAPTURE(round);
      Remains remains{old_content(scenario), ""};
      std::size_t resumed = 0;
      for (int cut = 0; cut < 4; ++cut) {
        std::array<std::byte, 2> drawn{};
        REQUIRE(random.fill(drawn).ok());
        const std::size_t nth = 8 + std::to_integer<std::size_t>(drawn[0]) % whole.operations;
        const auto rig =
            cut == 0 ? rig_of(scenario, remains.content) : found_again(scenario, remains);
        const auto job = read_job(*rig->folder, kJobId);
        if (job) rig->open_log();
        const auto left = cut_off_at(*rig, nth, job ? &job->records : nullptr);
        if (left.empty()) break;
        remains = left[std::to_integer<std::size_t>(drawn[1]) % 2];
        if (remains.log.empty()) break;
      }
      if (!remains.log.empty()) check_goes_on(scenario, whole, remains, resumed);
    }
  }
}

TEST_CASE("each time a run is taken up is told, the earlier ones too") {
  const Scenario scenario = scenarios().front();
  Remains remains{old_content(scenario), ""};
  for (std::size_t times = 0; times < 3; ++times) {
    const auto rig =
        times == 0 ? rig_of(scenario, remains.content) : found_again(scenario, remains);
    const auto job = read_job(*rig->folder, kJobId);
    if (job) rig->open_log();
    remains = cut_off_at(*rig, 12, job ? &job->records : nullptr).at(0);
  }
  const auto rig = found_again(scenario, remains);
  const auto job = read_job(*rig->folder, kJobId);
  REQUIRE(job.ok());
  rig->open_log();
  CHECK(rig->run(&job->records).resumed.size() == 3);
}

/// A job of three passes on 4 MiB of which something is recorded, and the medium as it then is.
struct Recorded {
  static constexpr std::uint64_t kBytes = 4 * kMebibyte;
  Rules rules = rules_of({fixed_pass(0xFF), random_pass(), random_pass()});
  std::vector<JobRecord> records;
  MemoryMedium medium{kBytes};
  FixedRandom random{3};

  [[nodiscard]] Bytes content_of(std::uint32_t pass) const {
    const auto passes =
        prepare(rules.scheme, 1, job_secret(), 0, **find_keystream(rules.keystream));
    Bytes bytes(kBytes);
    fill(passes->at(pass - 1), 0, 0, bytes);
    return bytes;
  }
  void put(std::uint32_t pass, Extent where) {
    const Bytes bytes = content_of(pass);
    const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(where.offset);
    std::copy_n(from, where.length,
                medium.node().content.begin() + static_cast<std::ptrdiff_t>(where.offset));
  }
  void record(std::uint32_t pass, Extent where, ExtentState state = ExtentState::written) {
    put(pass, where);
    records.emplace_back(MapRecord{pass, where, state, 0});
  }
  void close(std::uint32_t pass) {
    records.emplace_back(PassRecord{pass, false, true, {}, {}, {}});
  }
  void spoil(std::uint64_t at, std::uint64_t length = 1) {
    for (std::uint64_t i = 0; i < length; ++i) medium.node().content[at + i] ^= std::byte{0x10};
  }
  Status check() { return check_written(medium, rules, job_secret(), records, random); }
  Errc code() {
    const Status same = check();
    REQUIRE_FALSE(same.ok());
    return same.error().code;
  }
};

TEST_CASE("a medium that holds what was recorded is gone on with") {
  Recorded job;
  CHECK(job.check().ok());  // nothing is recorded
  job.record(1, {0, kMebibyte});
  CHECK(job.check().ok());
  job.record(1, {kMebibyte, 3 * kMebibyte});
  job.close(1);
  CHECK(job.check().ok());
  job.record(2, {0, 2 * kMebibyte}, ExtentState::verified);
  CHECK(job.check().ok());
}

TEST_CASE("one byte changed in the first or last MiB that is recorded is always found") {
  for (const std::uint64_t at :
       {std::uint64_t{0}, std::uint64_t{511}, kMebibyte - 1, 2 * kMebibyte, 3 * kMebibyte - 1}) {
    CAPTURE(at);
    Recorded job;
    job.record(1, {0, 3 * kMebibyte});
    job.spoil(at);
    CHECK(job.code() == Errc::changed);
    CHECK(job.check().error().what.find(std::to_string(at / 512 * 512)) != std::string::npos);
  }
}

TEST_CASE("bad places at the ends do not make the ends shorter") {
  for (const std::uint64_t at : {std::uint64_t{8192}, 4 * kMebibyte - 8192}) {
    CAPTURE(at);
    Recorded job;
    job.record(1, {0, Recorded::kBytes});
    job.records.emplace_back(MapRecord{1, {512, 512}, ExtentState::write_failed, 5});
    job.records.emplace_back(
        MapRecord{1, {Recorded::kBytes - 1024, 512}, ExtentState::write_failed, 5});
    job.spoil(at);
    CHECK(job.code() == Errc::changed);
  }
}

TEST_CASE("a medium rewritten between its ends is found by the samples") {
  Recorded job;
  job.record(1, {0, Recorded::kBytes});
  job.spoil(kMebibyte, 2 * kMebibyte);
  CHECK(job.code() == Errc::changed);
}

TEST_CASE("what is not recorded may hold anything") {
  Recorded job;
  job.record(1, {kMebibyte, kMebibyte});
  job.spoil(0, kMebibyte);
  job.spoil(2 * kMebibyte, 2 * kMebibyte);
  CHECK(job.check().ok());
  job.records.emplace_back(MapRecord{1, {2 * kMebibyte, kMebibyte}, ExtentState::unknown, 0});
  job.records.emplace_back(MapRecord{1, {0, 512}, ExtentState::mismatch, 0});
  CHECK(job.check().ok());
}

TEST_CASE("after a closed pass, unrecorded progress of the next one is what it should be") {
  for (const std::uint64_t border : {std::uint64_t{512}, kMebibyte - 512, kMebibyte + 1024,
                                     Recorded::kBytes - 512, Recorded::kBytes}) {
    CAPTURE(border);
    Recorded job;
    job.record(1, {0, Recorded::kBytes});
    job.put(2, {0, border});
    CHECK(job.code() == Errc::changed);  // not before the pass is closed
    job.close(1);
    CHECK(job.check().ok());
    job.put(3, {0, border});
    CHECK(job.code() == Errc::changed);  // not the one after the next
  }
}

TEST_CASE("after the last pass there is no next one") {
  Recorded job;
  for (std::uint32_t pass = 1; pass <= 3; ++pass) {
    job.record(pass, {0, Recorded::kBytes});
    job.close(pass);
  }
  CHECK(job.check().ok());
  job.put(2, {0, Recorded::kBytes});
  CHECK(job.code() == Errc::changed);
}

TEST_CASE("another secret is another content") {
  Recorded job;
  job.rules = rules_of({random_pass()});
  job.record(1, {0, kMebibyte});
  CHECK(job.check().ok());
  const Status other =
      check_written(job.medium, job.rules, job_secret(0x52), job.records, job.random);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == Errc::changed);
}

TEST_CASE("records beyond the medium's end, or of passes that there are not, are refused") {
  Recorded job;
  job.record(1, {0, Recorded::kBytes});
  job.records.emplace_back(MapRecord{1, {Recorded::kBytes, 512}, ExtentState::written, 0});
  CHECK(job.code() == Errc::changed);
  for (const JobRecord& record : {JobRecord{MapRecord{4, {0, 512}, ExtentState::written, 0}},
                                  JobRecord{PassRecord{4, false, true, {}, {}, {}}}}) {
    Recorded other;
    other.records = {record};
    CHECK(other.code() == Errc::malformed);
  }
}

TEST_CASE("a medium of which nothing can be read is not gone on with; one that partly can is") {
  Recorded job;
  job.record(1, {0, Recorded::kBytes});
  const auto check = [&](const std::vector<Extent>& unreadable) {
    auto inner = std::make_unique<MemoryMedium>(Recorded::kBytes);
    inner->node().content = job.medium.node().content;
    BadExtents bad(std::move(inner), unreadable, {true, false});
    return check_written(bad, job.rules, job_secret(), job.records, job.random);
  };
  const Status none = check({{0, Recorded::kBytes}});
  REQUIRE_FALSE(none.ok());
  CHECK(none.error().code == Errc::io);
  CHECK(check({{0, 512}}).ok());
}

TEST_CASE("where a job stands is the last pass that was begun") {
  Recorded job;
  CHECK(standing_of(job.records).pass == 0);
  CHECK_FALSE(standing_of(job.records).last.has_value());
  job.record(1, {0, Recorded::kBytes});
  job.records.emplace_back(PassRecord{1, false, true, Time{}, Time{std::chrono::seconds{5}}, {}});
  job.record(2, {0, 2 * kMebibyte});
  job.record(2, {0, kMebibyte}, ExtentState::verified);
  Condition condition;
  condition.at = Time{std::chrono::seconds{9}};
  job.records.emplace_back(condition);
  const JobStanding standing = standing_of(job.records);
  CHECK(standing.passes_closed == 1);
  CHECK(standing.pass == 2);
  CHECK(standing.written_bytes == 2 * kMebibyte);
  CHECK(standing.verified_bytes == kMebibyte);
  CHECK(standing.last == Time{std::chrono::seconds{9}});
}

}  // namespace
}  // namespace quietus::test
