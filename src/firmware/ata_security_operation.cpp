// SPDX-License-Identifier: GPL-3.0-or-later
// SECURITY ERASE UNIT from the password to the end. While it runs the drive is left alone: another
// command makes hosts reset it, and a reset ends the erase and leaves the password.
#include <array>

#include "quietus/firmware.h"

#include "firmware/ata_security.h"

namespace quietus {
namespace {

class AtaSecurityErase final : public Operation {
 public:
  AtaSecurityErase(Medium& drive, bool enhanced) : link_(drive), enhanced_(enhanced) {}

  [[nodiscard]] std::string command() const override {
    return std::string(ata_security_operation_name(enhanced_));
  }
  [[nodiscard]] std::string to_be_recorded() const override {
    return "a user password is set on the drive; where the erase does not take it off again: " +
           security_way_out();
  }
  [[nodiscard]] Status start() override;
  [[nodiscard]] OperationStatus look() override;
  [[nodiscard]] Status recover() override;

 private:
  [[nodiscard]] Status carried_out(const AtaCommand& command, std::string_view what);
  [[nodiscard]] Status prepare();
  [[nodiscard]] Status erase();
  [[nodiscard]] Error after_password(Error error);
  [[nodiscard]] OperationStatus judged_after(const Result<DeviceReply>& reply);
  [[nodiscard]] OperationStatus attached();
  [[nodiscard]] Status take_off();

  AtaLink link_;
  bool enhanced_;
  std::unique_ptr<PendingCommand> pending_;
  std::optional<OperationStatus> ended_;
};

Status AtaSecurityErase::carried_out(const AtaCommand& command, std::string_view what) {
  const auto outcome = link_.send(command);
  if (!outcome) return outcome.error().in(what);
  if (outcome->end == AtaOutcome::End::done) return {};
  Error error = refusal_of(*outcome, what);
  if (outcome->end == AtaOutcome::End::refused) error.code = Errc::permission;
  return error;
}

Status AtaSecurityErase::start() {
  const auto before = read_identify(link_);
  if (!before) return nothing_sent(before.error());
  const AtaSecurity security = before->identify.security();
  if (const std::string why = why_not_erasable(security); !why.empty())
    return Error{security.supported ? Errc::permission : Errc::unsupported, 0, why};
  if (enhanced_ && !security.enhanced)
    return Error{Errc::unsupported, 0, "the drive has no enhanced erase"};
  if (const Status set = carried_out(set_password_command(), "SECURITY SET PASSWORD"); !set)
    return after_password(set.error());
  if (const Status ready = prepare(); !ready) return after_password(ready.error());
  return erase();
}

/// An error after which the password may be there, but nothing erases: it is taken off again, or
/// the error says how.
Error AtaSecurityErase::after_password(Error error) {
  if (const Status off = recover(); !off) error.hint = off.error().hint;
  if (error.code == Errc::io) error.code = Errc::unsupported;  // io leaves open whether it began
  error.what += "; the erase was not begun";
  return error;
}

Status AtaSecurityErase::prepare() {
  const auto identify = read_identify(link_);
  if (!identify) return identify.error();
  const AtaSecurity security = identify->identify.security();
  if (!security.enabled || security.locked || security.frozen) {
    return Error{Errc::io, 0,
                 "the drive accepted SECURITY SET PASSWORD, but does not show that a password is "
                 "set and the drive open"};
  }
  return {};
}

/// Two commands, with nothing in between (ACS-4: anything else takes the preparation back).
Status AtaSecurityErase::erase() {
  if (const Status done = carried_out(erase_prepare_command(), "SECURITY ERASE PREPARE"); !done)
    return after_password(done.error());
  auto pending = link_.begin(erase_unit_command(enhanced_));
  // Whether it began is not known, so that the drive is left alone: see recover().
  if (!pending) return pending.error().in("SECURITY ERASE UNIT");
  pending_ = std::move(*pending);
  return {};
}

OperationStatus status_of(OperationState state, std::string_view text) {
  OperationStatus status;
  status.state = state;
  status.text = text;
  return status;
}

OperationStatus AtaSecurityErase::look() {
  if (ended_) return *ended_;
  if (pending_ == nullptr) return attached();
  const auto reply = pending_->poll();
  if (!reply)
    return status_of(OperationState::running, "the drive has not yet come back from its erase");
  ended_ = judged_after(*reply);
  pending_.reset();
  return *ended_;
}

/// What the command itself came to.
OperationStatus judged_by_reply(const Result<AtaOutcome>& outcome) {
  if (!outcome) return status_of(OperationState::unknown, outcome.error().what);
  if (outcome->tells_reset() || outcome->end == AtaOutcome::End::attention) {
    OperationStatus status =
        status_of(OperationState::failed, "the drive was reset while it erased itself");
    status.reset_seen = true;
    return status;
  }
  if (outcome->end == AtaOutcome::End::refused)
    return status_of(OperationState::failed, "the drive aborted its erase");
  if (outcome->end == AtaOutcome::End::unknown)
    return status_of(OperationState::unknown, "nothing tells how the drive's erase ended");
  return status_of(OperationState::succeeded,
                   "the drive says that its erase ended well and took the password off");
}

Result<AtaOutcome> outcome_of_erase(const Result<DeviceReply>& reply) {
  const Result<ScsiOutcome> scsi = outcome_of(reply);
  if (!scsi) return scsi.error();
  return ata_outcome(*scsi, false);
}

/// Only a drive that shows no password any more, and whose command ended well, has erased.
OperationStatus AtaSecurityErase::judged_after(const Result<DeviceReply>& reply) {
  const Result<AtaOutcome> outcome = outcome_of_erase(reply);
  OperationStatus status = judged_by_reply(outcome);
  if (outcome) status.raw.push_back({"ata_registers", {}, outcome->scsi.sense_bytes});
  const auto identify = read_identify(link_);
  status.reset_seen = status.reset_seen || link_.reset_seen();
  if (!identify) {
    if (status.state != OperationState::failed) status.state = OperationState::unknown;
    status.text += "; afterwards it does not say who it is";
    return status;
  }
  status.raw.push_back({"ata_identify", {}, identify->raw});
  const AtaSecurity security = identify->identify.security();
  if (security.enabled || security.locked) {
    status.state = OperationState::failed;
    status.text = "the drive came back from its erase with the password still set";
  } else if (status.state == OperationState::succeeded && status.reset_seen) {
    status.state = OperationState::failed;
    status.text = "the drive was reset while it erased itself";
  }
  return status;
}

/// Without start(): what the drive still shows of an erase that somebody else began.
OperationStatus AtaSecurityErase::attached() {
  const auto identify = read_identify(link_);
  if (!identify) return status_of(OperationState::unknown, identify.error().what);
  const AtaSecurity security = identify->identify.security();
  OperationStatus status =
      security.enabled || security.locked
          ? status_of(OperationState::failed,
                      "the password is still set: the erase did not come to its end")
          : status_of(OperationState::unknown,
                      "no password is set; the drive does not tell whether it ever erased itself");
  status.reset_seen = link_.reset_seen();
  status.raw.push_back({"ata_identify", {}, identify->raw});
  return status;
}

Status AtaSecurityErase::take_off() {
  const auto before = read_identify(link_);
  if (!before) return before.error();
  const AtaSecurity security = before->identify.security();
  if (!security.enabled && !security.locked) return {};
  if (security.locked) {
    if (const Status open = carried_out(unlock_command(), "SECURITY UNLOCK"); !open) return open;
  }
  if (const Status off = carried_out(disable_password_command(), "SECURITY DISABLE PASSWORD"); !off)
    return off;
  const auto after = read_identify(link_);
  if (!after) return after.error();
  if (!after->identify.security().enabled) return {};
  return Error{Errc::io, 0, "the drive still shows the password"};
}

Status AtaSecurityErase::recover() {
  if (pending_ != nullptr && !pending_->poll())
    return Error{Errc::busy, 0, "the drive has not yet come back from its erase"};
  const Status off = take_off();
  if (off) return {};
  Error error = off.error().in("the password is left on the drive");
  error.hint = security_way_out();
  return error;
}

}  // namespace

std::string_view ata_security_operation_name(bool enhanced) {
  return enhanced ? "SECURITY ERASE UNIT, enhanced mode (ACS-4, Security feature set)"
                  : "SECURITY ERASE UNIT, normal mode (ACS-4, Security feature set)";
}

std::unique_ptr<Operation> ata_security_operation(Medium& drive, const DriveAbilities& abilities) {
  return std::make_unique<AtaSecurityErase>(drive, abilities.enhanced_erase);
}

}  // namespace quietus
