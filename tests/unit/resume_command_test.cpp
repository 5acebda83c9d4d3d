// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus resume` on a machine in memory: what is listed, what is gone on with and what is not,
// what the records say of it, and where the job's secret is and is not. And the job's request, as
// its file holds it.
#include <algorithm>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "quietus/certificate.h"
#include "quietus/certificate_check.h"
#include "quietus/job_log.h"

#include "cli/job_request.h"
#include "support/lying_medium.h"
#include "unit/app_world.h"
#include "unit/drive_world.h"

namespace quietus::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kDrive = "/dev/sdx";
const std::string kJobs = std::string(kState) + "/jobs";
constexpr std::uint64_t kBytes = 3 << 20;

std::string old_content() { return std::string(kBytes, 'o'); }

/// Counts writes and calls the test before each.
class CountsWrites final : public ForwardingMedium {
 public:
  CountsWrites(std::unique_ptr<Medium> inner, const std::function<void()>& before)
      : ForwardingMedium(std::move(inner)), before_(before) {}
  [[nodiscard]] Result<std::size_t> write_at(std::span<const std::byte> data, std::uint64_t offset,
                                             Transfer how) override {
    before_();
    return inner().write_at(data, offset, how);
  }

 private:
  const std::function<void()>& before_;
};

/// A machine with one drive of which every write is counted. A stretch is about one chunk.
struct ResumeWorld : AppWorld {
  std::string path = kDrive;
  StopFlag* flag = nullptr;
  std::size_t writes = 0;
  std::function<void()> before_write = [this] { count(); };
  std::function<void(std::size_t nth)> on_write;

  ResumeWorld() : AppWorld(std::chrono::seconds(3)) {
    memory.add_directory("/dev");
    on_signals = [this](StopFlag& stop) { flag = &stop; };
    memory.wrap = [this](const std::string& opened, std::unique_ptr<Medium> medium) {
      if (opened != path) return medium;
      std::unique_ptr<Medium> wrapped =
          std::make_unique<CountsWrites>(std::move(medium), before_write);
      return wrapped;
    };
  }
  void add_drive(const std::string& content = old_content(),
                 const DeviceFacts& facts = disk("sdx")) {
    memory.add_device(facts, content);
  }
  /// Stops a run before its n-th write. Returns the exit code.
  int drives_stopped_at(std::size_t nth, std::vector<std::string> more = {}) {
    writes = 0;
    on_write = [this, nth](std::size_t count) {
      if (count == nth && flag != nullptr) flag->request();
    };
    std::vector<std::string> arguments{"drives", "--yes", path};
    if (path == kDrive) more.insert(more.end(), {"--expect-serial", "SERIAL-sdx"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const int exit_code = run(arguments);
    on_write = nullptr;
    return exit_code;
  }
  [[nodiscard]] std::vector<std::string> jobs() {
    const auto folder = memory.open_directory(kJobs);
    return folder ? list_jobs(**folder).value() : std::vector<std::string>{};
  }
  [[nodiscard]] std::string job() {
    const auto all = jobs();
    REQUIRE(all.size() == 1);
    return all.front();
  }
  [[nodiscard]] std::string job_path() { return kJobs + "/" + job() + ".job"; }
  [[nodiscard]] JobState job_state() {
    const auto folder = memory.open_directory(kJobs);
    return std::move(*read_job(**folder, job()));
  }
  /// The predicates of all certificates, in the order in which they were made.
  [[nodiscard]] std::vector<Json> predicates() const {
    std::vector<Json> found;
    for (const std::string& certificate : certificates()) {
      const CertificateCheck check = check_certificate(memory.content(certificate), {});
      found.push_back(Json::parse(check.full_statement)["predicate"]);
    }
    return found;
  }
  void check_refused(const std::string& code, const std::vector<std::string>& arguments) {
    const std::string before = memory.content(path);
    writes = 0;
    CHECK(run(arguments) == 3);
    CAPTURE(err);
    const bool json = arguments.at(1) == "--json";
    const std::string told = json ? "\"code\":\"" + code + "\"" : "[" + code + "]";
    CHECK((json ? out : err).find(told) != std::string::npos);
    CHECK(writes == 0);
    CHECK(memory.content(path) == before);
    CHECK(jobs().size() == 1);
    CHECK(job_state().secret.has_value());
  }

 private:
  void count() {
    ++writes;
    if (on_write) on_write(writes);
  }
};

TEST_CASE("resume: without any job there is nothing to list and nothing to go on with") {
  ResumeWorld world;
  CHECK(world.run({"resume"}) == 0);
  CHECK(world.out == "There are no unfinished jobs.\n");
  CHECK(world.run({"resume", "--json"}) == 0);
  CHECK(world.out.empty());
  CHECK(world.run({"resume", "0193a5c4-7b1e-7abc-8def-001122334455"}) == 2);
  CHECK(world.err.find("no unfinished job") != std::string::npos);
  CHECK_FALSE(world.memory.exists(kState));
}

TEST_CASE("resume: a run that was stopped is listed, with where it stands") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(5) == 130);
  const std::string id = world.job();
  CHECK(world.memory.node(world.job_path())->attributes.mode == 0600);
  CHECK(world.memory.node(kJobs)->attributes.mode == 0700);
  CHECK(world.run({"resume"}) == 0);
  CHECK(world.out.starts_with(id));
  CHECK(world.out.find(kDrive) != std::string::npos);
  CHECK(world.out.find("pass 2: ") != std::string::npos);
  CHECK(world.run({"resume", "--json"}) == 0);
  const Json line = Json::parse(world.out);
  CHECK(line["event"] == "job");
  CHECK(line["job"] == id);
  CHECK(line["target"] == "drive");
  CHECK(line["path"] == kDrive);
  CHECK(line["size_bytes"] == kBytes);
  CHECK(line["scheme"] == "moj-3r");
  CHECK(line["pass"] == 2);
  CHECK(line["passes_closed"] == 1);
  CHECK(line["written_bytes"] == 2 << 20);
  CHECK(line["verified_bytes"] == 0);
}

TEST_CASE("resume: a run that was stopped at any write goes on to the end of its plan") {
  std::size_t all = 0;
  {
    ResumeWorld world;
    world.add_drive();
    REQUIRE(world.drives_stopped_at(0) == 0);
    all = world.writes;
    CHECK(world.jobs().empty());
  }
  for (std::size_t nth = 1; nth <= all; ++nth) {
    CAPTURE(nth);
    ResumeWorld world;
    world.add_drive();
    REQUIRE(world.drives_stopped_at(nth) == 130);
    const std::string id = world.job();
    world.writes = 0;
    CHECK(world.run({"resume", id}) == 0);
    CHECK(world.writes == all - nth);  // the stretch that was stopped came to its end
    CHECK(world.memory.content(kDrive).find("ooooooooooooooooooo") == std::string::npos);
    CHECK(world.jobs().empty());
    CHECK(world.run({"ledger", "verify"}) == 0);
    CHECK(world.run({"resume"}) == 0);
    CHECK(world.out == "There are no unfinished jobs.\n");

    const auto predicates = world.predicates();
    REQUIRE(predicates.size() == 2);
    CHECK(predicates[0]["outcome"] == "interrupted");
    CHECK(predicates[1]["outcome"] == "sanitized");
    CHECK(predicates[1]["method"]["plan_sha256"] == predicates[0]["method"]["plan_sha256"]);
    CHECK(predicates[1]["ledger"]["run_event_index"] == predicates[0]["ledger"]["run_event_index"]);
    CHECK_FALSE(predicates[0]["run"].contains("resumed_at"));
    CHECK(predicates[1]["run"]["resumed_at"].size() == 1);
    for (const std::string& certificate : world.certificates()) {
      CHECK(world.run({"certificate", "verify", certificate}) == 0);
    }
    // What the certificate publishes is what is on the drive.
    CHECK(world.run({"recheck", *world.certificates().rbegin(), kDrive}) == 0);
  }
}

TEST_CASE("resume: what a machine that was switched off leaves is gone on with") {
  for (const std::size_t nth : {1U, 2U, 4U, 8U}) {
    CAPTURE(nth);
    ResumeWorld before;
    before.add_drive();
    ResumeWorld after;
    std::string left;
    before.on_signals = [&](StopFlag& stop) { before.flag = &stop; };
    before.before_write = [&] {
      if (++before.writes != nth) return;
      after.copy_state(before);
      left = before.memory.content(kDrive);
      before.flag->request();
    };
    REQUIRE(before.run({"drives", "--yes", "--expect-serial", "SERIAL-sdx", kDrive}) == 130);
    after.add_drive(left);
    after.clock.set(Time{std::chrono::sys_days(std::chrono::year(2026) / 7 / 1)});
    CHECK(after.run({"resume", after.job()}) == 0);
    CHECK(after.jobs().empty());
    CHECK(after.run({"ledger", "verify"}) == 0);
    REQUIRE(after.certificates().size() == 1);
    CHECK(after.run({"recheck", *after.certificates().begin(), kDrive}) == 0);
  }
}

TEST_CASE("resume: a drive that is plugged elsewhere now is found, and the first plan is cited") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(5) == 130);
  const std::string content = world.memory.content(kDrive);
  world.memory.remove(kDrive);
  DeviceFacts moved = disk("sdx");
  moved.path = "/dev/sdy";
  moved.name = moved.disk = "sdy";
  moved.number = 0;
  moved.disk_number = 0;
  moved.sequence = 9;
  world.add_drive(content, moved);
  CHECK(world.run({"resume", world.job()}) == 0);
  const auto predicates = world.predicates();
  REQUIRE(predicates.size() == 2);
  CHECK(predicates[1]["asset"]["path"] == "/dev/sdy");
  CHECK(predicates[1]["method"]["plan_sha256"] == predicates[0]["method"]["plan_sha256"]);
  CHECK(world.run({"recheck", *world.certificates().rbegin(), "/dev/sdy"}) == 0);
}

TEST_CASE("resume: whichever drive of a command was stopped goes on") {
  ResumeWorld world;
  world.add_drive();
  world.memory.add_device(disk("sdw"), old_content());
  world.on_write = [&world](std::size_t count) {
    if (count == 4 && world.flag != nullptr) world.flag->request();
  };
  // The other one may be done by then, or not.
  CHECK(world.run({"drives", "--yes", "--expect-serial", "SERIAL-sdw", "--expect-serial",
                   "SERIAL-sdx", "/dev/sdw", kDrive}) == 130);
  world.on_write = nullptr;
  const auto left = world.jobs();
  REQUIRE_FALSE(left.empty());
  for (const std::string& job : left) CHECK(world.run({"resume", job}) == 0);
  CHECK(world.jobs().empty());
  CHECK(world.certificates().size() == 2 + left.size());
}

TEST_CASE("resume: another medium in its place is refused, and the job stays") {
  struct Other {
    const char* name;
    std::function<void(DeviceFacts&)> change;
    std::uint64_t bytes;
  };
  const std::vector<Other> others{
      {"serial", [](DeviceFacts& facts) { facts.serial = "ANOTHER"; }, kBytes},
      {"WWN", [](DeviceFacts& facts) { facts.wwn = "naa.1"; }, kBytes},
      {"kind", [](DeviceFacts& facts) { facts.kind = DeviceKind::loop; }, kBytes},
      {"larger", [](DeviceFacts&) {}, kBytes + 512},
      {"smaller", [](DeviceFacts&) {}, kBytes - 512}};
  for (const Other& other : others) {
    CAPTURE(other.name);
    ResumeWorld world;
    world.add_drive();
    REQUIRE(world.drives_stopped_at(5) == 130);
    std::string content = world.memory.content(kDrive);
    content.resize(other.bytes, 'n');
    world.memory.remove(kDrive);
    DeviceFacts facts = disk("sdx");
    other.change(facts);
    world.add_drive(content, facts);
    world.check_refused("job_other_medium", {"resume", world.job()});
    CHECK(world.run({"ledger", "verify"}) == 0);
  }
}

TEST_CASE("resume: a drive that was rewritten is refused, and the job stays") {
  for (const std::uint64_t at : {std::uint64_t{0}, kBytes - 1}) {
    ResumeWorld world;
    world.add_drive();
    REQUIRE(world.drives_stopped_at(9) == 130);  // before the last chunk of the last pass
    std::string content = world.memory.content(kDrive);
    content[at] = static_cast<char>(content[at] + 1);
    world.memory.set_content(kDrive, content);
    world.check_refused("job_rewritten", {"resume", world.job()});
    world.check_refused("job_rewritten", {"resume", "--json", world.job()});
  }
}

TEST_CASE("resume: a drive that is gone or in use is refused, and the job stays") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(5) == 130);
  world.memory.node(kDrive)->device->uses = {{DeviceUse::Kind::mount, "sdx", "/mnt"}};
  world.check_refused("mounted", {"resume", world.job()});
  world.memory.remove(kDrive);
  CHECK(world.run({"resume", world.job()}) == 3);
  CHECK(world.job_state().secret.has_value());
}

TEST_CASE("resume: an image is gone on with; another file of its name is not") {
  ResumeWorld world;
  world.path = "/d/disk.img";
  world.memory.add_file(world.path, old_content());
  REQUIRE(world.drives_stopped_at(5) == 130);
  const std::string id = world.job();
  const std::string content = world.memory.content(world.path);
  world.memory.node("/d")->entries["kept"] = world.memory.node(world.path);
  world.memory.remove(world.path);
  world.memory.add_file(world.path, content);
  world.check_refused("job_other_medium", {"resume", id});
  world.memory.node("/d")->entries[world.path.substr(3)] = world.memory.node("/d/kept");
  world.memory.node("/d")->entries.erase("kept");
  world.memory.node(world.path)->attributes.links = 1;
  CHECK(world.run({"resume", id}) == 0);
  CHECK(world.jobs().empty());
  CHECK(world.run({"recheck", *world.certificates().rbegin(), world.path}) == 0);
}

TEST_CASE("resume: what is not a job's id is a usage error") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(2) == 130);
  for (const std::string id :
       {"0193a5c4-7b1e-7abc-8def-001122334455", "../x", "a/b", "UPPER", "."}) {
    CAPTURE(id);
    CHECK(world.run({"resume", id}) == 2);
    CHECK(world.jobs().size() == 1);
    CHECK(world.memory.node(kJobs)->entries.size() == 1);
  }
}

TEST_CASE("resume: a job that somebody works on is left to them") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(2) == 130);
  const std::string id = world.job();
  const auto folder = world.memory.open_directory(kJobs);
  const auto lock = (*folder)->lock_at(id + ".job", std::chrono::milliseconds(0));
  REQUIRE(lock.ok());
  world.writes = 0;
  CHECK(world.run({"resume", id}) == 3);
  CHECK(world.err.find("it is being worked on") != std::string::npos);
  CHECK(world.writes == 0);
  CHECK(world.run({"resume"}) == 0);
  CHECK(world.out.starts_with(id));
}

TEST_CASE("resume: a job whose secret is wiped is over, and its name goes") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(2) == 130);
  const std::string id = world.job();
  std::string text = world.memory.content(world.job_path());
  const std::size_t at = text.find("\nsecret ") + 8;
  text.replace(at, 64, std::string(64, '0'));
  world.memory.set_content(world.job_path(), text);
  world.writes = 0;
  CHECK(world.run({"resume", id}) == 2);
  CHECK(world.err.find("is over") != std::string::npos);
  CHECK(world.writes == 0);
  CHECK(world.jobs().empty());
}

TEST_CASE("resume: one job that can't be read does not hide the others") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(2) == 130);
  const std::string id = world.job();
  world.memory.add_file(kJobs + "/00000000-0000-7000-8000-000000000000.job", "nonsense", 0600);
  CHECK(world.run({"resume"}) == 0);
  CHECK(world.out.starts_with(id));
  CHECK(world.err.find("00000000-0000-7000-8000-000000000000") != std::string::npos);
  CHECK(world.run({"resume", "00000000-0000-7000-8000-000000000000"}) == 2);
}

/// Whether a secret, in any form, stands somewhere.
bool holds(const std::string& text, const Bytes& secret) {
  std::string upper = to_hex(secret);
  for (char& c : upper) c = static_cast<char>(c >= 'a' ? c - 'a' + 'A' : c);
  for (const std::string& form : {text_of(secret), to_hex(secret), upper, to_base64(secret)}) {
    if (text.find(form) != std::string::npos) return true;
  }
  return false;
}

TEST_CASE("resume: the job's secret stands in its file only, and after the end nowhere") {
  ResumeWorld world;
  world.add_drive();
  REQUIRE(world.drives_stopped_at(5) == 130);
  const std::string id = world.job();
  const std::string job_file = world.job_path();
  const auto node = world.memory.node(job_file);
  const JobState state = world.job_state();
  REQUIRE(state.secret.has_value());
  const Bytes secret(state.secret->bytes().begin(), state.secret->bytes().end());
  std::string said = world.out + world.err;
  for (const std::string& path : world.memory.nodes()) {
    CAPTURE(path);
    CHECK(holds(world.memory.content(path), secret) == (path == job_file));
  }
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"resume"}, {"resume", "--json"}, {"resume", "--verbose", id}}) {
    CHECK(world.run(arguments) == 0);
    said += world.out + world.err;
  }
  CHECK_FALSE(holds(said, secret));
  for (const std::string& path : world.memory.nodes()) {
    CAPTURE(path);
    CHECK_FALSE(holds(world.memory.content(path), secret));
  }
  CHECK_FALSE(holds(text_of(node->content), secret));  // the file that has no name any more
  CHECK(node->attributes.links == 0);
}

TEST_CASE("resume: an ended run leaves no secret, whatever its outcome") {
  for (const bool lies : {false, true}) {
    ResumeWorld world;
    world.add_drive();
    std::vector<std::string> files;
    world.memory.before = [&](const std::string& line) {
      if (line.starts_with("create " + kJobs)) files.push_back(line.substr(7));
    };
    if (lies) {
      world.memory.wrap = [](const std::string& path, std::unique_ptr<Medium> medium) {
        std::unique_ptr<Medium> wrapped = std::move(medium);
        if (path == kDrive) {
          wrapped =
              std::make_unique<DropsWrites>(std::move(wrapped), std::vector<Extent>{{512, 512}});
        }
        return wrapped;
      };
    }
    CHECK(world.drives_stopped_at(0) == (lies ? 4 : 0));
    CHECK(files.size() == 1);
    CHECK(world.jobs().empty());
  }
}

/// A drive's request with everything in it that can be.
cli::JobRequest full_request(const Scheme& scheme) {
  cli::JobRequest request;
  request.kind = TargetKind::drive;
  request.path = "/dev/disk/by-id/\xff odd \"name\"\n";
  request.rules.scheme = scheme;
  request.rules.rounds = 3;
  request.rules.verify = VerifyMode::sample;
  request.rules.sample_ppm = 12'345;
  request.rules.keystream = "chacha20";
  request.rules.best_effort = true;
  request.rules.withhold_final_key = true;
  request.rules.allow_member = true;
  request.rules.stall_timeout_s = 77;
  request.rules.minimum_bytes_per_second = std::uint64_t{5} << 40U;
  request.declarations.tag = "A-1";
  request.declarations.people = {{"witness", {"B. Jones", "", "", "", ""}, ""}};
  request.declarations.residual_copies = {{"tapes", "2027-01-31"}};
  request.policies = {{*find_policy(kDefaultPolicy), true}};
  request.plan_id = "0192a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";
  request.signed_approvers = 2;
  request.approval_digests = {std::string(64, 'a'), std::string(64, 'b')};
  request.plan_sha256 = std::string(64, 'a');
  request.run_event_index = 41;
  request.clock_accepted = true;
  request.size_bytes = std::uint64_t{20} << 40U;
  request.device_kind = "partition";
  request.serial = "S \xfe";
  request.wwn = "naa.5";
  request.place = {std::uint64_t{1} << 41U, std::uint64_t{20} << 40U};
  request.backing_file = "/b\n";
  request.inode = ~std::uint64_t{0};
  return request;
}

void check_same(const cli::JobRequest& a, const cli::JobRequest& b) {
  CHECK(a.kind == b.kind);
  CHECK(a.path == b.path);
  CHECK(a.rules.scheme == b.rules.scheme);
  CHECK(a.rules.rounds == b.rules.rounds);
  CHECK(a.rules.verify == b.rules.verify);
  CHECK(a.rules.sample_ppm == b.rules.sample_ppm);
  CHECK(a.rules.keystream == b.rules.keystream);
  CHECK(a.rules.best_effort == b.rules.best_effort);
  CHECK(a.rules.withhold_final_key == b.rules.withhold_final_key);
  CHECK(a.rules.allow_member == b.rules.allow_member);
  CHECK(a.rules.stall_timeout_s == b.rules.stall_timeout_s);
  CHECK(a.rules.minimum_bytes_per_second == b.rules.minimum_bytes_per_second);
  CHECK(a.declarations == b.declarations);
  REQUIRE(a.policies.size() == b.policies.size());
  for (std::size_t i = 0; i < a.policies.size(); ++i) {
    CHECK(a.policies[i].policy.digest == b.policies[i].policy.digest);
    CHECK(a.policies[i].asked_for == b.policies[i].asked_for);
  }
  CHECK(a.plan_id == b.plan_id);
  CHECK(a.signed_approvers == b.signed_approvers);
  CHECK(a.approval_digests == b.approval_digests);
  CHECK(a.plan_sha256 == b.plan_sha256);
  CHECK(a.run_event_index == b.run_event_index);
  CHECK(a.clock_accepted == b.clock_accepted);
  CHECK(a.size_bytes == b.size_bytes);
  CHECK(a.device_kind == b.device_kind);
  CHECK(a.serial == b.serial);
  CHECK(a.wwn == b.wwn);
  CHECK(a.place == b.place);
  CHECK(a.backing_file == b.backing_file);
  CHECK(a.inode == b.inode);
}

Scheme custom_scheme() {
  Scheme made;
  made.id = "own";
  made.title = "T\xc3\xafle";
  made.status = SchemeStatus::custom;
  made.note = "a \xff note";
  Pass fixed = fixed_pass(0x92);
  fixed.pattern.bytes.push_back(std::byte{0x49});
  fixed.pattern.flip_first_bit_every_bytes = 512;
  made.passes = {fixed, random_pass(true)};
  return made;
}

TEST_CASE("a job's request comes back whole, for every scheme") {
  std::vector<Scheme> schemes(built_in_schemes().begin(), built_in_schemes().end());
  schemes.push_back(find_scheme("shred-35").value());
  schemes.push_back(custom_scheme());
  for (const Scheme& scheme : schemes) {
    CAPTURE(scheme.id);
    const cli::JobRequest request = full_request(scheme);
    const std::string line = cli::to_line(request);
    CHECK(line.find('\n') == std::string::npos);
    const auto back = cli::request_from(line);
    REQUIRE(back.ok());
    check_same(*back, request);
    CHECK(cli::to_line(*back) == line);
  }
  cli::JobRequest image = full_request(schemes.front());
  image.kind = TargetKind::image;
  image.run_event_index.reset();
  image.serial = image.wwn = image.backing_file = image.device_kind = "";
  const auto back = cli::request_from(cli::to_line(image));
  REQUIRE(back.ok());
  check_same(*back, image);
}

TEST_CASE("a job's request with anything missing or of another kind is malformed") {
  const std::string line = cli::to_line(full_request(built_in_schemes().front()));
  for (std::size_t length = 0; length < line.size(); ++length) {
    const auto torn = cli::request_from(line.substr(0, length));
    REQUIRE_FALSE(torn.ok());
    CHECK(torn.error().code == Errc::malformed);
  }
  const Json whole = Json::parse(line);
  const auto check_malformed = [](const Json& json, const std::string& member) {
    CAPTURE(member);
    const auto request = cli::request_from(json.dump());
    CHECK_FALSE(request.ok());
  };
  for (const auto& [member, value] : whole.items()) {
    Json without = whole;
    without.erase(member);
    if (member != "run_event_index") check_malformed(without, member);
    Json other = whole;
    other[member] = value.is_array() ? Json::object() : Json::array();
    check_malformed(other, member);
  }
  for (const auto& [member, value] : whole["rules"].items()) {
    Json without = whole;
    without["rules"].erase(member);
    check_malformed(without, member);
  }
  Json no_passes = whole;
  no_passes["rules"]["scheme"]["passes"] = Json::array();
  check_malformed(no_passes, "passes");
  Json unknown = whole;
  unknown["rules"]["scheme"]["passes"][0]["pattern"]["kind"] = "thermite";
  check_malformed(unknown, "kind");
}

}  // namespace
}  // namespace quietus::test
