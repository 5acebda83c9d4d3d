// SPDX-License-Identifier: GPL-3.0-or-later
// `quietus status`: what a drive is at by itself, and, with --wait, going on with the job that set
// it to that. Never sends a command that begins anything.
#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>
#include <utility>

#include "quietus/device_report.h"
#include "quietus/firmware.h"
#include "quietus/json_text.h"
#include "quietus/operation_wait.h"
#include "quietus/outcome.h"
#include "quietus/report.h"

#include "cli/app.h"
#include "cli/command_resume.h"
#include "cli/destroy_setup.h"
#include "cli/drive_survey.h"
#include "cli/state.h"

namespace quietus::cli {
namespace {

constexpr std::uint32_t kPpmPerPercent = 10'000;
constexpr std::uint64_t kMinute = 60;

/// What the exit code says of an operation that belongs to no job.
struct ExitRow {
  OperationState state;
  int exit_code;
};
const std::array<ExitRow, 5> kExits{
    {{OperationState::succeeded, kExitOk},
     {OperationState::never, row_of(Outcome::failed).exit_code},
     {OperationState::running, row_of(Outcome::interrupted).exit_code},
     {OperationState::failed, row_of(Outcome::failed).exit_code},
     {OperationState::unknown, row_of(Outcome::unverified).exit_code}}};

/// By which of its methods a drive is asked, where no job tells: their status is the same.
Method method_to_ask(const DriveAbilities& abilities) {
  if (abilities.is_in("format_running")) return Method::format;
  constexpr std::array kSanitize{Method::sanitize_block, Method::sanitize_crypto,
                                 Method::sanitize_overwrite};
  for (const Method method : kSanitize) {
    const MethodAbility* ability = abilities.ability(method);
    if (ability != nullptr && ability->supported == Answer::yes) return method;
  }
  return abilities.is_in("security_enabled") ? Method::secure_erase : Method::sanitize_block;
}

/// A drive, opened and asked.
class StatusSession {
 public:
  StatusSession(const Options& options, Seams& seams) : options_(options), seams_(seams) {}

  int run() {
    if (Status opened = open(); !opened) return failed(opened.error());
    if (options_.leave_failure_state) return leave();
    const Method method = job_ ? job_->method : method_to_ask(abilities_);
    FirmwareOperation operation(*drive_, abilities_, {method, false, {}});
    OperationStatus status = operation.look();
    print(status, method);
    if (!options_.wait) return kExitOk;
    if (job_) return go_on();
    return wait(operation, status, method);
  }

 private:
  Status open() {
    const std::string& path = options_.paths.front();
    Result<DeviceFacts> facts = seams_.platform.inspect_device(path);
    if (!facts) return facts.error().in(path);
    facts_ = std::move(*facts);
    find_job();
    if (is_held()) {
      return Error{Errc::busy, 0,
                   path +
                       ": a command is under way, and the drive answers nothing before its end; "
                       "it was not asked",
                   "wait; the quietus that began it says how it ends"};
    }
    // To let it out of its failure state is a change: nobody else may use it meanwhile.
    const Access access = options_.leave_failure_state ? Access::read_write : Access::read;
    auto drive = seams_.platform.open_device(facts_.path, access);
    if (!drive) return drive.error().in(path);
    drive_ = std::move(*drive);
    abilities_ = survey(*drive_, facts_);
    if (abilities_.commands != CommandSet::none) return {};
    return Error{Errc::unsupported, 0,
                 path + ": its firmware can't be asked: " + abilities_.unknown_why};
  }

  /// While a command blocks the drive, whatever else is sent to it may have it reset. Its process
  /// holds the disk's lock to the end.
  [[nodiscard]] bool is_held() const {
    constexpr std::array kPolled{Method::sanitize_block, Method::sanitize_crypto,
                                 Method::sanitize_overwrite};
    if (job_ && std::find(kPolled.begin(), kPolled.end(), job_->method) != kPolled.end()) {
      return false;
    }
    return is_locked(facts_);
  }

  void find_job() {
    const Result<std::string> state = state_path(options_, seams_.platform);
    if (!state) return;
    auto folder = seams_.platform.open_directory(jobs_path(*state));
    if (!folder) return;
    job_ = job_of(facts_, **folder, seams_.platform);
    // The listing is read to its end: going on opens the folder anew.
  }

  int failed(const Error& why) {
    print_error(seams_.console.err, why);
    return row_of(Outcome::failed).exit_code;
  }

  int leave() {
    const Status left = leave_failure_state(*drive_, abilities_.commands);
    if (!left) return failed(left.error().in(facts_.path));
    if (options_.json) {
      nlohmann::ordered_json line = {{"event", "failure_state_left"}};
      put_text(line, "device", facts_.path);
      seams_.console.out << quietus::to_line(line) << "\n";
    } else {
      seams_.console.out << escaped(facts_.path)
                         << ": left its failure state. It is not sanitized.\n";
    }
    return kExitOk;
  }

  void print(const OperationStatus& status, Method method) {
    if (options_.json) return print_json(status, method);
    if (options_.quiet) return;
    std::ostream& out = seams_.console.out;
    out << escaped(facts_.path) << ": " << name_of(status.state);
    if (status.progress_ppm) out << ", " << *status.progress_ppm / kPpmPerPercent << " %";
    if (status.remaining_s) {
      out << ", about " << (*status.remaining_s + kMinute - 1) / kMinute << " min left";
    }
    out << "\n";
    if (!status.text.empty()) out << "  " << escaped(status.text) << "\n";
    for (const std::string& state : state_texts(abilities_)) out << "  " << escaped(state) << "\n";
    if (job_) {
      out << "  job " << job_->id << ", begun " << to_rfc3339(job_->begun) << ": " << job_->place
          << "\n";
    }
  }

  void print_json(const OperationStatus& status, Method method) {
    nlohmann::ordered_json line = {{"event", "drive_status"},
                                   {"method", name_of(method)},
                                   {"state", name_of(status.state)},
                                   {"states", abilities_.states}};
    put_text(line, "device", facts_.path);
    put_text(line, "text", status.text);
    if (status.progress_ppm) line["progress_ppm"] = *status.progress_ppm;
    if (status.remaining_s) line["remaining_s"] = json_number(*status.remaining_s);
    if (job_) line["job"] = job_->id;
    seams_.console.out << quietus::to_line(line) << "\n";
  }

  /// The same path as `quietus resume`.
  int go_on() {
    if (job_->method == Method::overwrite) {
      return failed({Errc::invalid, 0, facts_.path + ": its unfinished job is an overwrite",
                     "quietus resume " + job_->id});
    }
    if (!job_->begun_on_drive) {
      return failed({Errc::invalid, 0,
                     facts_.path + ": its unfinished job has sent nothing to the drive yet",
                     "quietus resume " + job_->id + " begins it"});
    }
    drive_.reset();
    const Result<std::string> state = state_path(options_, seams_.platform);
    auto folder = seams_.platform.open_directory(jobs_path(*state));
    if (!folder) return failed(folder.error());
    return take_up(**folder, job_->id, options_, seams_);
  }

  int wait(FirmwareOperation& operation, OperationStatus& status, Method method) {
    const std::unique_ptr<Reporter> reporter = reporter_for(options_, seams_);
    const MethodAbility* ability = abilities_.ability(method);
    WaitOrder order;
    order.target = facts_.path;
    order.method = name_of(method);
    if (ability != nullptr) order.estimate_s = ability->estimate_s;
    order.stall_timeout_s = options_.stall_timeout_s;
    StopFlag stop;
    if (status.state == OperationState::running) {
      seams_.with_signals(
          stop, [&] { reporter->status(); },
          [&] {
            const WaitSeams seams{seams_.clock, *reporter, stop};
            static_cast<void>(wait_for_end(operation, order, seams, status));
          });
      print(status, method);
    }
    if (!options_.json && !options_.quiet) {
      seams_.console.err << "No unfinished job is this drive's: no certificate follows.\n";
    }
    return std::find_if(kExits.begin(), kExits.end(),
                        [&](const ExitRow& row) { return row.state == status.state; })
        ->exit_code;
  }

  const Options& options_;
  Seams& seams_;
  DeviceFacts facts_;
  std::unique_ptr<Medium> drive_;
  DriveAbilities abilities_;
  std::optional<FoundJob> job_;
};

}  // namespace

int run_status(const Options& options, Seams& seams) { return StatusSession(options, seams).run(); }

}  // namespace quietus::cli
