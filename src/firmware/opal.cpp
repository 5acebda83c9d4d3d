// SPDX-License-Identifier: GPL-3.0-or-later
// The system speaks TCG; what it hands on is a bit field and the status of a method.
#include "firmware/opal.h"

#include <algorithm>
#include <array>
#include <utility>

namespace quietus {
namespace {

constexpr std::string_view kCommand =
    "Revert of the Admin SP by the PSID authority (TCG Storage Opal SSC, feature set PSID)";
constexpr std::uint32_t kAskTimeoutMs = 20'000;

struct StatusRow {
  std::int64_t code;
  std::string_view words;
};

// TCG Storage Architecture Core 2.01, 5.1.5.
constexpr std::array kStatuses{
    StatusRow{0x01, "not authorized: the PSID is wrong"},
    StatusRow{0x03, "the security provider is busy"},
    StatusRow{0x04, "the security provider failed"},
    StatusRow{0x05, "the security provider is disabled"},
    StatusRow{0x06, "the security provider is frozen"},
    StatusRow{0x07, "no sessions available"},
    StatusRow{0x0C, "invalid parameter"},
    StatusRow{0x0F, "the trusted peripheral is at fault"},
    StatusRow{0x12, "authority locked out: too many wrong PSIDs, it needs a power cycle"},
    StatusRow{0x3F, "the method failed"},
};

std::string words_of(std::int64_t status) {
  const auto* const row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                       [&](const StatusRow& one) { return one.code == status; });
  if (row == kStatuses.end()) return "method status " + std::to_string(status);
  return std::string(row->words);
}

Result<OpalReply> opal_reply(const Result<DeviceReply>& reply) {
  if (!reply) return reply.error();
  const auto* opal = std::get_if<OpalReply>(&*reply);
  if (opal == nullptr) return Error{Errc::malformed, 0, "the answer is not one of TCG Opal"};
  return *opal;
}

Bytes raw_of(std::int64_t result) {
  Bytes bytes;
  for (const unsigned shift : {56U, 48U, 40U, 32U, 24U, 16U, 8U, 0U}) {
    bytes.push_back(static_cast<std::byte>(static_cast<std::uint64_t>(result) >> shift & 0xFFU));
  }
  return bytes;
}

class RevertOperation final : public Operation {
 public:
  RevertOperation(Medium& drive, std::string psid) : drive_(drive), psid_(std::move(psid)) {}

  [[nodiscard]] std::string command() const override { return std::string(kCommand); }
  [[nodiscard]] Status start() override;
  [[nodiscard]] OperationStatus look() override;

 private:
  Medium& drive_;
  std::string psid_;
  std::unique_ptr<PendingCommand> pending_;
};

Status RevertOperation::start() {
  if (psid_.empty()) return Error{Errc::invalid, 0, "there is no PSID"};
  // No time limit: a drive that is given up in the middle is reset.
  auto begun = drive_.begin({OpalCommand{OpalCommand::What::psid_revert, psid_}, 0});
  if (!begun) return begun.error();
  pending_ = std::move(*begun);
  return {};
}

OperationStatus RevertOperation::look() {
  OperationStatus status;
  if (pending_ == nullptr) {
    status.text = "the drive keeps no record of a revert";
    return status;
  }
  const std::optional<Result<DeviceReply>> over = pending_->poll();
  if (!over) {
    status.state = OperationState::running;
    status.text = "the drive has not answered the revert yet";
    return status;
  }
  const Result<OpalReply> reply = opal_reply(*over);
  if (!reply) {
    status.text = "what became of the revert is not known: " + reply.error().what;
    return status;
  }
  status.raw.push_back({"opal_status", {}, raw_of(reply->result)});
  status.state = reply->result == 0 ? OperationState::succeeded : OperationState::failed;
  status.text = reply->result == 0 ? "the drive says that the revert succeeded"
                                   : "the drive refused the revert: " + words_of(reply->result);
  return status;
}

}  // namespace

void survey_opal(Medium& drive, DriveAbilities& found) {
  MethodAbility& row = ability_of(found, Method::opal_psid);
  row.command = kCommand;
  row.beyond_target = true;
  const auto answer = drive.execute({OpalCommand{}, kAskTimeoutMs});
  const Result<OpalReply> reply = opal_reply(answer);
  if (!reply) {
    const bool none = reply.error().code == Errc::unsupported;
    rule_out(found, Method::opal_psid, none ? Answer::no : Answer::unknown,
             none ? "the system finds no TCG Opal on it" : reply.error().what);
    return;
  }
  if (reply->result != 0) {
    rule_out(found, Method::opal_psid, Answer::unknown, words_of(reply->result));
    return;
  }
  if ((reply->flags & opal_supported) == 0) {
    rule_out(found, Method::opal_psid, Answer::no, "the drive has no TCG Opal");
    return;
  }
  row.supported = Answer::yes;
  row.why.clear();
  add_state(found, "opal_present");
  if ((reply->flags & opal_locked) != 0) add_state(found, "opal_locked");
}

std::unique_ptr<Operation> opal_operation(Medium& drive, const ActionRequest& request) {
  return std::make_unique<RevertOperation>(drive, request.psid);
}

}  // namespace quietus
