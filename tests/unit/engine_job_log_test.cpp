// SPDX-License-Identifier: GPL-3.0-or-later
// The job's file: what is appended is read again; of a torn or damaged one only whole blocks count;
// the secret is there from the beginning to the end of the job and not a moment longer.
#include <algorithm>
#include <chrono>
#include <doctest/doctest.h>

#include "quietus/job_log.h"

#include "support/fault_platform.h"
#include "support/memory_platform.h"

namespace quietus::test {
namespace {

constexpr const char* kJobs = "/state/jobs";
constexpr const char* kId = "0193a5c4-7b1e-7abc-8def-001122334455";
const std::string kFile = std::string(kJobs) + "/" + kId + ".job";
constexpr Time kBegun{std::chrono::sys_days(std::chrono::year(2026) / 2 / 3)};

Time later(std::int64_t us) { return kBegun + std::chrono::microseconds(us); }

JobHeader header() { return {kId, later(1'500'000), R"({"target":"drive","path":"/dev/a b"})"}; }

Secret secret() { return Secret::from(Bytes(Secret::kBytes, std::byte{0xA7})).value(); }

std::string secret_digits() { return to_hex(secret().bytes()); }

Condition condition(std::uint32_t pass, SweepKind kind, std::optional<std::int32_t> temperature) {
  Condition one;
  one.at = later(77);
  one.pass = pass;
  one.kind = kind;
  one.done_bytes = std::uint64_t{20} << 40U;
  one.bytes_per_second = 123'456'789;
  one.temperature_millicelsius = temperature;
  return one;
}

/// Every kind of record with every kind of value.
std::vector<std::vector<JobRecord>> blocks() {
  constexpr std::uint64_t kHuge = ~std::uint64_t{0};
  std::vector<std::vector<JobRecord>> all;
  all.push_back({MapRecord{1, {0, 1 << 20}, ExtentState::written, 0},
                 MapRecord{1, {1 << 20, 512}, ExtentState::write_failed, 5},
                 condition(1, SweepKind::write, 41'250)});
  all.push_back({MapRecord{1, {0, 4096}, ExtentState::verified, 0},
                 MapRecord{1, {4096, 512}, ExtentState::mismatch, 0},
                 MapRecord{1, {4608, 512}, ExtentState::read_failed, -61},
                 condition(1, SweepKind::verify, -5'000)});
  all.push_back({PassRecord{1, true, false, later(0), later(999'999), 4096}});
  all.push_back({ResumeRecord{later(123'456)}});
  all.push_back({MapRecord{35'000, {kHuge - 10, 10}, ExtentState::unknown, 0},
                 condition(35'000, SweepKind::write, std::nullopt)});
  all.push_back({PassRecord{35'000, false, true, later(1), later(2), std::nullopt}});
  return all;
}

bool same(const Condition& a, const Condition& b) {
  return a.at == b.at && a.pass == b.pass && a.kind == b.kind && a.done_bytes == b.done_bytes &&
         a.bytes_per_second == b.bytes_per_second &&
         a.temperature_millicelsius == b.temperature_millicelsius;
}

bool same(const JobRecord& a, const JobRecord& b) {
  if (a.index() != b.index()) return false;
  if (const auto* one = std::get_if<Condition>(&a)) return same(*one, std::get<Condition>(b));
  if (const auto* one = std::get_if<MapRecord>(&a)) return *one == std::get<MapRecord>(b);
  if (const auto* one = std::get_if<PassRecord>(&a)) return *one == std::get<PassRecord>(b);
  return std::get<ResumeRecord>(a) == std::get<ResumeRecord>(b);
}

bool same(const std::vector<JobRecord>& a, const std::vector<JobRecord>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const JobRecord& x, const JobRecord& y) { return same(x, y); });
}

/// The records of the first blocks.
std::vector<JobRecord> first_blocks(std::size_t count) {
  std::vector<JobRecord> records;
  const auto all = blocks();
  for (std::size_t i = 0; i < count; ++i) {
    records.insert(records.end(), all[i].begin(), all[i].end());
  }
  return records;
}

struct JobWorld {
  MemoryPlatform platform;
  std::unique_ptr<Directory> folder;

  JobWorld() {
    platform.add_directory(kJobs, 0700);
    folder = platform.open_directory(kJobs).value();
  }
  JobLog create() {
    auto log = JobLog::create(*folder, header(), secret());
    if (!log) FAIL(log.error().what);
    return std::move(*log);
  }
  /// With all blocks; returns how long the file was after the secret and after each block.
  std::vector<std::size_t> write_all() {
    JobLog log = create();
    std::vector<std::size_t> ends{text().size()};
    for (const auto& block : blocks()) {
      REQUIRE(log.append(block).ok());
      ends.push_back(text().size());
    }
    return ends;
  }
  [[nodiscard]] std::string text() const { return platform.content(kFile); }
  Result<JobState> read() { return read_job(*folder, kId); }
};

/// All that may be said of a file that holds so much of what was written.
void check_is_prefix(JobWorld& world, const std::vector<std::size_t>& ends, std::size_t whole) {
  const auto job = world.read();
  if (whole < ends.front()) {
    REQUIRE_FALSE(job.ok());
    CHECK(job.error().code == Errc::malformed);
    return;
  }
  REQUIRE(job.ok());
  CHECK(job->header.id == kId);
  CHECK(job->header.request == header().request);
  REQUIRE(job->secret.has_value());
  CHECK(to_hex(job->secret->bytes()) == secret_digits());
  const auto next = std::upper_bound(ends.begin(), ends.end(), whole);
  CHECK(same(job->records, first_blocks(static_cast<std::size_t>(next - ends.begin()) - 1)));
}

TEST_CASE("a job's file gives back every record as it was appended") {
  JobWorld world;
  world.write_all();
  const auto job = world.read();
  REQUIRE(job.ok());
  CHECK(job->header.id == kId);
  CHECK(job->header.created == header().created);
  CHECK(job->header.request == header().request);
  CHECK(same(job->records, first_blocks(blocks().size())));
  CHECK(world.platform.node(kFile)->attributes.mode == 0600);
  CHECK(list_jobs(*world.folder).value() == std::vector<std::string>{kId});
}

TEST_CASE("a job's file torn at any byte gives whole blocks only") {
  JobWorld world;
  const std::vector<std::size_t> ends = world.write_all();
  const std::string whole = world.text();
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    CAPTURE(length);
    world.platform.set_content(kFile, whole.substr(0, length));
    check_is_prefix(world, ends, length);
    // Some file systems leave zeros where data did not arrive.
    world.platform.set_content(kFile,
                               whole.substr(0, length) + std::string(whole.size() - length, '\0'));
    check_is_prefix(world, ends, length);
  }
}

TEST_CASE("a byte flipped in a block drops that block and all that follow") {
  JobWorld world;
  const std::vector<std::size_t> ends = world.write_all();
  const std::string whole = world.text();
  for (std::size_t at = ends.front(); at < whole.size(); ++at) {
    for (const unsigned bit : {0U, 5U, 7U}) {
      CAPTURE(at);
      std::string flipped = whole;
      flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ (1U << bit));
      world.platform.set_content(kFile, flipped);
      check_is_prefix(world, ends, at);
    }
  }
}

TEST_CASE("a byte flipped in the header is not a job any more") {
  JobWorld world;
  world.write_all();
  const std::string whole = world.text();
  const std::size_t header_ends = whole.find("secret ");
  REQUIRE(header_ends != whole.npos);
  for (std::size_t at = 0; at < header_ends; ++at) {
    CAPTURE(at);
    std::string flipped = whole;
    flipped[at] = static_cast<char>(static_cast<unsigned char>(flipped[at]) ^ 1U);
    world.platform.set_content(kFile, flipped);
    REQUIRE_FALSE(world.read().ok());
    CHECK(world.read().error().code == Errc::malformed);
    CHECK_FALSE(JobLog::open(*world.folder, kId).ok());
    CHECK(world.text() == flipped);
  }
}

TEST_CASE("a job is durable before create() returns, and each block before append() returns") {
  JobWorld world;
  world.platform.track_durability();
  JobLog log = world.create();
  const std::string begun = world.text();
  world.platform.lose_power();
  REQUIRE(world.platform.exists(kFile));
  CHECK(world.text() == begun);
  for (const auto& block : blocks()) {
    REQUIRE(log.append(block).ok());
    const std::string now = world.text();
    world.platform.lose_power();
    CHECK(world.text() == now);
  }
  CHECK(same(world.read()->records, first_blocks(blocks().size())));
}

TEST_CASE("a job's file is locked while it is worked on") {
  JobWorld world;
  {
    const JobLog log = world.create();
    const auto second = JobLog::open(*world.folder, kId);
    REQUIRE_FALSE(second.ok());
    CHECK(second.error().code == Errc::busy);
    CHECK(world.read().ok());
  }
  CHECK(JobLog::open(*world.folder, kId).ok());
}

TEST_CASE("a job that is not there is not made by opening it") {
  JobWorld world;
  const auto log = JobLog::open(*world.folder, kId);
  REQUIRE_FALSE(log.ok());
  CHECK(log.error().code == Errc::not_found);
  CHECK_FALSE(world.platform.exists(kFile));
}

TEST_CASE("opening a torn job cuts the torn end off and goes on there") {
  JobWorld world;
  const std::vector<std::size_t> ends = world.write_all();
  const std::string whole = world.text();
  for (const std::size_t length : {ends[2] + 1, ends[3] - 1, whole.size() - 5}) {
    CAPTURE(length);
    world.platform.set_content(kFile, whole.substr(0, length));
    const auto kept = world.read();
    REQUIRE(kept.ok());
    auto log = JobLog::open(*world.folder, kId);
    REQUIRE(log.ok());
    const std::vector<JobRecord> more{ResumeRecord{later(5)}};
    REQUIRE(log->append(more).ok());
    std::vector<JobRecord> expected = kept->records;
    expected.push_back(more.front());
    CHECK(same(world.read()->records, expected));
  }
}

TEST_CASE("the end of a job wipes its secret durably before its name goes") {
  JobWorld world;
  world.write_all();
  const auto node = world.platform.node(kFile);
  REQUIRE(world.text().find(secret_digits()) != std::string::npos);
  world.platform.track_durability();
  auto log = JobLog::open(*world.folder, kId);
  REQUIRE(log.ok());
  bool wiped_first = false;
  world.platform.before = [&](const std::string& line) {
    if (!line.starts_with("unlink ")) return;
    wiped_first = text_of(node->durable_content).find(secret_digits()) == std::string::npos;
  };
  REQUIRE(log->finish().ok());
  CHECK(wiped_first);
  CHECK(text_of(node->content).find(secret_digits()) == std::string::npos);
  world.platform.lose_power();
  CHECK_FALSE(world.platform.exists(kFile));
  CHECK(list_jobs(*world.folder)->empty());
}

TEST_CASE("a job whose name outlived its secret has none, and can be ended again") {
  JobWorld world;
  world.write_all();
  auto log = JobLog::open(*world.folder, kId);
  REQUIRE(log.ok());
  std::string wiped;
  world.platform.before = [&](const std::string& line) {
    if (line.starts_with("unlink ")) wiped = world.text();
  };
  REQUIRE(log->finish().ok());
  log = Error{Errc::not_found, 0, "closed"};
  world.platform.add_file(kFile, wiped, 0600);
  const auto job = world.read();
  REQUIRE(job.ok());
  CHECK_FALSE(job->secret.has_value());
  CHECK(same(job->records, first_blocks(blocks().size())));
  REQUIRE(JobLog::open(*world.folder, kId)->finish().ok());
  CHECK_FALSE(world.platform.exists(kFile));
}

TEST_CASE(
    "whatever fails in the life of a job, the secret is whole or gone, and blocks are whole") {
  const auto run = [](std::uint64_t nth) {
    MemoryPlatform platform;
    platform.add_directory(kJobs, 0700);
    FaultPlatform faulty(platform);
    const auto folder = faulty.open_directory(kJobs);
    REQUIRE(folder.ok());
    faulty.faults().fail_at = nth + 1;
    std::size_t appended = 0;
    bool ended = false;
    auto log = JobLog::create(**folder, header(), secret());
    if (log) {
      while (appended < blocks().size() && log->append(blocks()[appended]).ok()) ++appended;
      ended = log->finish().ok();
    }
    const auto again = platform.open_directory(kJobs);
    const auto job = read_job(**again, kId);
    if (ended) CHECK_FALSE(platform.exists(kFile));
    if (job && job->secret) CHECK(to_hex(job->secret->bytes()) == secret_digits());
    // A block that could not be flushed may be there.
    if (job && log) {
      CHECK((same(job->records, first_blocks(appended)) ||
             same(job->records, first_blocks(std::min(appended + 1, blocks().size())))));
    }
    return !faulty.faults().struck().empty();
  };
  CHECK(fail_each_operation(run) > 10);
}

}  // namespace
}  // namespace quietus::test
