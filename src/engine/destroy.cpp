// SPDX-License-Identifier: GPL-3.0-or-later
// destroy: hands one target of a plan to what destroys its kind.
#include "quietus/destroy.h"

#include <utility>

#include "quietus/fill.h"

#include "engine/drive_run.h"
#include "engine/file_set.h"
#include "engine/firmware_run.h"
#include "engine/key_run.h"
#include "engine/space_run.h"

namespace quietus {
namespace {

struct DriveOrder {
  const Plan& plan;
  const Target& target;
  const Secret& job;
};

/// An image, or a drive by its method.
Evidence run_drive(const DriveOrder& order, const std::vector<PassContent>& passes,
                   Workbench& bench) {
  const Method method = order.target.choice.method;
  if (order.target.kind != TargetKind::drive || method == Method::overwrite) {
    return DriveRun(order.plan, order.target, passes, bench).run();
  }
  if (method == Method::key_erase) return KeyRun(order.plan, order.target, order.job, bench).run();
  return FirmwareRun(order.plan, order.target, passes, order.job, bench).run();
}

}  // namespace

Evidence destroy(const Plan& plan, std::uint64_t target, const Secret& job, Workbench& bench) {
  // An image or a drive has a job, and so a secret, of its own, wherever it stands in the plan.
  const bool own_job = plan.targets.at(target).kind != TargetKind::files;
  const std::uint64_t number = own_job ? 0 : target;
  const Result<const KeystreamBackend*> backend = find_keystream(plan.rules.keystream);
  auto passes = backend ? prepare(plan.rules.scheme, plan.rules.rounds, job, number, **backend)
                        : Result<std::vector<PassContent>>(backend.error());
  if (!passes) {
    Evidence evidence;
    evidence.kind = plan.targets.at(target).kind;
    evidence.started = evidence.finished = bench.clock.now();
    evidence.facts.push_back({"not_begun", passes.error().what, true});
    return evidence;
  }
  const Target& one = plan.targets.at(target);
  if (one.kind == TargetKind::files) return FileSet(plan, one, *passes, job, bench).run();
  if (one.kind == TargetKind::free_space) return SpaceRun({plan, one}, *passes, job, bench).run();
  Evidence evidence = run_drive({plan, one, job}, *passes, bench);
  // Those who hang still use it, at the same address.
  if (bench.left_behind) static_cast<void>(new std::vector<PassContent>(std::move(*passes)));
  return evidence;
}

Result<std::unique_ptr<Medium>> claim(const Root& drive, Platform& platform) {
  auto medium = platform.open_device(drive.path, Access::read_write);
  if (!medium) return medium.error();
  const Result<DeviceFacts> now = (*medium)->device();
  if (!now) return now.error();
  const std::string changed = drive.device ? difference(*drive.device, *now) : std::string();
  if (!changed.empty()) return Error{Errc::changed, 0, changed};
  return medium;
}

}  // namespace quietus
