// SPDX-License-Identifier: GPL-3.0-or-later
// The row of NVMe: what a controller and its namespace offer, and reading past the cache.
#include <array>

#include "firmware/command_set.h"
#include "firmware/fields.h"
#include "firmware/nvme_exchange.h"
#include "firmware/nvme_format.h"
#include "firmware/nvme_health.h"
#include "firmware/nvme_identify.h"
#include "firmware/nvme_sanitize.h"
#include "firmware/nvme_status.h"

namespace quietus {
namespace {

using namespace nvme;

constexpr std::array kSanitizes{Method::sanitize_crypto, Method::sanitize_block,
                                Method::sanitize_overwrite};

// As evidence: up to FNA and what follows it; up to the last LBA format.
constexpr std::size_t kControllerEvidence = 544;
constexpr std::size_t kNamespaceEvidence = 384;

constexpr std::uint8_t kRead = 0x02;                   // NVM command set, NVM Express 1.3, 6.9
constexpr std::uint32_t kForceUnitAccess = 1U << 30U;  // CDW12
constexpr std::uint32_t kMostBlocks = 1U << 16U;

bool answers(Medium& drive) {
  const Result<Bytes> bytes = read_controller(drive);
  return bytes && controller_from(*bytes);
}

/// What was learnt of a drive so far.
struct Known {
  Controller controller;
  Result<Namespace> space;
};

void survey_sanitize(const Known& known, const Result<Bytes>& log_bytes, DriveAbilities& found) {
  const Result<SanitizeLog> log =
      log_bytes ? sanitize_log_from(*log_bytes) : Result<SanitizeLog>(log_bytes.error());
  for (const Method method : kSanitizes) {
    MethodAbility& row = ability_of(found, method);
    const SanitizeAction action = *action_of(method);
    row.command = name_of(action);
    row.beyond_target = true;
    row.why.clear();
    if (!offers(known.controller, action)) {
      rule_out(found, method, Answer::no, "the controller does not offer it (SANICAP)");
    } else if (!log) {
      rule_out(found, method, Answer::unknown,
               "the controller offers it, but nothing would tell what became of it: " +
                   log.error().what);
    } else {
      row.supported = Answer::yes;
      row.estimate_s = estimate_of(*log, action);
    }
  }
  if (log && log->state == SanitizeState::running) add_state(found, "sanitize_running");
  if (log && log->state == SanitizeState::failed) add_state(found, "sanitize_failed");
}

void survey_format(const Known& known, DriveAbilities& found) {
  MethodAbility& row = ability_of(found, Method::format);
  const EraseSetting setting = setting_of(known.controller);
  row.command = name_of(setting);
  row.beyond_target = known.controller.format_hits_all || known.controller.erase_hits_all;
  row.why.clear();
  if (!known.controller.has_format) {
    rule_out(found, Method::format, Answer::no, "the controller has no Format NVM (OACS)");
    return;
  }
  if (!known.space) {
    rule_out(found, Method::format, Answer::unknown, known.space.error().what);
    return;
  }
  row.supported = Answer::yes;
  found.format_ses = static_cast<std::uint32_t>(setting);
  if (known.space->format_runs) add_state(found, "format_running");
}

Result<Namespace> decoded_namespace(const Result<Bytes>& bytes) {
  if (!bytes) return bytes.error();
  return namespace_from(*bytes);
}

Result<Bytes> namespace_bytes(Medium& drive) {
  const Result<std::uint32_t> number = namespace_of(drive);
  if (!number) return number.error();
  return read_namespace(drive, *number);
}

void add_raw(DriveAbilities& found, std::string what, const Result<Bytes>& bytes,
             std::size_t count) {
  if (bytes) found.raw.push_back({std::move(what), {}, first_bytes(*bytes, count)});
}

/// There is nothing like an HPA: what a namespace has, it shows.
HiddenAreaFacts nothing_hidden(std::uint64_t size_bytes) {
  HiddenAreaFacts hidden;
  hidden.present = Answer::no;
  hidden.accessible_bytes = size_bytes;
  hidden.native_bytes = size_bytes;
  return hidden;
}

HiddenAreaFacts hidden_area(Medium& drive) {
  const Result<Namespace> space = decoded_namespace(namespace_bytes(drive));
  return nothing_hidden(space ? space->size_bytes() : 0);
}

Result<HiddenAreaFacts> restore(Medium& drive) { return hidden_area(drive); }

void survey_drive(Medium& drive, const DeviceFacts& /*facts*/, DriveAbilities& found) {
  const Result<Bytes> controller_bytes = read_controller(drive);
  const Result<Controller> controller = controller_bytes
                                            ? controller_from(*controller_bytes)
                                            : Result<Controller>(controller_bytes.error());
  rule_out(found, Method::secure_erase, Answer::no, "NVMe has no such command");
  if (!controller) {
    found.unknown_why = controller.error().what;
    return;
  }
  const Result<Bytes> space_bytes = namespace_bytes(drive);
  const Result<Bytes> log_bytes = read_sanitize_log(drive);
  const Known known{*controller, decoded_namespace(space_bytes)};
  const Result<DriveIdentity> identity = nvme::read_identity(drive);
  if (identity) {
    found.identity = *identity;
  } else {
    found.unknown_why = identity.error().what;
  }
  if (controller->manages_namespaces) {
    if (auto all = read_allocated(drive)) found.namespaces = std::move(*all);
  }
  survey_sanitize(known, log_bytes, found);
  survey_format(known, found);
  found.hidden = nothing_hidden(known.space ? known.space->size_bytes() : 0);
  found.health = nvme::read_health(drive);
  add_raw(found, "nvme_identify_controller", controller_bytes, kControllerEvidence);
  add_raw(found, "nvme_identify_namespace", space_bytes, kNamespaceEvidence);
  add_raw(found, "nvme_log_81h", log_bytes, log_bytes ? log_bytes->size() : 0);
}

/// Checks that a read of whole blocks can give it.
Result<NvmeCommand> read_command(const Namespace& space, std::uint32_t namespace_id,
                                 std::uint64_t offset, std::uint32_t bytes) {
  if (space.metadata_bytes != 0) {
    return Error{Errc::unsupported, 0, "the blocks have metadata of their own"};
  }
  if (bytes == 0 || offset % space.block_bytes != 0 || bytes % space.block_bytes != 0 ||
      bytes / space.block_bytes > kMostBlocks) {
    return Error{Errc::invalid, 0, "the read is not one of whole blocks"};
  }
  const std::uint64_t first = offset / space.block_bytes;
  NvmeCommand command;
  command.queue = NvmeCommand::Queue::io;
  command.opcode = kRead;
  command.namespace_id = namespace_id;
  command.cdw10 = static_cast<std::uint32_t>(first & 0xFFFFFFFFU);
  command.cdw11 = static_cast<std::uint32_t>(first >> 32U);
  command.cdw12 = kForceUnitAccess | (bytes / space.block_bytes - 1);
  command.data.in_bytes = bytes;
  return command;
}

Result<Bytes> read_past_cache(Medium& drive, const DriveAbilities& abilities, std::uint64_t offset,
                              std::uint32_t bytes) {
  const std::uint32_t number = abilities.identity.namespace_id;
  const Result<Bytes> space_bytes = read_namespace(drive, number);
  if (!space_bytes) return space_bytes.error();
  const Result<Namespace> space = namespace_from(*space_bytes);
  if (!space) return space.error();
  const Result<NvmeCommand> command = read_command(*space, number, offset, bytes);
  if (!command) return command.error();
  return ask(drive, *command, "Read with force unit access");
}

std::unique_ptr<Operation> operation(Medium& drive, const DriveAbilities& abilities,
                                     const ActionRequest& request) {
  if (request.method == Method::format) return format_operation(drive, abilities);
  return sanitize_operation(drive, request);
}

}  // namespace

const CommandSetRow& nvme_commands() {
  static constexpr CommandSetRow kRow{
      CommandSet::nvme, answers, survey_drive,    nvme::read_identity,       nvme::read_health,
      hidden_area,      restore, read_past_cache, nvme::leave_failure_state, operation};
  return kRow;
}

}  // namespace quietus
