// SPDX-License-Identifier: GPL-3.0-or-later
// DestroySession: carries out a plan that was agreed to: state, ledger, engine, certificates.
#include "cli/destroy_session.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "quietus/certificate_policy.h"
#include "quietus/stream.h"
#include "quietus/text.h"

#include "cli/destroy_request.h"
#include "cli/destroy_setup.h"
#include "cli/diagnostics.h"
#include "cli/identifiers.h"
#include "cli/ledger_bodies.h"
#include "cli/records.h"

namespace quietus::cli {
namespace {

constexpr std::uint32_t kPrivateFile = 0600;

Finding site_refusal(std::string code, const std::string& object, const Error& error) {
  return {Finding::Level::refusal, std::move(code), object, error.what, error.hint};
}

Error begun_before() {
  return {Errc::exists, 0, "was begun before", "make a new plan, and have it approved"};
}

void not_recorded(TargetReport& report, const Error& why) {
  report.result.recorded = false;
  report.problems.push_back(why);
}

}  // namespace

void DestroySession::follow(ApprovedPlan approved, std::vector<ChosenPolicy> policies) {
  approved_ = std::move(approved);
  policies_ = std::move(policies);
}

std::vector<Finding> DestroySession::refusals() const {
  std::vector<Finding> found;
  std::copy_if(plan_.findings.begin(), plan_.findings.end(), std::back_inserter(found),
               [](const Finding& one) { return one.level == Finding::Level::refusal; });
  return found;
}

int DestroySession::refuse(std::vector<Finding> more) {
  std::vector<Finding> reasons = refusals();
  reasons.insert(reasons.end(), more.begin(), more.end());
  TargetReport report;
  report.result.recorded = can_record_ && record_refusals(reasons);
  report.target = plan_.targets.empty() ? reasons.front().object : title_of(plan_.targets.front());
  report.result.outcome = Outcome::refused;
  report.reasons = std::move(more);  // those of the plan were shown with it
  events_.finished(report);
  return report.result.exit_code();
}

/// A refusal is recorded where it can be; where it can't, nothing was destroyed that would need a
/// record.
bool DestroySession::record_refusals(const std::vector<Finding>& reasons) {
  const auto failed = [](const Error& why) {
    diagnose("the refusal is not recorded: " + escaped(why.what));
    return false;
  };
  if (!state_) {
    Result<State> state = State::open(options_, seams_);
    if (!state) return failed(state.error());
    state_ = std::move(*state);
  }
  const auto appended = state_->ledger().append({refused_event(plan_, reasons)});
  return appended ? true : failed(appended.error());
}

Status DestroySession::open_manifest() {
  if (options_.manifest.empty()) return {};
  Result<Location> location = seams_.platform.locate(options_.manifest);
  if (!location) return location.error();
  auto created = location->directory->create_at(location->name, kPrivateFile);
  if (!created) return created.error();
  manifest_ = std::move(*created);
  return {};
}

Status DestroySession::open_records() {
  Result<State> state = State::open(options_, seams_);
  if (!state) return state.error();
  state_ = std::move(*state);
  auto key = read_operator_key(options_, seams_);
  if (!key) return key.error().in("cannot use the key");
  operator_key_ = std::move(*key);
  program_digest_ = digest_of_program(seams_.platform);
  return make_jobs();
}

/// Each target's job has a secret of its own, so that one that is over leaves nothing to wait for.
Status DestroySession::make_jobs() {
  for (std::uint64_t target = 0; target < plan_.targets.size(); ++target) {
    Job job;
    job.target = target;
    if (resumed_) {
      job.id = resumed_->state.header.id;
      job.secret = std::make_unique<Secret>(std::move(*resumed_->state.secret));
      job.log = std::move(resumed_->log);
      job.request = resumed_->request;
      job.run_event_index = resumed_->request.run_event_index;
    } else {
      job.id = make_uuid_v7(seams_.clock.now(), seams_.random);
      Result<Secret> secret = Secret::random(seams_.random);
      if (!secret) return secret.error();
      job.secret = std::make_unique<Secret>(std::move(*secret));
    }
    jobs_.push_back(std::move(job));
  }
  return {};
}

/// From here on nobody else can use the drives. What can't be claimed is a refusal.
std::vector<Finding> DestroySession::claim_drives() {
  std::vector<Finding> refused;
  std::vector<Job> claimed;
  for (Job& job : jobs_) {
    const Target& target = plan_.targets[job.target];
    if (target.kind == TargetKind::drive) {
      auto medium = claim(target.roots.front(), seams_.platform);
      if (!medium) {
        const char* code = medium.error().code == Errc::busy      ? "open_elsewhere"
                           : medium.error().code == Errc::changed ? "changed"
                                                                  : "not_claimed";
        refused.push_back(site_refusal(code, title_of(target), medium.error()));
        continue;
      }
      job.claimed = std::move(*medium);
    }
    claimed.push_back(std::move(job));
  }
  jobs_ = std::move(claimed);
  return refused;
}

std::vector<LedgerEvent> DestroySession::start_events() const {
  std::vector<LedgerEvent> events;
  for (const Job& job : jobs_) {
    const Target& target = plan_.targets[job.target];
    events.push_back(resumed_
                         ? resumed_event(job.id, target)
                         : started_event(plan_, target, sha256(job.secret->bytes()), approved_.id));
  }
  std::vector<Finding> refused = refusals();
  refused.insert(refused.end(), unclaimed_.begin(), unclaimed_.end());
  if (!refused.empty()) events.push_back(refused_event(plan_, refused));
  return events;
}

Status DestroySession::record_start() {
  auto appended = state_->ledger().append(start_events());
  if (!appended) return appended.error();
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    if (!jobs_[i].run_event_index) jobs_[i].run_event_index = (*appended)[i].index;
  }
  // Reads the whole log: one that was tampered with is found before anything is destroyed.
  const auto proof = state_->ledger().receipt(appended->front().index);
  return proof ? Status() : Status(proof.error());
}

/// Before the first write, so that whatever ends the run, it can be taken up again.
Status DestroySession::make_logs() {
  for (Job& job : jobs_) {
    const Target& target = plan_.targets[job.target];
    const bool fills_space =
        target.kind == TargetKind::free_space || plan_.rules.deep || plan_.rules.chase;
    if (fills_space) {
      if (Status room = hold_room(job); !room) return room.error().in("no room for records");
      job.fill = std::make_unique<FillFile>(state_->jobs(), job.id);
    }
    if (target.kind == TargetKind::files || target.kind == TargetKind::free_space || job.log) {
      continue;
    }
    job.request = request_of(plan_, target, seams_.platform.machine());
    job.request.run_event_index = job.run_event_index;
    job.request.clock_accepted = options_.accept_clock;
    job.request.policies = policies_;
    job.request.plan_id = approved_.id;
    job.request.signed_approvers = approved_.signed_approvers;
    job.request.approval_digests = approved_.approval_digests;
    Result<JobLog> log = JobLog::create(
        state_->jobs(), {job.id, seams_.clock.now(), to_line(job.request)}, *job.secret);
    if (!log) return log.error();
    job.log = std::make_unique<JobLog>(std::move(*log));
  }
  return {};
}

/// A plan is carried out once: from here on it counts as begun.
Status DestroySession::mark_plan() {
  if (approved_.id.empty() || resumed_) return {};
  return mark_begun(options_, seams_.platform, approved_);
}

/// Where records lie on the file system that is filled, room for them is held until they are
/// written.
Status DestroySession::hold_room(Job& job) {
  const std::vector<Root>& roots = plan_.targets[job.target].roots;
  for (Directory* place : {&state_->jobs(), &state_->certificates()}) {
    const Result<Attributes> seen = place->attributes();
    if (!seen) return seen.error();
    const Result<FileSystemFacts> facts = seams_.platform.file_system_of(*place);
    if (!facts) return facts.error();
    const bool filled = std::any_of(roots.begin(), roots.end(), [&](const Root& root) {
      return root.identity.device == seen->identity.device ||
             same_file_system(root.file_system, *facts);
    });
    if (!filled) continue;
    Result<Ballast> ballast = Ballast::hold(*place, seams_.random);
    if (!ballast) return ballast.error();
    job.ballast.push_back(std::move(*ballast));
  }
  return {};
}

/// What runs left that were killed.
void DestroySession::clear_leftovers() {
  const StopFlag never;
  for (const Leftover& one : clear_recorded(state_->jobs(), seams_.platform, never)) {
    const std::string folder = join(one.directory, one.folder);
    diagnose("left by a run that was killed: " + escaped(folder));
    if (one.removed) continue;
    print_error(seams_.console.err, {one.removed.error().code, 0,
                                     "what a run that was killed left can't be removed: " + folder +
                                         ": " + one.removed.error().what,
                                     "quietus free-space --clean-up " + one.directory});
  }
}

int DestroySession::run() {
  if (Status opened = open_records(); !opened) {
    can_record_ = state_.has_value();
    return refuse({site_refusal("state_unusable", "the record", opened.error())});
  }
  clear_leftovers();
  std::vector<Finding> changed = recheck(plan_, seams_.platform);
  if (!changed.empty()) return refuse(std::move(changed));
  unclaimed_ = claim_drives();
  if (!unclaimed_.empty() && (!options_.skip_refused || jobs_.empty())) {
    return refuse(std::move(unclaimed_));
  }
  if (Status started = record_start(); !started) {
    can_record_ = false;  // to try again would only wait for the lock once more
    Error why = started.error();
    if (why.code == Errc::busy)
      why.hint = "another quietus holds the ledger; wait until it is done";
    return refuse({site_refusal("ledger_unusable", "the ledger", why)});
  }
  if (Status manifest = open_manifest(); !manifest) {
    return refuse({site_refusal("manifest_unusable", options_.manifest,
                                manifest.error().in("cannot write the manifest"))});
  }
  Status logs = make_logs();
  Status marked = logs ? mark_plan() : Status();
  if (!logs || !marked) {
    for (Job& job : jobs_) {
      if (job.log) static_cast<void>(job.log->finish().ok());
    }
    if (!logs) return refuse({site_refusal("job_unusable", "the job's file", logs.error())});
    const bool before = marked.error().code == Errc::exists;
    if (before) return refuse({site_refusal("plan_started", "the plan", begun_before())});
    return refuse({site_refusal("plan_state_unusable", "the plan", marked.error())});
  }
  auto stop = std::make_unique<StopFlag>();
  seams_.with_signals(
      *stop, [this] { events_.status(); }, [&] { run_jobs(*stop); });
  if (seams_.left_behind) static_cast<void>(stop.release());  // those who hang still look at it
  report_skipped();
  return worst_exit(results_);
}

int run_leavable(DestroySession& session, const Plan& plan, Seams& seams) {
  const auto work = [&session] { return session.run(); };
  return plan.rules.stall_timeout_s > 0 ? seams.leavable(work) : work();
}

void DestroySession::run_jobs(const StopFlag& stop) {
  if (jobs_.size() > 1) return run_side_by_side(stop);
  for (Job& job : jobs_) conclude(job, run_job(job, stop));
}

/// A thread for each drive; this one concludes them as they end.
void DestroySession::run_side_by_side(const StopFlag& stop) {
  std::mutex mutex;
  std::condition_variable one_more;
  std::deque<std::pair<Job*, Evidence>> ended;
  const auto work = [&](Job& job) {
    Evidence evidence = run_job(job, stop);
    const std::lock_guard lock(mutex);
    ended.emplace_back(&job, std::move(evidence));
    one_more.notify_one();
  };
  std::vector<std::thread> threads;
  for (Job& job : jobs_) {
    try {
      threads.emplace_back([&work, &job] { work(job); });
    } catch (const std::system_error&) {
      work(job);  // a limit on threads: one after the other
    }
  }
  for (std::size_t count = 0; count < jobs_.size(); ++count) {
    std::unique_lock lock(mutex);
    one_more.wait(lock, [&] { return !ended.empty(); });
    const auto [job, evidence] = std::move(ended.front());
    ended.pop_front();
    lock.unlock();
    conclude(*job, evidence);
  }
  for (std::thread& thread : threads) thread.join();
}

Evidence DestroySession::run_job(Job& job, const StopFlag& stop) {
  Workbench bench{seams_.platform, seams_.clock, seams_.random, events_, stop};
  // On one processor more workers only take turns, and where drives outnumber processors twice,
  // one worker of each is enough to keep all of them busy.
  const unsigned processors = seams_.platform.processors();
  const bool crowded = processors == 1 || jobs_.size() > std::size_t{2} * processors;
  bench.workers = crowded ? 1 : kWorkersPerMedium;
  bench.manifest = manifest_.get();
  bench.claimed = std::move(job.claimed);
  bench.psid = options_.psid;
  const WipesAtEnd wiped(bench.psid);
  bench.log = job.log.get();
  bench.job_id = job.id;
  bench.fill_log = job.fill.get();
  bench.records = resumed_ ? &resumed_->state.records : nullptr;
  if (resumed_) bench.begun = resumed_->state.header.created;
  bench.watched = true;
  diagnose("destroying target " + std::to_string(job.target + 1));
  const std::uint64_t begun = seams_.clock.monotonic_us();
  Evidence evidence = destroy(plan_, job.target, *job.secret, bench);
  job.duration_us = seams_.clock.monotonic_us() - begun;
  job.left_behind = bench.left_behind;
  return evidence;
}

void DestroySession::report_skipped() {
  std::vector<Finding> skipped = refusals();
  skipped.insert(skipped.end(), unclaimed_.begin(), unclaimed_.end());
  for (const Finding& finding : skipped) {
    TargetReport report;
    report.target = finding.object;
    report.result.outcome = Outcome::refused;
    report.reasons = {finding};
    results_.push_back(report.result);
    events_.finished(report);
  }
}

void DestroySession::conclude(Job& job, const Evidence& evidence) {
  TargetReport report;
  report.target = title_of(plan_.targets[job.target]);
  report.evidence = &evidence;
  report.result.outcome = evidence.outcome;
  if (manifest_) {
    if (Status flushed = manifest_->flush(); !flushed) {
      not_recorded(report, flushed.error().in("the manifest may be incomplete"));
    }
  }
  job.ballast.clear();
  certify(job, evidence, report);
  end_log(job, evidence, report);
  if (job.left_behind) seams_.left_behind = true;
  results_.push_back(report.result);
  events_.finished(report);
}

/// A job that can be taken up again keeps its file; any other one's secret goes.
void DestroySession::end_log(Job& job, const Evidence& evidence, TargetReport& report) {
  if (!job.log) return;
  // Interrupted also where a drive's own operation goes on without us.
  const bool stopped = evidence.outcome == Outcome::interrupted ||
                       std::any_of(evidence.facts.begin(), evidence.facts.end(),
                                   [](const Fact& fact) { return fact.code == "interrupted"; });
  if (stopped) {
    report.job_id = job.id;
  } else if (Status wiped = job.log->finish(); !wiped) {
    report.problems.push_back(wiped.error().in("the job's file could not be removed"));
  }
  job.log.reset();
}

Issuance DestroySession::issuance(const Job& job) {
  constexpr std::uint64_t kUsPerMs = 1000;
  Options declared = options_;
  declared.declarations = plan_.declarations;
  Issuance out = issuance_of(declared, {&state_->machine_key(), operator_key_.get()}, seams_);
  out.clock_accepted = options_.accept_clock || job.request.clock_accepted;
  out.tool_sha256 = program_digest_;
  out.state_is_volatile = state_->is_volatile();
  out.ledger_origin = state_->ledger().origin();
  out.run_event_index = job.run_event_index;
  out.duration_ms = job.duration_us / kUsPerMs;
  out.approved_plan = approved_.envelope;
  out.signed_approvers = approved_.signed_approvers;
  out.approval_digests = approved_.approval_digests;
  out.policies = policies_;
  if (resumed_) out.plan_sha256 = job.request.plan_sha256;
  return out;
}

void DestroySession::certify(const Job& job, const Evidence& evidence, TargetReport& report) {
  const Issuance made = issuance(job);
  const Statement statement = make_statement(plan_, plan_.targets[job.target], evidence, made);
  std::vector<StatementSigner> signers{{KeyRole::machine, &state_->machine_key().key}};
  if (operator_key_) signers.push_back({KeyRole::operator_, &operator_key_->key});
  judge(statement, report);
  Enclosures enclosures{{}, statement.disclosures, {}};
  if (!made.approved_plan.empty()) enclosures.attachments.push_back(made.approved_plan);
  const std::string envelope = sign_statement(statement.body, signers, enclosures);
  const std::string file = made.id + ".cert.json";
  const Status written = write_new_file(state_->certificates(), file, envelope);
  if (written) {
    report.certificate_path = join(state_->certificates_path(), file);
  } else {
    not_recorded(report, written.error().in("the certificate could not be written"));
    report.unrecorded_certificate = envelope;
  }
  const Result<std::string> digest = certificate_digest(envelope);
  if (!digest) return not_recorded(report, digest.error());
  const auto appended =
      state_->ledger().append({finished_event(evidence, made.id), issued_event(made.id, *digest)});
  if (!appended) {
    return not_recorded(report, appended.error().in("the ledger entry could not be written"));
  }
  report.ledger_index = appended->back().index;
  write_receipt(made.id, report);
}

/// As the certificate has it, and whoever verifies it.
void DestroySession::judge(const Statement& statement, TargetReport& report) const {
  report.policies = decisions_on(statement.body, policies_, approved_.signed_approvers);
  report.result.policy_unmet =
      std::any_of(report.policies.begin(), report.policies.end(),
                  [](const PolicyDecision& one) { return one.asked_for && !one.met; });
}

void DestroySession::write_receipt(const std::string& id, TargetReport& report) {
  const std::string file = id + ".tlog-proof";
  const Result<std::string> receipt = state_->ledger().receipt(*report.ledger_index);
  const Status written =
      receipt ? write_new_file(state_->certificates(), file, *receipt) : Status(receipt.error());
  if (written) {
    report.receipt_path = join(state_->certificates_path(), file);
    return;
  }
  not_recorded(report, written.error().in("the receipt could not be written"));
}

}  // namespace quietus::cli
