// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus resume`: lists unfinished jobs, and takes one up again where its records end.
#include "cli/command_resume.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/json_text.h"
#include "quietus/outcome.h"
#include "quietus/report.h"
#include "quietus/resume.h"

#include "cli/app.h"
#include "cli/destroy_session.h"
#include "cli/destroy_setup.h"
#include "cli/plan_file.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

Finding refusal(std::string code, const std::string& object, std::string text,
                std::string hint = {}) {
  return {Finding::Level::refusal, std::move(code), object, std::move(text), std::move(hint)};
}

/// One unfinished job, as its file says.
struct ListedJob {
  std::string id;
  JobState state;
  JobRequest request;
};

Result<ListedJob> read_listed(Directory& folder, const std::string& id) {
  Result<JobState> state = read_job(folder, id);
  if (!state) return state.error();
  Result<JobRequest> request = request_from(state->header.request);
  if (!request) return request.error();
  return ListedJob{id, std::move(*state), std::move(*request)};
}

constexpr std::array<const char*, 4> kOperationTexts{
    "nothing was sent to the drive",
    "it may be under way: `quietus status DEVICE --wait`, or `quietus resume` with its id",
    "the drive is done, and has to be looked at", "the drive is done"};

std::string place_text(const JobStanding& standing) {
  if (standing.pass == 0 && standing.operation) {
    return kOperationTexts.at(static_cast<std::size_t>(*standing.operation));
  }
  if (standing.pass == 0) return "nothing recorded yet";
  return "pass " + std::to_string(standing.pass) + ": " + human_bytes(standing.written_bytes) +
         " written, " + human_bytes(standing.verified_bytes) + " of it read back";
}

void print(std::ostream& out, const ListedJob& job, bool json) {
  const JobStanding standing = standing_of(job.state.records);
  if (!json) {
    out << job.id << "  " << escaped(job.request.path) << "  begun "
        << to_rfc3339(job.state.header.created) << "  " << place_text(standing) << "\n";
    return;
  }
  nlohmann::ordered_json line = {{"event", "job"},
                                 {"job", job.id},
                                 {"created_at", to_rfc3339(job.state.header.created)},
                                 {"target", name_of(job.request.kind)},
                                 {"size_bytes", json_number(job.request.size_bytes)},
                                 {"scheme", job.request.rules.scheme.id},
                                 {"passes_closed", standing.passes_closed},
                                 {"pass", standing.pass},
                                 {"written_bytes", json_number(standing.written_bytes)},
                                 {"verified_bytes", json_number(standing.verified_bytes)}};
  if (job.request.choice.method != Method::overwrite) {
    line["method"] = name_of(job.request.choice.method);
  }
  if (standing.operation) line["operation"] = name_of(*standing.operation);
  put_text(line, "path", job.request.path);
  out << quietus::to_line(line) << "\n";
}

int list(Directory& folder, const Options& options, Console& console) {
  const Result<std::vector<std::string>> ids = list_jobs(folder);
  if (!ids) {
    print_error(console.err, ids.error());
    return row_of(Outcome::failed).exit_code;
  }
  for (const std::string& id : *ids) {
    const Result<ListedJob> job = read_listed(folder, id);
    if (job) {
      print(console.out, *job, options.json);
    } else {
      print_error(console.err, job.error().in("job " + id));
    }
  }
  if (ids->empty() && !options.json && !options.quiet) {
    console.out << "There are no unfinished jobs.\n";
  }
  return kExitOk;
}

/// Where the job's drive is now: it may be plugged elsewhere, or have got another name.
std::string find_path(const JobRequest& request, Platform& platform) {
  if (request.kind == TargetKind::image) return request.path;
  const bool named = !request.serial.empty() || !request.wwn.empty();
  const Result<DeviceFacts> there = platform.inspect_device(request.path);
  if (!named || (there && may_be(request, *there))) return request.path;
  const auto devices = platform.devices();
  if (!devices) return request.path;
  std::vector<std::string> found;
  for (const DeviceFacts& device : *devices) {
    if (may_be(request, device)) found.push_back(device.path);
  }
  return found.size() == 1 ? found.front() : request.path;
}

Result<std::unique_ptr<Medium>> open_to_compare(const Root& root, Platform& platform) {
  if (root.kind == NodeKind::block_device) return platform.open_device(root.path, Access::read);
  Result<Location> location = platform.locate(root.path);
  if (!location) return location.error();
  return location->directory->open_at(location->name, Access::read);
}

/// Whether the medium is the one, and still holds what the job wrote.
std::vector<Finding> check_medium(const ListedJob& job, const Plan& plan, Seams& seams) {
  if (plan.targets.empty()) return {};
  const Root& root = plan.targets.front().roots.front();
  if (const std::string other = difference(job.request, root); !other.empty()) {
    return {refusal("job_other_medium", root.path, "is not what the job began with: " + other,
                    "attach the medium that the job began with")};
  }
  const bool recorded = standing_of(job.state.records).pass > 0;
  if (!recorded && !is_the_same(job.request, root, seams.platform.machine())) {
    return {
        refusal("job_unbound", root.path,
                "has no serial number or WWN, and nothing is recorded by which it could be told "
                "from another one",
                "begin again with `quietus drives`")};
  }
  auto medium = open_to_compare(root, seams.platform);
  if (!medium) return {refusal("unreadable", root.path, medium.error().what)};
  const Status same = check_written(**medium, job.request.rules, *job.state.secret,
                                    job.state.records, seams.random);
  if (same) return {};
  const bool changed = same.error().code == Errc::changed;
  return {refusal(changed ? "job_rewritten" : "unreadable", root.path, same.error().what,
                  changed ? "begin again with `quietus drives`" : "")};
}

/// As for overwriting: which method is used was decided when the job began, and a drive that is at
/// it would be refused. What is on it need not be readable then.
Rules rules_to_plan_by(const ListedJob& job) {
  Rules rules = job.request.rules;
  rules.method = Method::overwrite;
  rules.then_overwrite = false;
  const bool by_itself = job.request.choice.method != Method::overwrite;
  rules.allow_member = rules.allow_member || by_itself;
  return rules;
}

Plan plan_now(const ListedJob& job, const Options& options, Seams& seams) {
  Request request{TargetKind::image,
                  {find_path(job.request, seams.platform)},
                  rules_to_plan_by(job),
                  own_places(options, seams.platform)};
  request.binding.asked_in_person = true;  // bound when the job began, and compared with that
  request.declarations = job.request.declarations;
  const Result<DeviceFacts> there = seams.platform.inspect_device(request.paths.front());
  if (!there || !may_be(job.request, *there)) return make_plan(request, seams.platform);
  if (!job.request.wwn.empty()) {
    request.binding.wwns = {job.request.wwn};
  } else if (!job.request.serial.empty()) {
    request.binding.serials = {job.request.serial};
  }
  return make_plan(request, seams.platform);
}

Plan plan_again(const ListedJob& job, const Options& options, Seams& seams) {
  Plan plan = plan_now(job, options, seams);
  go_on_by(job.request, plan);
  return plan;
}

/// The plan that the job carries out. One whose text is gone is not cited, and nobody approved it.
ApprovedPlan approved_plan_of(const JobRequest& request, const Options& options,
                              Platform& platform) {
  if (request.plan_id.empty()) return {};
  auto text = begun_plan(options, platform, request.plan_id);
  if (!text || !*text) return {};
  return {request.plan_id, std::move(**text), request.signed_approvers, request.approval_digests};
}

}  // namespace

int take_up(Directory& folder, const std::string& id, const Options& options, Seams& seams) {
  Result<JobLog> log = JobLog::open(folder, id);
  Result<ListedJob> job = log ? read_listed(folder, id) : Result<ListedJob>(log.error());
  if (!job) {
    Error why = job.error();
    if (why.code == Errc::not_found) why = {Errc::not_found, 0, "there is no unfinished job " + id};
    if (why.code == Errc::busy) why.hint = "it is being worked on";
    why.hint = why.hint.empty() ? "`quietus resume` lists unfinished jobs" : why.hint;
    print_error(seams.console.err, why);
    return why.code == Errc::busy ? row_of(Outcome::refused).exit_code : kExitUsage;
  }
  if (!job->state.secret) {
    static_cast<void>(log->finish().ok());  // it was over; only its name was left
    print_error(seams.console.err, {Errc::not_found, 0, "the job " + id + " is over"});
    return kExitUsage;
  }
  const Plan plan = plan_again(*job, options, seams);
  const std::unique_ptr<Reporter> reporter = reporter_for(options, seams);
  reporter->planned(plan);
  std::vector<Finding> wrong = check_medium(*job, plan, seams);
  ResumedJob resumed{std::move(job->state), std::move(job->request),
                     std::make_unique<JobLog>(std::move(*log))};
  ApprovedPlan approved = approved_plan_of(resumed.request, options, seams.platform);
  std::vector<ChosenPolicy> policies = resumed.request.policies;
  DestroySession session(options, seams, plan, *reporter, std::move(resumed));
  session.follow(std::move(approved), std::move(policies));
  if (plan.targets.empty() || plan.refused() || !wrong.empty()) {
    return session.refuse(std::move(wrong));
  }
  return run_leavable(session, plan, seams);
}

std::optional<FoundJob> job_of(const DeviceFacts& device, Directory& folder, Platform& platform) {
  const Result<std::vector<std::string>> ids = list_jobs(folder);
  if (!ids) return std::nullopt;
  const std::string boot = platform.machine().boot_id;
  std::optional<FoundJob> found;  // the youngest: ids sort by age
  for (const std::string& id : *ids) {
    const Result<ListedJob> job = read_listed(folder, id);
    if (!job || !job->state.secret || !may_be(job->request, device)) continue;
    const JobRequest& request = job->request;
    const bool named = !request.serial.empty() || !request.wwn.empty();
    const bool same_since = request.boot_id == boot && request.sequence == device.sequence;
    if (!named && (boot.empty() || device.sequence == 0 || !same_since)) continue;
    const JobStanding standing = standing_of(job->state.records);
    const bool begun = standing.operation.value_or(OperationRecord::Phase::canaries) !=
                       OperationRecord::Phase::canaries;
    found = FoundJob{id, request.choice.method, job->state.header.created, place_text(standing),
                     begun || standing.pass > 0};
  }
  return found;
}

int run_resume(const Options& options, Seams& seams) {
  const Result<std::string> state = state_path(options, seams.platform);
  if (!state) {
    print_error(seams.console.err, state.error());
    return kExitUsage;
  }
  auto folder = seams.platform.open_directory(jobs_path(*state));
  const bool none = !folder && folder.error().code == Errc::not_found;
  if (none && options.paths.empty()) {
    if (!options.json && !options.quiet) {
      seams.console.out << "There are no unfinished jobs.\n";
    }
    return kExitOk;
  }
  if (!folder) {
    print_error(
        seams.console.err,
        none ? Error{Errc::not_found, 0, "there is no unfinished job " + options.paths.front()}
             : folder.error());
    return none ? kExitUsage : row_of(Outcome::failed).exit_code;
  }
  if (options.paths.empty()) return list(**folder, options, seams.console);
  const std::string& id = options.paths.front();
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) {
    return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
  });
  if (!plain) {
    print_error(seams.console.err, {Errc::invalid, 0, "not a job's id: " + id});
    return kExitUsage;
  }
  return take_up(**folder, id, options, seams);
}

}  // namespace quietus::cli
